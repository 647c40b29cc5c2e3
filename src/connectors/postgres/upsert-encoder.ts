import { type Position, ProcessError } from '../../errors'
import type { StreamRecord } from '../../record'
import type { Chunk, Encoder } from '../sink'
import { type Column, checkRowSize, originColumns } from './columns'

/** Rows to insert or update, one array of values a row, in the order of the target's columns. */
export interface UpsertChunk extends Chunk {
  readonly upserts: readonly (readonly unknown[])[]
}

/**
 * An index row may have 2704 bytes, and no compression of Postgres's makes less than a 255th of a text (LZ4). Between the two only
 * the server can say, and its refusal is a ContentError.
 */
const mostKeyBytes = 2704 * 255

type Value = Readonly<Record<string, unknown>>

/** Gathers rows as values: they are written at the commit, when only the last one of each key is left. */
export class UpsertEncoder implements Encoder {
  private rows: unknown[][] = []
  /** Bytes gathered up to each row. */
  private sizes: number[] = []
  private scratch = new DataView(new ArrayBuffer(1024))

  constructor(
    private readonly columns: readonly Column[],
    private readonly origin: boolean,
    private readonly key: readonly string[],
  ) {}

  encode(record: StreamRecord, origin: Position): void {
    const value = record.value as Value | null
    if (value === null) throw new ProcessError('Postgres row: the value is null')
    const row: unknown[] = []
    let size = 0
    let keySize = 0
    for (const column of this.columns) {
      const cell = value[column.name]
      const isKey = this.key.includes(column.name)
      if (isKey && (cell === null || cell === undefined)) {
        throw new ProcessError(`column ${column.name}: null, but it is part of the key`)
      }
      const written = this.check(column, cell)
      size += written
      if (isKey) keySize += written
      row.push(cell ?? null)
    }
    checkRowSize(size)
    if (keySize > mostKeyBytes) {
      throw new ProcessError(
        `Postgres row: its key has ${keySize} bytes, more than an index can take however it is compressed`,
      )
    }
    if (this.origin) row.push(origin.partition, origin.offset)
    this.rows.push(row)
    this.sizes.push(this.bytes + size)
  }

  mark(): number {
    return this.rows.length
  }

  reset(mark: number): void {
    this.rows.length = Math.min(this.rows.length, mark)
    this.sizes.length = this.rows.length
  }

  get bytes(): number {
    return this.sizes.at(-1) ?? 0
  }

  take(): UpsertChunk | undefined {
    if (this.rows.length === 0) return undefined
    const chunk = { count: this.rows.length, bytes: this.bytes, upserts: this.rows }
    this.rows = []
    this.sizes = []
    return chunk
  }

  /** Writes the value once to nowhere, so that a bad one is refused with its record; returns its size. */
  private check(column: Column, value: unknown): number {
    const bound = typeof column.bound === 'number' ? column.bound : column.bound(value)
    checkRowSize(bound)
    if (bound > this.scratch.byteLength) this.scratch = new DataView(new ArrayBuffer(bound * 2))
    return column.write(this.scratch, 0, value)
  }
}

/** The columns of a target's rows: the schema's, then the origin. */
export function rowColumns(columns: readonly Column[], origin: boolean): readonly Column[] {
  return origin ? [...columns, ...originColumns] : columns
}
