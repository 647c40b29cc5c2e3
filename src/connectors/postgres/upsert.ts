import { createHash } from 'node:crypto'
import { type Column, quoted, quotedTable } from './columns'
import type { PostgresClient } from './postgres-client'
import type { PostgresTarget } from './postgres-target'

type Row = readonly unknown[]

/** The most rows and bytes of one statement: its parameters stay far below Postgres's limit of 1 GB. */
const rowsAtOnce = 20_000
const bytesAtOnce = 16 * 1024 * 1024

/** INSERT ... ON CONFLICT DO UPDATE whose parameters are one array a column. */
export function upsertStatement(target: PostgresTarget): string {
  const names = target.columns.map(column => quoted(column.name))
  const arrays = target.columns.map((column, i) => `$${i + 1}::${column.arrayType}`)
  const changed = target.columns.filter(column => !target.key.includes(column.name)).map(column => quoted(column.name))
  const update = changed.map(name => `${name} = EXCLUDED.${name}`).join(', ')
  return (
    `INSERT INTO ${quotedTable(target.table)} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')}) ` +
    `ON CONFLICT (${target.key.map(quoted).join(', ')}) DO ${update === '' ? 'NOTHING' : `UPDATE SET ${update}`}`
  )
}

/** What a column that is part of a key holds. */
type KeyValue = number | bigint | string | boolean | Buffer

function compare(a: KeyValue, b: KeyValue): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Keys that are one in the table are one text. */
function keyText(row: Row, places: readonly number[]): string {
  let text = ''
  for (const place of places) {
    const value = row[place] as KeyValue
    // -0 is 0 there, and a whole number is the same as a bigint.
    if (typeof value === 'number' || typeof value === 'bigint') text += `${value},`
    else text += `${JSON.stringify(Buffer.isBuffer(value) ? value.toString('latin1') : value)},`
  }
  return text
}

/** The last row of each key, in the order of keys, so that two workers lock rows in the same order. */
export function lastOfEachKey(target: PostgresTarget, rows: readonly Row[]): Row[] {
  const places = target.key.map(name => target.columns.findIndex(column => column.name === name))
  const last = new Map<string, Row>()
  for (const row of rows) last.set(keyText(row, places), row)
  return [...last.values()].sort((a, b) => {
    for (const place of places) {
      const order = compare(a[place] as KeyValue, b[place] as KeyValue)
      if (order !== 0) return order
    }
    return 0
  })
}

/** One column of the rows as a binary array (`array_send`): dimensions, flags, element type, length, lower bound, elements. */
export function binaryArray(column: Column, place: number, rows: readonly Row[]): Buffer {
  let size = 20
  for (const row of rows) size += boundOf(column, row[place])
  // No column's NULL takes more than the four bytes of its length.
  const bytes = Buffer.alloc(size + (column.nullable ? 4 * rows.length : 0))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setInt32(0, 1)
  view.setInt32(4, column.nullable ? 1 : 0)
  view.setInt32(8, column.oid)
  view.setInt32(12, rows.length)
  view.setInt32(16, 1)
  let at = 20
  for (const row of rows) at = column.write(view, at, row[place])
  return bytes.subarray(0, at)
}

const boundOf = ({ bound }: Column, value: unknown): number => (typeof bound === 'number' ? bound : bound(value))

/** Where the statement ends that begins with row `first`: at least one row later. */
function partEnd({ columns }: PostgresTarget, rows: readonly Row[], first: number): number {
  let bytes = 0
  let end = first
  for (; end < rows.length && end < first + rowsAtOnce; end++) {
    for (const [place, column] of columns.entries()) bytes += boundOf(column, rows[end]?.[place])
    if (bytes > bytesAtOnce && end > first) break
  }
  return end
}

/** Writes the rows, the last one of each key winning. */
export async function upsert(client: PostgresClient, target: PostgresTarget, rows: readonly Row[]): Promise<void> {
  const last = lastOfEachKey(target, rows)
  const text = upsertStatement(target)
  // Prepared once a connection; a name that long names would share is none.
  const name = createHash('sha1').update(text).digest('hex')
  for (let first = 0; first < last.length; ) {
    const end = partEnd(target, last, first)
    const part = last.slice(first, end)
    const values = target.columns.map((column, place) => binaryArray(column, place, part))
    await client.query(client.repeated(name, { text, values }))
    first = end
  }
}
