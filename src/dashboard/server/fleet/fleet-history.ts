import { type History, readHistory } from '../../../connectors/postgres/history'
import type { FleetHistory } from '../../contract/fleet'
import { completenessOf } from './completeness'

export interface AskedHistory {
  readonly field: string
  readonly key: string
  readonly from: number
  readonly to: number
}

/** A chart has about so many px: more rows can't be told apart. */
const mostRows = 1_500
/** A table of readings is looked through for so long a stretch at most, ms. */
const longestRawMs = 5 * 60_000

/** Times are whole microseconds: what comes behind a reading is more than so much later, ms. */
const leastMs = 0.0005

/** What the database's tables tell of a key. Undefined `databaseUrl`: nothing. */
export async function fleetHistory(
  databaseUrl: string | undefined,
  { field, key, from, to }: AskedHistory,
): Promise<FleetHistory> {
  if (databaseUrl === undefined) return historyOf({ rollups: [], readings: undefined }, to - from)
  const figure = field.split('.').at(-1) ?? field
  return historyOf(await readHistory({ databaseUrl, figure, key, fromMs: from, toMs: to, longestRawMs }), to - from)
}

/** Of several rollups the finest that a chart can show. */
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
