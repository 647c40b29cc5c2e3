import { to } from 'pg-copy-streams'
import { itemAt } from '../../required'
import { onceInTransaction } from './postgres-client'
import { postgresError } from './postgres-errors'

/** Signature, flags and the length of an extension that there is none of (COPY, "Binary Format"). */
const headerBytes = 19
/** From 1970 to 2000, which Postgres counts from, µs. */
const epochMicros = 946_684_800_000_000
const mostColumns = 32

/** One row of a binary COPY, readable until the next one. A null reads as nonsense: ask for columns that have none. */
export class CopiedRow {
  buffer: Buffer = Buffer.alloc(0)
  readonly starts = new Int32Array(mostColumns)

  int(column: number): number {
    return this.buffer.readInt32BE(this.starts[column])
  }

  /** A bigint below 2^53. */
  long(column: number): number {
    const at = itemAt(this.starts, column)
    return this.buffer.readInt32BE(at) * 2 ** 32 + this.buffer.readUInt32BE(at + 4)
  }

  double(column: number): number {
    return this.buffer.readDoubleBE(this.starts[column])
  }

  /** A timestamptz in µs since 1970. */
  micros(column: number): number {
    return this.long(column) + epochMicros
  }
}

/** Reads the rows in `bytes` from `at` and returns where the first incomplete one starts. */
function readRows(row: CopiedRow, bytes: Buffer, at: number, onRow: (row: CopiedRow) => void): number {
  row.buffer = bytes
  for (;;) {
    if (at + 2 > bytes.length) return at
    const columns = bytes.readInt16BE(at)
    if (columns < 0) return bytes.length
    let next = at + 2
    for (let i = 0; i < columns; i++) {
      if (next + 4 > bytes.length) return at
      row.starts[i] = next + 4
      next += 4 + Math.max(0, bytes.readInt32BE(next))
    }
    if (next > bytes.length) return at
    onRow(row)
    at = next
  }
}

/**
 * Calls `onRow` for each row of a SELECT, by binary COPY: a million rows a second. The SELECT takes no parameters. Throws
 * UnavailableError while the server can't be reached, and for tables or rights that are missing.
 */
export async function copyRows(databaseUrl: string, select: string, onRow: (row: CopiedRow) => void): Promise<void> {
  const limits = { statementTimeoutMs: 600_000, lockTimeoutMs: 30_000 }
  try {
    await onceInTransaction({ databaseUrl, name: 'weir copy', ...limits }, async client => {
      const row = new CopiedRow()
      let rest: Buffer = Buffer.alloc(0)
      let at = headerBytes
      for await (const chunk of client.query(to(`COPY (${select}) TO STDOUT (FORMAT binary)`))) {
        const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
        at = bytes.length < at ? at : readRows(row, bytes, at, onRow)
        rest = bytes.subarray(Math.min(at, bytes.length))
        at = Math.max(0, at - bytes.length)
      }
    })
  } catch (error) {
    throw postgresError(error, databaseUrl)
  }
}
