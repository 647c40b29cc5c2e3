import { Command } from 'commander'
import { exitCode, oneLine } from '../../cli/shared/exit-code'
import { onInterrupt } from '../../cli/shared/on-interrupt'
import { whole } from '../../cli/shared/parse'
import { duration } from '../../codecs/duration'
import { readConfig } from '../../config'
import { ConfigError } from '../../errors'
import { log } from '../../log'
import { UsageError } from '../../ops/errors'
import { parseTime } from '../../ops/time'
import { type Fleet, type FleetReport, startFleet } from '../simulator/fleet'
import type { FleetOptions } from '../simulator/fleet-options'

interface Options {
  readonly sensors: number
  readonly rate: number | 'max'
  readonly duration?: number
  readonly count?: number
  readonly start?: number
  readonly json?: boolean
  readonly key: boolean
  readonly seed?: number
  readonly late: number
  readonly lateBy: number
  readonly duplicates: number
  readonly outOfOrder: number
  readonly topic: string
  readonly brokers?: string
  readonly registry?: string
}

const progressEveryMs = 5000

function rate(text: string): number | 'max' {
  return text === 'max' ? 'max' : number(text)
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`"${text}" is no number`)
  return value
}

const time = (text: string) => parseTime(text, Date.now())

function fleetOptions(options: Options): FleetOptions {
  const config = readConfig()
  // The logger was made before `.env` was read.
  log.level = config.logLevel
  const brokers = options.brokers?.split(',').map(broker => broker.trim())
  return {
    ...{ sensors: options.sensors, rate: options.rate, keyed: options.key, json: options.json ?? false },
    ...{ late: options.late, lateByMs: options.lateBy, duplicates: options.duplicates, outOfOrder: options.outOfOrder },
    ...(options.duration === undefined ? {} : { durationMs: options.duration }),
    ...(options.count === undefined ? {} : { count: options.count }),
    ...(options.start === undefined ? {} : { startMs: options.start }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    topic: options.topic,
    kafka: { ...config.kafka, ...(brokers && { brokers }) },
    registryUrl: options.registry ?? config.registryUrl,
  }
}

const count = (value: number) => value.toLocaleString('en-US')

function print(report: FleetReport): void {
  const perSecond = report.elapsedMs > 0 ? Math.round((report.acknowledged / report.elapsedMs) * 1000) : 0
  const faults = `${count(report.late)} late, ${count(report.duplicates)} duplicates, ${count(report.outOfOrder)} out of order`
  console.log(
    `acknowledged   ${count(report.acknowledged)} records in ${(report.elapsedMs / 1000).toFixed(1)} s (${count(perSecond)}/s)`,
  )
  console.log(`readings       ${count(report.readings)}, of them ${faults}`)
  console.log(`partitions     ${report.partitions.map((records, p) => `${p}: ${count(records)}`).join('  ')}`)
  console.log(`seed           ${report.seed}`)
}

/** Tells how it goes while it goes on; not of a fleet that ends before. */
function showProgress(fleet: Fleet): NodeJS.Timeout {
  let before = 0
  return setInterval(() => {
    const { acknowledged } = fleet.counters
    console.error(
      `simulate: ${count(acknowledged)} acknowledged, ${count((acknowledged - before) / (progressEveryMs / 1000))}/s`,
    )
    before = acknowledged
  }, progressEveryMs)
}

/** Where what is under way isn't waited for. */
function printUnknown({ counters: { acknowledged, inFlight } }: Fleet): void {
  console.error(`simulate: ${count(acknowledged)} records are acknowledged, of ${count(inFlight)} it is not known`)
}

async function run(options: Options): Promise<void> {
  const fleet = startFleet(fleetOptions(options))
  onInterrupt(
    () => void fleet.stop().catch(() => {}),
    () => {
      printUnknown(fleet)
      process.exit(130)
    },
  )
  const progress = showProgress(fleet)
  try {
    print(await fleet.done)
  } catch (error) {
    if (!(error instanceof ConfigError)) printUnknown(fleet)
    throw error
  } finally {
    clearInterval(progress)
  }
}

new Command('simulate')
  .description('a fleet of sensors that sends readings to Kafka until its duration is over, or Ctrl-C')
  .option('--sensors <n>', 'number of sensors, with ids from 1', whole('sensors', 1), 2000)
  .option('--rate <hz>', 'readings per second of each sensor, or max', rate, 10)
  .option('--duration <time>', 'how long: 500ms, 60s, 5m (default: until Ctrl-C)', duration)
  .option('--count <n>', 'how many readings, duplicates not counted', whole('count', 1))
  .option('--start <time>', 'begin then: event times by the pace alone, what is due already at once', time)
  .option('--json', 'plain JSON values instead of Avro')
  .option('--no-key', 'records without key, to the partitions in turn')
  .option('--seed <n>', 'the same temperatures and faults again', whole('seed'))
  .option('--late <share>', 'share of readings with an earlier time, 0 to 1', number, 0)
  .option('--late-by <time>', 'how much earlier', duration, 30_000)
  .option('--duplicates <share>', 'share of readings sent twice, 0 to 1', number, 0)
  .option('--out-of-order <share>', 'share of readings sent after later ones of their sensor, 0 to 1', number, 0)
  .option('--topic <name>', 'where to', 'sensor_data')
  .option('-b, --brokers <host:port,...>', 'Kafka brokers (KAFKA_BROKERS, else the local stack)')
  .option('--registry <url>', 'schema registry (SCHEMA_REGISTRY_URL, else the local stack)')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(`simulate: ${oneLine(error)}`)
    process.exitCode = exitCode(error)
  })
