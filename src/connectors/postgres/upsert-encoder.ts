import { type Position, ProcessError } from '../../errors'
import type { StreamRecord } from '../../record'
import type { Chunk, Encoder } from '../sink'
import { type Column, originColumns } from './columns'

/** Rows to insert or update, one array of values a row, in the order of the target's columns. */
export interface UpsertChunk extends Chunk {
  readonly upserts: readonly (readonly unknown[])[]
}

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
    let size = this.bytes
    for (const column of this.columns) {
      const cell = value[column.name]
      size += this.check(column, cell)
      row.push(cell ?? null)
    }
    if (this.origin) row.push(origin.partition, origin.offset)
    this.rows.push(row)
    this.sizes.push(size)
  }

  mark(): number {
    return this.rows.length
  }

  reset(mark: number): void {
    this.rows.length = Math.min(this.rows.length, mark)
    this.sizes.length = this.rows.length
  }

  get bytes(): number {
    return this.sizes.length === 0 ? 0 : this.sizes[this.sizes.length - 1]!
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
    if (this.key.includes(column.name) && (value === null || value === undefined)) {
      throw new ProcessError(`column ${column.name}: null, but it is part of the key`)
    }
    const bound = typeof column.bound === 'number' ? column.bound : column.bound(value)
    if (bound > this.scratch.byteLength) this.scratch = new DataView(new ArrayBuffer(bound * 2))
    return column.write(this.scratch, 0, value)
  }
}

/** The columns of a target's rows: the schema's, then the origin. */
export function rowColumns(columns: readonly Column[], origin: boolean): readonly Column[] {
  return origin ? [...columns, ...originColumns] : columns
}
