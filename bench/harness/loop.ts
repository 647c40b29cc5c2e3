import { createAdmin } from '../../src/connectors/kafka'
import type { Contestant } from './contestant'
import type { Load } from './load'
import type { Services } from './services'
import { command, jobContestant } from './weir'

/** The limit loop: the job's tables and topics, no engine. */
export function loopContestant(load: Load, services: Services): Contestant {
  const group = (run: string) => `bench-loop-${run}`
  return {
    ...jobContestant(load, services),
    name: 'limit loop',
    guarantee: 'none',
    command: command('bench/limit-loop.ts'),
    environment: run => ({ ...services.environment, BENCH_APPLICATION: group(run), BENCH_TOPIC: load.topic }),
    async cleanUp(run) {
      const admin = createAdmin(services.kafka)
      await admin.connect()
      await admin.deleteGroups([group(run)]).catch(() => undefined)
      await admin.disconnect()
    },
  }
}
