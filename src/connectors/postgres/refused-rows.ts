import type { Position } from '../../errors'
import { itemAt } from '../../required'
import { CopyStream } from './copy-stream'
import type { PostgresClient } from './postgres-client'
import { copyLine, isContent } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { upsert } from './upsert'

/** A row of a commit: the bytes of one to copy, or the values of one to insert or update. */
export interface TriedRow {
  readonly target: PostgresTarget
  readonly row: Buffer | readonly unknown[]
  /** The record that it is of, where that is known. */
  readonly origin: Position | undefined
}

export interface RefusedRow {
  readonly origin: Position | undefined
  /** The server's. */
  readonly error: unknown
}

/** Rows of one statement, as long as nothing is wrong with them. */
const piece = 500
const most = 1_000

/**
 * Which rows Postgres refuses when all that it takes stands before them: they are written in their order, each part of a statement that was refused
 * by itself, down to single rows. Within a transaction, which the caller rolls back. Ends early at `endMs` (monotonic) with what is known.
 */
export async function refusedRows(
  client: PostgresClient,
  rows: readonly TriedRow[],
  endMs: number,
): Promise<RefusedRow[]> {
  const refused: RefusedRow[] = []
  const attempt = async (part: readonly TriedRow[]): Promise<void> => {
    const [first] = part
    if (first === undefined || refused.length >= most || performance.now() > endMs) return
    await client.query('SAVEPOINT part')
    try {
      await write(client, part)
      await client.query('RELEASE SAVEPOINT part')
    } catch (error) {
      if (!isContent(error)) throw error
      await client.query('ROLLBACK TO SAVEPOINT part')
      if (part.length === 1) refused.push({ origin: first.origin, error })
      else for (const each of partsAround(part, copyLine(error))) await attempt(each)
    }
  }
  for (let from = 0; from < rows.length; ) {
    const to = pieceEnd(rows, from)
    await attempt(rows.slice(from, to))
    from = to
  }
  return refused
}

/** Rows of one table. */
function pieceEnd(rows: readonly TriedRow[], from: number): number {
  const { target } = itemAt(rows, from)
  let to = from + 1
  while (to < rows.length && to < from + piece && itemAt(rows, to).target === target) to++
  return to
}

/** What stands before the row of that line (from 1), the row, and what stands behind it; halves where no line is named. */
function partsAround(part: readonly TriedRow[], line: number | undefined): (readonly TriedRow[])[] {
  if (line !== undefined && line <= part.length)
    return [part.slice(0, line - 1), part.slice(line - 1, line), part.slice(line)]
  const half = Math.ceil(part.length / 2)
  return [part.slice(0, half), part.slice(half)]
}

async function write(client: PostgresClient, part: readonly TriedRow[]): Promise<void> {
  const { target } = itemAt(part, 0)
  if (target.mode === 'upsert')
    return upsert(
      client,
      target,
      part.map(({ row }) => row as readonly unknown[]),
    )
  const copy = new CopyStream(client, target)
  await copy.write(Buffer.concat(part.map(({ row }) => row as Buffer)))
  await copy.end()
}
