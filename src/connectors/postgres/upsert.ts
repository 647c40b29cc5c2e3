import { createHash } from 'node:crypto'
import type { KeyValue } from './column-kinds'
import { type Column, quoted, quotedTable, sizeOf } from './columns'
import type { PostgresClient } from './postgres-client'
import type { PostgresTarget } from './postgres-target'
import { deletion } from './upsert-encoder'

type Row = readonly unknown[]

/** The most rows and bytes of one statement: its parameters stay far below Postgres's limit of 1 GB. */
const rowsAtOnce = 20_000
const bytesAtOnce = 16 * 1024 * 1024

/** INSERT ... ON CONFLICT DO UPDATE whose parameters are one array a column. */
export function upsertStatement(target: PostgresTarget): string {
  const names = target.columns.map(column => quoted(column.name))
  const arrays = target.columns.map((column, i) => `$${i + 1}::${(column.sent ?? column).arrayType}`)
  const changed = target.columns.filter(column => !target.key.includes(column.name)).map(column => quoted(column.name))
  const update = changed.map(name => `${name} = EXCLUDED.${name}`).join(', ')
  return (
    `INSERT INTO ${quotedTable(target.table)} (${names.join(', ')}) ${selection(target)} FROM unnest(${arrays.join(', ')}) ` +
    `${target.columns.some(({ sent }) => sent) ? `AS s (${target.columns.map((_, i) => `c${i}`).join(', ')}) ` : ''}` +
    `ON CONFLICT (${target.key.map(quoted).join(', ')}) DO ${update === '' ? 'NOTHING' : `UPDATE SET ${update}`}`
  )
}

/** What of the rows that were sent is a row of the table. */
function selection({ columns }: PostgresTarget): string {
  if (!columns.some(({ sent }) => sent)) return 'SELECT *'
  return `SELECT ${columns.map(({ sent }, i) => sent?.expression(`s.c${i}`) ?? `s.c${i}`).join(', ')}`
}

/** DELETE by the key's columns, one array a column. */
export function deleteStatement({ table, columns, key }: PostgresTarget): string {
  const keys = columns.filter(({ name }) => key.includes(name))
  const arrays = keys.map(({ arrayType }, i) => `$${i + 1}::${arrayType}`)
  const same = keys.map(({ name }, i) => `t.${quoted(name)} = s.c${i}`)
  return (
    `DELETE FROM ${quotedTable(table)} AS t USING unnest(${arrays.join(', ')}) ` +
    `AS s (${keys.map((_, i) => `c${i}`).join(', ')}) WHERE ${same.join(' AND ')}`
  )
}

function compare(a: KeyValue, b: KeyValue): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Where a row's key is, and how its parts are compared. */
interface KeyPlace {
  readonly place: number
  readonly keyOf: (value: unknown) => KeyValue
}

/** Keys that are one in the table are one text. */
function keyText(row: Row, places: readonly KeyPlace[]): string {
  let text = ''
  for (const { place, keyOf } of places) {
    const value = keyOf(row[place])
    // -0 is 0 there, and a whole number is the same as a bigint.
    if (typeof value === 'number' || typeof value === 'bigint') text += `${value},`
    else text += `${JSON.stringify(Buffer.isBuffer(value) ? value.toString('latin1') : value)},`
  }
  return text
}

/** The last row of each key, in the order of keys, so that two workers lock rows in the same order. */
export function lastOfEachKey(target: PostgresTarget, rows: readonly Row[]): Row[] {
  const places = target.key.map((name): KeyPlace => {
    const place = target.columns.findIndex(column => column.name === name)
    return { place, keyOf: target.columns[place]?.keyOf ?? (value => value as KeyValue) }
  })
  const last = new Map<string, Row>()
  for (const row of rows) last.set(keyText(row, places), row)
  return [...last.values()].sort((a, b) => {
    for (const { place, keyOf } of places) {
      const order = compare(keyOf(a[place]), keyOf(b[place]))
      if (order !== 0) return order
    }
    return 0
  })
}

/** One column of the rows as a binary array (`array_send`): dimensions, flags, element type, length, lower bound, elements. */
export function binaryArray(column: Column, place: number, rows: readonly Row[]): Buffer {
  const { oid, write } = column.sent ?? column
  let size = 20
  for (const row of rows) size += sizeOf(column.sent ?? column, row[place])
  // No column's NULL takes more than the four bytes of its length.
  const bytes = Buffer.alloc(size + (column.nullable ? 4 * rows.length : 0))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setInt32(0, 1)
  view.setInt32(4, column.nullable ? 1 : 0)
  view.setInt32(8, oid)
  view.setInt32(12, rows.length)
  view.setInt32(16, 1)
  let at = 20
  for (const row of rows) at = write(view, at, row[place])
  return bytes.subarray(0, at)
}

/** Where the statement ends that begins with row `first`: at least one row later. */
function partEnd(columns: readonly Column[], rows: readonly Row[], first: number): number {
  let bytes = 0
  let end = first
  for (; end < rows.length && end < first + rowsAtOnce; end++) {
    for (const [place, column] of columns.entries()) bytes += sizeOf(column.sent ?? column, rows[end]?.[place])
    if (bytes > bytesAtOnce && end > first) break
  }
  return end
}

/** Runs a statement on rows of these columns, in parts. */
async function run(client: PostgresClient, text: string, columns: readonly Column[], rows: readonly Row[]) {
  // Prepared once a connection; a name that long names would share is none.
  const name = createHash('sha1').update(text).digest('hex')
  for (let first = 0; first < rows.length; ) {
    const end = partEnd(columns, rows, first)
    const part = rows.slice(first, end)
    const values = columns.map((column, place) => binaryArray(column, place, part))
    await client.query(client.repeated(name, { text, values }))
    first = end
  }
}

const isDeletion = (row: Row) => row.at(-1) === deletion

/** Writes the rows and deletes those that are to be deleted, the last word on each key winning. */
export async function upsert(client: PostgresClient, target: PostgresTarget, rows: readonly Row[]): Promise<void> {
  const { columns, key } = target
  const last = lastOfEachKey(target, rows)
  const deleted = last.filter(isDeletion)
  await run(
    client,
    upsertStatement(target),
    columns,
    deleted.length === 0 ? last : last.filter(row => !isDeletion(row)),
  )
  if (deleted.length === 0) return
  const places = columns.flatMap(({ name }, place) => (key.includes(name) ? [place] : []))
  const keys = deleted.map(row => places.map(place => row[place]))
  await run(
    client,
    deleteStatement(target),
    columns.filter(({ name }) => key.includes(name)),
    keys,
  )
}
