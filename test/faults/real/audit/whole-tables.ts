import { copyRows } from '../../../../src/connectors/postgres/copy-rows'
import { compareWindows, Faults, faultsOf } from '../../../../src/sensors/audit/compare'
import type { Window } from '../../../../src/sensors/audit/oracle'
import { tableWindows } from '../../../../src/sensors/audit/read-rollups'
import type { AuditEnds } from '../../../../src/sensors/audit/run-start'
import type { RollupSpec } from '../../../../src/sensors/audit/sensors-job'

// What the tables hold of a whole run. A look compares the rows of its own stretch alone: what is written again into an older one, or where no
// window was to be, is seen here.

/** The raw rows of a partition. */
export interface RowCounts {
  readonly rows: number
  readonly distinct: number
}

/** Places of the source that have more than one row. */
export interface RepeatedRow {
  readonly partition: number
  readonly offset: number
  readonly rows: number
}

/** @throws UnavailableError while Postgres does not answer */
export async function wholeRows(
  { databaseUrl }: Pick<AuditEnds, 'databaseUrl'>,
  table: string,
): Promise<{ counts: Map<number, RowCounts>; repeated: RepeatedRow[] }> {
  const counts = new Map<number, RowCounts>()
  const each = `SELECT kafka_partition, kafka_offset, count(*) AS rows FROM ${table} GROUP BY 1, 2`
  const sums = `SELECT kafka_partition, sum(rows)::bigint, count(*) FROM (${each}) AS places GROUP BY 1`
  await copyRows(databaseUrl, sums, row => counts.set(row.int(0), { rows: row.long(1), distinct: row.long(2) }))
  const repeated: RepeatedRow[] = []
  await copyRows(databaseUrl, `${each} HAVING count(*) > 1`, row =>
    repeated.push({ partition: row.int(0), offset: row.long(1), rows: row.long(2) }),
  )
  return { counts, repeated }
}

/** `readings`: how many the log has, by partition. */
export function rowFaults(
  readings: readonly number[],
  counts: ReadonlyMap<number, RowCounts>,
  repeated: readonly RepeatedRow[],
): string[] {
  const twice = new Faults()
  for (const { partition, offset, rows } of repeated)
    twice.add(`partition ${partition} offset ${offset} in ${rows} rows`)
  const faults = twice.count === 0 ? [] : [`all raw rows: ${twice.count} twice, as ${twice.examples.join('; ')}`]
  for (const partition of new Set([...readings.keys(), ...counts.keys()])) {
    const log = readings[partition] ?? 0
    const { distinct } = counts.get(partition) ?? { distinct: 0 }
    if (distinct === log) continue
    const kind = distinct < log ? 'missing' : 'extra'
    faults.push(`all raw rows: ${Math.abs(distinct - log)} ${kind} in partition ${partition}, where ${log} are right`)
  }
  return faults
}

/** The whole table of a rollup against all windows that have closed: each once, and no others. */
export const windowFaults = (table: string, closed: ReadonlyMap<string, Window>, rows: readonly Window[]): string[] =>
  faultsOf(`the whole table ${table}`, compareWindows(closed, rows))

/** `closed`: by rollup. */
export async function wholeTableFaults(
  ends: AuditEnds,
  table: string,
  readings: readonly number[],
  closed: ReadonlyMap<RollupSpec, ReadonlyMap<string, Window>>,
): Promise<string[]> {
  const { counts, repeated } = await wholeRows(ends, table)
  const faults = rowFaults(readings, counts, repeated)
  for (const [rollup, windows] of closed)
    faults.push(...windowFaults(rollup.table, windows, await tableWindows(ends, rollup, -1)))
  return faults
}
