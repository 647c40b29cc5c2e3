import { quoted, quotedTable } from './columns'
import { type FoundColumn, historyTables, type RawTable, type RollupTable } from './history-tables'
import type { PostgresClient } from './postgres-client'
import { sql } from './sql-files'

const historyColumns = sql('history-columns')

export interface HistoryQuestion {
  /** The figure's column in a table of readings, and within the names of a rollup's columns. */
  readonly figure: string
  /** What the rows are of, as text. */
  readonly key: string
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Readings are asked for when the stretch is at most so long, ms: tables of them have no index by key. */
  readonly longestRawMs: number
}

/** One stretch of time of a rollup. Times in ms since 1970; `count` is 0 where the table doesn't say. */
export interface RollupRow {
  readonly fromMs: number
  readonly toMs: number
  readonly low: number
  readonly high: number
  readonly mean: number
  readonly count: number
}

export interface History {
  /** Of each rollup table, the finest first, oldest row first. */
  readonly rollups: readonly { readonly table: string; readonly rows: readonly RollupRow[] }[]
  /** Undefined where no table has them, or where it would have taken too long. */
  readonly readings:
    | { readonly table: string; readonly timesMs: readonly number[]; readonly values: readonly number[] }
    | undefined
}

const mostRows = 5_000
const mostReadings = 20_000

/** The columns of all tables of the search path: tables are known by them, so that whoever wrote them needn't be asked. */
export async function columnsOf(client: PostgresClient): Promise<readonly FoundColumn[]> {
  return (await client.query<FoundColumn>(historyColumns)).rows
}

/** What tables with these columns tell of one key over time. Throws what Postgres throws. */
export async function readHistory(
  client: PostgresClient,
  columns: readonly FoundColumn[],
  question: HistoryQuestion,
): Promise<History> {
  const tables = historyTables(columns, question.figure)
  const rollups = []
  for (const table of tables)
    if (table.kind === 'rollup') rollups.push({ table: table.table, rows: await rollupRows(client, table, question) })
  rollups.sort((a, b) => sizeOf(a.rows) - sizeOf(b.rows))
  const raw = tables.find(each => each.kind === 'raw')
  const isShort = question.toMs - question.fromMs <= question.longestRawMs
  return { rollups, readings: raw !== undefined && isShort ? await readings(client, raw, question) : undefined }
}

const sizeOf = ([first]: readonly RollupRow[]) =>
  first === undefined ? Number.POSITIVE_INFINITY : first.toMs - first.fromMs

/** The key as the column's type has it; undefined for one that no row can have. */
function keyFor({ type }: FoundColumn, key: string): string | undefined {
  if (type.startsWith('text') || type === 'character varying') return key
  if (type === 'uuid') return /^[0-9a-f-]{36}$/i.test(key) ? key : undefined
  return /^-?\d{1,18}$/.test(key) ? key : undefined
}

const msOf = (column: string) => `(extract(epoch FROM ${quoted(column)}) * 1000)::double precision`

async function rollupRows(client: PostgresClient, table: RollupTable, asked: HistoryQuestion): Promise<RollupRow[]> {
  const key = keyFor(table.identity, asked.key)
  if (key === undefined) return []
  const figure = (column: string | undefined, otherwise: string) =>
    column === undefined ? otherwise : `${quoted(column)}::double precision`
  const text = `SELECT ${msOf(table.start)} AS "fromMs", ${table.end === undefined ? 'NULL' : msOf(table.end)} AS "toMs",
    ${figure(table.low, 'NULL')} AS low, ${figure(table.high, 'NULL')} AS high,
    ${figure(table.mean, `(${quoted(table.low)} + ${quoted(table.high)})::double precision / 2`)} AS mean, ${figure(table.count, '0')} AS count
    FROM ${quotedTable(table.table)}
    WHERE ${quoted(table.identity.name)} = $1 AND ${quoted(table.start)} >= to_timestamp($2::double precision / 1000)
      AND ${quoted(table.start)} < to_timestamp($3::double precision / 1000)
    ORDER BY ${quoted(table.start)} DESC LIMIT ${mostRows}`
  const { rows } = await client.query<RollupRow & { readonly toMs: number | null }>(text, [
    key,
    asked.fromMs,
    asked.toMs,
  ])
  return withEnds(rows.reverse())
}

/** Where a table doesn't say when a row ends, it lasts as long as the least distance of two. */
function withEnds(rows: readonly (Omit<RollupRow, 'toMs'> & { readonly toMs: number | null })[]): RollupRow[] {
  const distances = rows.slice(1).map((row, i) => row.fromMs - (rows[i]?.fromMs ?? 0))
  const least = distances.length === 0 ? 0 : Math.min(...distances)
  return rows.map(row => ({ ...row, toMs: row.toMs ?? row.fromMs + least }))
}

async function readings(client: PostgresClient, table: RawTable, asked: HistoryQuestion): Promise<History['readings']> {
  const key = keyFor(table.identity, asked.key)
  if (key === undefined) return undefined
  const text = `SELECT ${msOf(table.time)} AS "atMs", ${quoted(table.figure)}::double precision AS value
    FROM ${quotedTable(table.table)}
    WHERE ${quoted(table.identity.name)} = $1 AND ${quoted(table.time)} >= to_timestamp($2::double precision / 1000)
      AND ${quoted(table.time)} < to_timestamp($3::double precision / 1000)
    ORDER BY ${quoted(table.time)} LIMIT ${mostReadings}`
  await client.query('SAVEPOINT readings')
  try {
    const { rows } = await client.query<{ atMs: number; value: number | null }>(text, [key, asked.fromMs, asked.toMs])
    return {
      table: table.table,
      timesMs: rows.map(({ atMs }) => atMs),
      values: rows.map(({ value }) => value ?? Number.NaN),
    }
  } catch (error) {
    // Too many rows to look through in the time that there is: the rollups are there all the same.
    if ((error as { readonly code?: string }).code !== '57014') throw error
    await client.query('ROLLBACK TO SAVEPOINT readings')
    return undefined
  }
}
