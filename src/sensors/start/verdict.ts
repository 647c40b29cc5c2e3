import type { Audit } from '../audit/audit'
import type { RollupAudit } from '../audit/audit-rollup'
import { type Difference, faultsOf } from '../audit/compare'
import { compareReceived } from '../audit/compare-received'
import type { Latency, ObserverReport } from '../audit/observer-messages'
import type { FleetReport } from '../simulator/fleet'

export interface RunResult {
  readonly audit: Audit
  readonly fleet: FleetReport
  readonly observed: ObserverReport
  readonly lag: number
  /** With a duration every window has to be closed at the end. */
  readonly allClosed: boolean
  /** How often the topology was started again. */
  readonly restarts: number
  /** Whether a service or the topology failed on the way: then raw MQTT may repeat itself. */
  readonly disturbed: boolean
}

export interface Verdict {
  /** What disagrees; empty when all is well. */
  readonly faults: readonly string[]
  /** The table, line by line. */
  readonly lines: readonly string[]
}

const number = (value: number) => value.toLocaleString('en-US')
const ms = (value: number | undefined) => (value === undefined ? '-' : `${Math.round(value)} ms`)
const quantiles = ({ p50, p99, count }: Latency) => `p50 ${ms(p50)}, p99 ${ms(p99)} (${number(count)} seen)`
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

function wrongs({ missing, extra, unequal, twice }: Difference): string {
  return `${missing.count} missing, ${extra.count} extra, ${unequal.count} unequal, ${twice.count} twice`
}

function rollupLines({ name, expected, late, inKafka, inPostgres, open, inStore }: RollupAudit): [string, string][] {
  const rows: [string, string][] = [
    [`windows of ${name} expected`, `${number(expected)} (${number(late)} readings late)`],
    [`  in Kafka`, `${number(inKafka.found)}: ${wrongs(inKafka)}`],
    [`  in Postgres`, `${number(inPostgres.found)}: ${wrongs(inPostgres)}`],
  ]
  const stillOpen = `${number(open)}${open + inStore.found > 0 ? `, in the store ${wrongs(inStore)}` : ''}`
  return [...rows, ['  still open', stillOpen]]
}

function rollupFaults(rollup: RollupAudit, allClosed: boolean): string[] {
  const { name, inKafka, inPostgres, inStore, open } = rollup
  return [
    ...faultsOf(`windows of ${name} in Kafka`, inKafka),
    ...faultsOf(`windows of ${name} in Postgres`, inPostgres),
    ...faultsOf(`open windows of ${name} in the store`, inStore),
    ...(allClosed && open > 0 ? [`windows of ${name}: ${open} are still open`] : []),
  ]
}

/** Acknowledged and in the log have to be one, partition by partition; others may have produced too. */
function fleetFaults({ audit, fleet }: RunResult): string[] {
  const lost = fleet.partitions.flatMap((acknowledged, partition) => {
    const inLog = audit.produced[partition] ?? 0
    return inLog < acknowledged ? [`partition ${partition}: ${acknowledged} acknowledged, ${inLog} in the log`] : []
  })
  return lost.length === 0 ? [] : [`acknowledged readings are not in the log: ${lost.join('; ')}`]
}

function receivedFaults({ audit, observed, disturbed }: RunResult): string[] {
  const { missing, extra } = compareReceived(audit.set, observed)
  const faults: string[] = []
  if (missing.count > 0) faults.push(`subscriber: ${missing.count} readings missing, as ${missing.examples.join('; ')}`)
  if (extra.count > 0) faults.push(`subscriber: ${extra.count} readings too many, as ${extra.examples.join('; ')}`)
  if (observed.foreign > 0) faults.push(`subscriber: ${observed.foreign} messages that are no readings`)
  const repeated = observed.duplicates - audit.set.duplicates
  if (repeated > 0 && !disturbed) faults.push(`subscriber: ${repeated} duplicates although nothing failed`)
  return faults
}

/** Judges a run. */
export function verdictOf(result: RunResult): Verdict {
  const { audit, fleet, observed, lag, allClosed, restarts } = result
  const { deadLetters, unordered, rows } = audit
  const produced = sum(audit.produced)
  const others = produced > fleet.acknowledged ? ` (${number(produced)} in the log: others produced too)` : ''
  const table: [string, string][] = [
    ['readings acknowledged', `${number(fleet.acknowledged)}${others}`],
    ['readings to process', number(audit.readings)],
    ['raw rows', `${number(rows.found)}: ${wrongs(rows)}`],
    ['  distinct (partition, offset)', number(audit.distinctRows)],
    ...(deadLetters.expected + deadLetters.found > 0
      ? [['dead letters', `${number(deadLetters.found)} of ${number(deadLetters.expected)}`] as [string, string]]
      : []),
    ...audit.rollups.flatMap(rollupLines),
    ...(unordered.length > 0
      ? [
          ['  sums but for rounding', `partitions ${unordered.join(', ')}: readings came there by two topics`] as [
            string,
            string,
          ],
        ]
      : []),
    ['distinct readings at the subscriber', `${number(observed.distinct)} of ${number(audit.set.distinct)}`],
    [
      '  duplicates',
      `${number(observed.duplicates)}${restarts > 0 ? ` (the topology was started ${restarts + 1} times)` : ''}`,
    ],
    ['lag', number(lag)],
    ['latency to the subscriber', quantiles(observed.toSubscriber)],
    ['latency to the first SELECT', quantiles(observed.toSelect)],
  ]
  const faults = [
    ...fleetFaults(result),
    ...faultsOf('raw rows', rows),
    ...(deadLetters.expected === deadLetters.found
      ? []
      : [`dead letters: ${deadLetters.found}, and ${deadLetters.expected} readings were bad`]),
    ...audit.rollups.flatMap(rollup => rollupFaults(rollup, allClosed)),
    ...receivedFaults(result),
    ...(lag > 0 ? [`lag: ${lag} records are not processed`] : []),
  ]
  const width = Math.max(...table.map(([name]) => name.length))
  return { faults, lines: table.map(([name, value]) => `${name.padEnd(width)}  ${value}`) }
}
