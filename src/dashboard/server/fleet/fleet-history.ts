import type { History } from '../../../connectors/postgres/history'
import type { HistoryReader } from '../../../connectors/postgres/history-reader'
import type { FleetHistory } from '../../contract/fleet'
import { completenessOf } from './completeness'

export interface AskedHistory {
  readonly field: string
  readonly key: string
  readonly from: number
  readonly to: number
}

/** A chart is about this many pixels wide: more rows can't be seen. */
const mostRows = 1_500
/** Single readings are asked for over this long at most, ms: their table has no index by key. */
const longestRawMs = 5 * 60_000

/** Half a microsecond, ms. Times are whole microseconds, so that nothing lies between a reading and this much later. */
const leastMs = 0.0005

/** What the database's tables tell of a key; nothing where no database is known. */
export async function fleetHistory(
  reader: Pick<HistoryReader, 'read'> | undefined,
  { field, key, from, to }: AskedHistory,
): Promise<FleetHistory> {
  if (reader === undefined) return historyOf({ rollups: [], readings: undefined }, to - from)
  const figure = field.split('.').at(-1) ?? field
  return historyOf(await reader.read({ figure, key, fromMs: from, toMs: to, longestRawMs }), to - from)
}

/** Chooses the rollup with the shortest windows of which a chart can still show every row. */
export function historyOf({ rollups, readings }: History, spanMs: number): FleetHistory {
  const sized = rollups
    .filter(({ rows }) => rows.length > 0)
    .map(({ table, rows }) => ({ table, rows, everyMs: sizeOf(rows[0]) }))
  const chosen = sized.find(({ everyMs }) => spanMs / everyMs <= mostRows) ?? sized.at(-1)
  const times = chosen?.rows.map(({ fromMs }) => fromMs) ?? []
  const counts = chosen?.rows.map(row => row.count) ?? []
  const lastReading = readings?.timesMs.at(-1)
  return {
    rollups:
      chosen === undefined
        ? null
        : {
            ...{ table: chosen.table, everyMs: chosen.everyMs, fromMs: times, count: counts },
            low: chosen.rows.map(({ low }) => low),
            high: chosen.rows.map(({ high }) => high),
            mean: chosen.rows.map(({ mean }) => mean),
          },
    readings: readings ?? null,
    storedUntilMs: (lastReading === undefined ? undefined : lastReading + leastMs) ?? chosen?.rows.at(-1)?.toMs ?? null,
    completeness: chosen === undefined ? null : completenessOf(times, counts, chosen.everyMs),
  }
}

const sizeOf = (row: { readonly fromMs: number; readonly toMs: number } | undefined) =>
  row === undefined ? 0 : row.toMs - row.fromMs
