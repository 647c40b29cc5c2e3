import { dirname, join } from 'node:path'
import { lock } from '../../src/stack/lock'
import { type ServiceName, type Stack, serviceNames, startStack } from '../../src/stack/stack'

const anyPorts = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }

let light = false

/** What this file tests is tested with Kafka and the registry in memory, beside the lane's own services. */
export function useLight(): void {
  light = true
}
export const isLight = (): boolean => light

/** Where this file's lane keeps its services. The files of a lane run one after the other; each lane has services of its own. */
export function laneHome(): string {
  const run = process.env.WEIR_TEST_HOME
  if (run === undefined) throw new Error('scenarios run by `npm test -- --only scenarios [-- <file>]`')
  return join(run, `${light ? 'light-' : ''}lane-${process.env.JEST_WORKER_ID}`)
}

/**
 * The services of this file's lane, started where they don't run yet. A file may stop and start them; it leaves them running, and
 * its topics, groups and tables behind, so others need names of their own. They end with the run.
 */
export async function laneServices(services: readonly ServiceName[] = serviceNames): Promise<Stack> {
  const home = laneHome()
  // One lane after the other: two that looked for free ports at the same moment could find the same one.
  const unlock = await lock(join(dirname(dirname(home)), 'starting'), {
    signal: new AbortController().signal,
    onWait: () => {},
  })
  try {
    return await startStack({ home, services, ports: anyPorts, attached: true, light })
  } finally {
    unlock()
  }
}
