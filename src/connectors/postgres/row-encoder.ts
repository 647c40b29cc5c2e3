import { type Position, ProcessError } from '../../errors'
import type { StreamRecord } from '../../record'
import { RecordBuffer } from '../record-buffer'
import type { Chunk, Encoder } from '../sink'
import { writeInt8 } from './column-values'
import { type Column, checkRowSize, originColumns, sizeOf } from './columns'

type Value = Readonly<Record<string, unknown>>

/** Rows in the format of COPY ... (FORMAT binary), without its header and trailer. */
export interface RowChunk extends Chunk {
  readonly rows: Buffer
  /** Of the records: what is written directly follows from one source. */
  readonly topic: string
  /** Where each row ends. */
  readonly ends: Int32Array
}

/** Bytes of both origin columns, which end a row. */
export const originSize = 20

/** Encodes rows of the schema's columns and, when `origin`, of the record's place in Kafka. */
export class RowEncoder implements Encoder {
  private readonly gathered = new RecordBuffer()
  private readonly fixedBound: number
  private readonly boundless: readonly Column[]
  private readonly width: number
  private topic = ''

  constructor(
    private readonly columns: readonly Column[],
    private readonly origin: boolean,
  ) {
    this.width = columns.length + (origin ? originColumns.length : 0)
    this.boundless = columns.filter(column => typeof column.bound !== 'number')
    const fixed = columns.map(column => (typeof column.bound === 'number' ? Math.max(4, column.bound) : 0))
    this.fixedBound = fixed.reduce((sum, size) => sum + size, 2 + originSize)
  }

  encode(record: StreamRecord, origin: Position): void {
    const value = record.value as Value | null
    if (value === null) throw new ProcessError('Postgres row: the value is null')
    const { columns, gathered } = this
    gathered.room(this.bound(value))
    const { view } = gathered
    let at = gathered.length
    view.setInt16(at, this.width)
    at += 2
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!
      at = column.write(view, at, column.field === undefined ? column.read(value) : value[column.field])
    }
    if (this.origin) at = writeOrigin(view, at, origin)
    this.topic = origin.topic
    gathered.end(at)
  }

  mark(): number {
    return this.gathered.count
  }

  reset(mark: number): void {
    this.gathered.truncate(mark)
  }

  get bytes(): number {
    return this.gathered.length
  }

  take(): RowChunk | undefined {
    const { count, length } = this.gathered
    if (count === 0) return undefined
    const { bytes, ends } = this.gathered.take()
    return { count, bytes: length, rows: bytes, ends, topic: this.topic }
  }

  private bound(value: Value): number {
    let bound = this.fixedBound
    for (const column of this.boundless) bound += sizeOf(column, column.read(value))
    checkRowSize(bound)
    return bound
  }
}

function writeOrigin(view: DataView, at: number, origin: Position): number {
  view.setInt32(at, 4)
  view.setInt32(at + 4, origin.partition)
  view.setInt32(at + 8, 8)
  writeInt8(view, at + 12, origin.offset)
  return at + originSize
}
