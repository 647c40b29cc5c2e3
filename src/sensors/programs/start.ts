import { Command } from 'commander'
import { exitCode, oneLine } from '../../cli/shared/exit-code'
import { loadTopology } from '../../cli/shared/load-topology'
import { onInterrupt } from '../../cli/shared/on-interrupt'
import { whole } from '../../cli/shared/parse'
import { duration } from '../../codecs/duration'
import { UsageError } from '../../ops/errors'
import { runStart } from '../start/run'
import { checkConfiguration } from '../start/services'

const file = 'topology/sensors.ts'

interface Options {
  readonly sensors: number
  readonly rate: number | 'max'
  readonly duration?: number
  readonly acceptNewState?: boolean
  readonly dashboard: boolean
}

function rate(text: string): number | 'max' {
  const value = Number(text)
  if (text === 'max' || value > 0) return text === 'max' ? text : value
  throw new UsageError(`rate must be a number above 0, or max, not "${text}"`)
}

async function run({ sensors, rate, duration, acceptNewState = false, dashboard }: Options): Promise<void> {
  checkConfiguration()
  const stop = new AbortController()
  const abort = new AbortController()
  // The first one ends the fleet, a later one everything.
  onInterrupt(
    () => stop.abort(),
    () => abort.abort(),
  )
  const fleet = { sensors, rate, ...(duration !== undefined && { durationMs: duration }) }
  const out = process.stdout
  const verdict = await runStart({
    ...{ topology: await loadTopology(file), file, acceptNewState, fleet, dashboard, out },
    stop: stop.signal,
    abort: abort.signal,
  })
  out.write(`\n${verdict.lines.join('\n')}\n\n`)
  for (const fault of verdict.faults) out.write(`disagrees: ${fault}\n`)
  if (verdict.faults.length === 0) out.write('all agree\n')
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
}

new Command('start')
  .description('the whole job on the local stack: a fleet, the topology, and a comparison of all ends when it is over')
  .option('--sensors <n>', 'number of sensors, with ids from 1', whole('sensors', 1), 2000)
  .option('--rate <hz>', 'readings per second of each sensor, or max', rate, 10)
  .option('--duration <time>', 'how long: 60s, 5m (default: until Ctrl-C)', duration)
  .option('--accept-new-state', "begin stores anew whose former state doesn't fit an edited topology")
  .option('--no-dashboard', 'serve no page of what happens')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync()
  .then(() => process.exit())
  .catch((error: unknown) => {
    process.stderr.write(`start: ${oneLine(error)}\n`)
    process.exit(exitCode(error))
  })
