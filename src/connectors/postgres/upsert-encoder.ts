import { readPath } from '../../codecs/field-path'
import { type Position, ProcessError } from '../../errors'
import type { StreamRecord } from '../../record'
import type { Chunk, Encoder } from '../sink'
import { type Column, checkRowSize, originColumns, sizeOf } from './columns'

/** Ends a row that is to be deleted: of such a row there is only its key. */
export const deletion = Symbol('deletion')

/** Rows to insert, update or delete, one array of values a row, in the order of the target's columns. */
export interface UpsertChunk extends Chunk {
  readonly upserts: readonly (readonly unknown[])[]
  /** Partition and offset of each row's record, one after the other. */
  readonly origins: readonly number[]
  /** Of the records: what is written directly follows from one source. */
  readonly topic: string
}

/**
 * An index row may have 2704 bytes, and no compression of Postgres's makes less than a 255th of a text (LZ4). Between the two only
 * the server can say, and its refusal is a ContentError.
 */
const mostKeyBytes = 2704 * 255

/** Gathers rows as values: they are written at the commit, when only the last one of each key is left. */
export interface UpsertRows {
  readonly columns: readonly Column[]
  readonly origin: boolean
  readonly key: readonly string[]
  /** What a record's key says of the row's key, for a record without a value. */
  readonly keyOf: ((key: unknown) => unknown) | undefined
}

interface CheckedColumn extends Column {
  readonly isKey: boolean
  /** All its values have one size, which needs no check. */
  readonly isSmall: boolean
}

const scratchBytes = 1024

export class UpsertEncoder implements Encoder {
  private rows: unknown[][] = []
  private origins: number[] = []
  private topic = ''
  /** Bytes gathered up to each row. */
  private sizes: number[] = []
  private scratch = new DataView(new ArrayBuffer(scratchBytes))

  private readonly columns: readonly CheckedColumn[]
  /** Values of a row that isn't a deletion. */
  private readonly width: number

  constructor(private readonly of: UpsertRows) {
    this.columns = of.columns.map(column => ({
      ...column,
      isKey: of.key.includes(column.name),
      isSmall: typeof column.bound === 'number' && column.bound <= scratchBytes && column.sent === undefined,
    }))
    this.width = of.columns.length + (of.origin ? 2 : 0)
  }

  encode(record: StreamRecord, origin: Position): void {
    const { value } = record
    // Of its size from the start: an array that grows has room for seventeen values.
    const row = new Array<unknown>(this.width)
    let at = 0
    let size = 0
    let keySize = 0
    for (const column of this.columns) {
      if (value === null && !column.isKey) {
        row[at++] = null
        continue
      }
      const cell = value === null ? this.ofKey(column, record.key) : column.read(value)
      if (column.isKey && (cell === null || cell === undefined)) {
        throw new ProcessError(`column ${column.name}: null, but it is part of the key`)
      }
      const written = this.check(column, cell)
      size += written
      if (column.isKey) keySize += written
      row[at++] = cell ?? null
    }
    checkRowSize(size)
    if (keySize > mostKeyBytes) {
      throw new ProcessError(
        `Postgres row: its key has ${keySize} bytes, more than an index can take however it is compressed`,
      )
    }
    if (this.of.origin) {
      row[at++] = origin.partition
      row[at] = origin.offset
    }
    if (value === null) row.push(deletion)
    this.rows.push(row)
    this.origins.push(origin.partition, origin.offset)
    this.topic = origin.topic
    this.sizes.push(this.bytes + size)
  }

  /** A key column of the row that a record without a value deletes: of its key's field of that name, or its key itself. */
  private ofKey(column: Column, recordKey: unknown): unknown {
    const { keyOf, key } = this.of
    const given = keyOf === undefined ? innerKey(recordKey) : keyOf(recordKey)
    if (typeof given === 'object' && given !== null && !Buffer.isBuffer(given)) {
      const found = readPath(given, column.name)
      if (found !== undefined) return found
    } else if (key.length === 1 && given !== null) return asColumn(column, given)
    throw new ProcessError(`Postgres row: ${deletionFault(column.name)}`)
  }

  mark(): number {
    return this.rows.length
  }

  reset(mark: number): void {
    this.rows.length = Math.min(this.rows.length, mark)
    this.sizes.length = this.rows.length
    this.origins.length = 2 * this.rows.length
  }

  get bytes(): number {
    return this.sizes.at(-1) ?? 0
  }

  take(): UpsertChunk | undefined {
    if (this.rows.length === 0) return undefined
    const { rows, bytes, origins, topic } = this
    const chunk = { count: rows.length, bytes, upserts: rows, origins, topic }
    this.rows = []
    this.origins = []
    this.sizes = []
    return chunk
  }

  /** Writes the value once to nowhere, so that a bad one is refused with its record; returns its size. */
  private check(column: CheckedColumn, value: unknown): number {
    if (column.isSmall) return column.write(this.scratch, 0, value)
    const bound = Math.max(sizeOf(column, value), column.sent?.bound(value) ?? 0)
    checkRowSize(bound)
    if (bound > this.scratch.byteLength) this.scratch = new DataView(new ArrayBuffer(bound * 2))
    column.sent?.write(this.scratch, 0, value)
    return column.write(this.scratch, 0, value)
  }
}

/** `columns`: what is missing in the record's key. */
export const deletionFault = (columns: string) =>
  `the value is null, which deletes a row, but the record's key doesn't say which: it has no ${columns} (give \`keyOf\`)`

/** A windowed key means the key that was grouped by. */
function innerKey(key: unknown): unknown {
  return typeof key === 'object' && key !== null && 'window' in key && 'key' in key ? key.key : key
}

/** A record's key is often a text, where the value has the number: `7` of sensor 7. */
function asColumn({ type }: Column, key: unknown): unknown {
  if (typeof key !== 'string' || !/^-?\d{1,19}$/.test(key)) return key
  if (type === 'integer') return Number(key)
  return type === 'bigint' ? BigInt(key) : key
}

/** The columns of a target's rows: the schema's, then the origin. */
export function rowColumns(columns: readonly Column[], origin: boolean): readonly Column[] {
  return origin ? [...columns, ...originColumns] : columns
}
