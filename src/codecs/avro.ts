import type { Type } from 'avsc'
import { checkOptions, flag, oneOf } from '../checked-options'
import { DecodeError, ProcessError, TopologyError } from '../errors'
import { faultOf } from './avro-faults'
import type { AvroRecord, AvroSchema, AvroTypeSchema } from './avro-schema'
import { avroType, type LongAs } from './avro-types'
import type { Codec, CodecContext, Serde } from './codec'
import { itemCounts, maxDepth } from './item-counts'
import { jsonRecord } from './json-record'
import { schemaFault } from './value-schema'
import { InexactError } from './varint'
import { WriterSchemas } from './writer-schemas'

/** The Confluent wire format: a zero byte, the writer's schema id (32 bits, big-endian), the Avro binary encoding. */
const headerBytes = 5
const openBrace = 0x7b

/** Encoded values are cut from slabs of this size, as Node's own pool does: small enough for a kept value to pin one. */
const slabBytes = 8 * 1024

export interface AvroOptions {
  /** Also read plain JSON objects (first byte `{`), with times as unix seconds. Default false. */
  readonly json?: boolean
  /**
   * How longs are held, at any depth: `number` (default) is exact up to ±(2^53 - 1), and a record beyond is refused, naming the field;
   * `bigint` holds all 64 bits. Times that are longs, too.
   *
   * @example avro(order, { long: 'bigint' })
   */
  readonly long?: LongAs
}

type ReadJson<T> = (buffer: Buffer, start: number, end: number) => T

class AvroCodec<T> implements Codec<T> {
  private slab = Buffer.allocUnsafeSlow(slabBytes)
  private used = 0
  private readonly checkCounts: ReturnType<typeof itemCounts>

  constructor(
    private readonly type: Type,
    private readonly name: string,
    private readonly long: LongAs,
    private readonly writers: WriterSchemas,
    /** Undefined for a codec that only reads. */
    private readonly id: number | undefined,
    private readonly readJson: ReadJson<T> | undefined,
  ) {
    this.checkCounts = itemCounts(type)
  }

  encode(value: T): Buffer | null {
    if (value === null || value === undefined) return null
    if (this.id === undefined) throw new TopologyError(`avro ${this.name} was bound for reading only`)
    let end = this.write(value, this.used)
    if (end < 0) {
      // Negative: so many bytes are missing.
      this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, this.slab.length - this.used - end))
      this.used = 0
      end = this.write(value, 0)
    }
    const bytes = this.slab.subarray(this.used, end)
    this.checkRead(bytes)
    this.used = end
    return bytes
  }

  decode(buffer: Buffer, start: number, end: number): T {
    if (start < 0) return null as never
    if (buffer[start] !== 0 || end - start < headerBytes) return this.decodeOther(buffer, start, end)
    const id = buffer.readInt32BE(start + 1)
    const { resolver, checkCounts } = this.writers.get(id)
    let read: { value: T; offset: number }
    try {
      checkCounts?.(buffer, start + headerBytes, end)
      read = this.type.decode(buffer, start + headerBytes, resolver)
    } catch (cause) {
      const { message } = cause as Error
      const inexact = cause instanceof InexactError || cause instanceof DecodeError
      const reason = inexact ? this.reasonOf(id, buffer.subarray(0, end), start + headerBytes) : undefined
      if (reason !== undefined) throw new DecodeError(reason)
      throw new DecodeError(`the value is no ${this.name} of schema ${id}: ${message}`, { cause })
    }
    // avsc knows no end but the buffer's: what it read beyond the record's own is the next record's.
    if (read.offset !== end) throw wrongLength(read.offset, end, this.name, id)
    return read.value
  }

  /** What the type refuses of a value that it can't take as it is; undefined where the bytes are no value at all. */
  private reasonOf(id: number, buffer: Buffer, at: number): string | undefined {
    try {
      return faultOf(this.type, this.writers.readAny(id, buffer, at), this.long).reason
    } catch {
      return undefined
    }
  }

  load(id: number): Promise<void> {
    return this.writers.load(id)
  }

  private decodeOther(buffer: Buffer, start: number, end: number): T {
    if (end === start) throw new DecodeError('the value is empty')
    if (buffer[start] === 0) {
      throw new DecodeError(`the value has ${end - start} bytes, and its magic byte and schema id take ${headerBytes}`)
    }
    if (this.readJson !== undefined && buffer[start] === openBrace) return this.readJson(buffer, start, end)
    const byte = `0x${(buffer[start] as number).toString(16).padStart(2, '0')}`
    throw new DecodeError(
      `the value starts with ${byte}, and Avro of a registry with 0x00${this.readJson === undefined ? '' : ', JSON with {'}`,
    )
  }

  /** What is written must be read again: by the limits that hold for what others write. */
  private checkRead(bytes: Buffer): void {
    if (this.checkCounts === undefined) return
    try {
      this.checkCounts(bytes, headerBytes, bytes.length)
    } catch (cause) {
      throw this.unwritable((cause as Error).message, cause)
    }
  }

  private write(value: T, at: number): number {
    try {
      if (at + headerBytes > this.slab.length) return -headerBytes - this.type.toBuffer(value).length
      this.slab[at] = 0
      this.slab.writeInt32BE(this.id as number, at + 1)
      return this.type.encode(value, this.slab, at + headerBytes)
    } catch (cause) {
      throw this.refuse(value, (cause as Error).message, cause)
    }
  }

  private refuse(value: T, fault: string, cause: unknown): ProcessError {
    // The stack ends after a few thousand levels.
    if (cause instanceof RangeError) return this.unwritable(`it is nested deeper than ${maxDepth} levels`)
    const { reason, fields } = faultOf(this.type, value, this.long)
    const where = fields.length === 0 ? '' : ` (field ${fields.join(', ')})`
    return this.unwritable(reason ?? fault + where, cause)
  }

  private unwritable(why: string, cause?: unknown): ProcessError {
    return new ProcessError(`the value can't be written as Avro ${this.name}: ${why}`, { cause })
  }
}

function wrongLength(offset: number, end: number, name: string, id: number): DecodeError {
  return new DecodeError(
    offset >= 0 && offset < end
      ? `${end - offset} bytes follow the ${name} of schema ${id}`
      : `the ${name} of schema ${id} is truncated`,
  )
}

async function bind<T>(schema: AvroTypeSchema<T>, options: AvroOptions, context: CodecContext): Promise<Codec<T>> {
  const { long = 'number' } = options
  const type = avroType(schema.json, long)
  const writers = new WriterSchemas(type, schema.json, schema.name, context.registry)
  let id: number | undefined
  if (context.use !== 'read') {
    id = await context.registry.idOf(`${context.topic}-${context.part}`, schema.json)
    writers.add(id, schema.json)
  } else if (context.isExpected && !options.json) await expected(schema, context)
  const readJson = options.json ? jsonRecord(recordOf(schema), long) : undefined
  return new AvroCodec(type, schema.name, long, writers, id, readJson)
}

/** Plain JSON has fields. */
function recordOf<T>(schema: AvroTypeSchema<T>): AvroSchema<T> {
  if ((schema.json as AvroRecord).type === 'record') return schema as AvroSchema<T>
  throw new TopologyError(`avro ${schema.name}: plain JSON is read for records only, and this is no record`)
}

/**
 * Rejects with TopologyError where the registry has no schema for a topic that is read. A producer may have named the subject after the
 * topic, the record, or both (Confluent's subject name strategies).
 */
async function expected(schema: AvroTypeSchema<unknown>, { topic, part, registry }: CodecContext): Promise<void> {
  const { namespace, name = String(schema.json) } = schema.json as { namespace?: string; name?: string }
  const record = namespace === undefined || name.includes('.') ? name : `${namespace}.${name}`
  for (const subject of [`${topic}-${part}`, record, `${topic}-${record}`])
    if (await registry.hasSubject(subject)) return
  throw new TopologyError(
    `the registry has no schema for topic ${topic}, subject ${topic}-${part}: register it with npx weir schemas register ${topic}-${part} <file>, ` +
      'or start its producer first; plain JSON is read by avro(schema, { json: true }), or by json()',
  )
}

/**
 * Avro in the Confluent wire format. Decoding resolves the writer's schema (by its id) to this one, as Avro's rules say:
 * added fields take their default, removed ones are skipped. Refused with a DecodeError that says why: a wrong magic byte, an
 * id that the registry does not have, truncated or trailing bytes, and, at any depth, a double that is NaN or infinite, an int beyond 32 bits, a
 * long beyond ±(2^53 - 1) where longs are numbers, text that is no UTF-8. What is written is checked alike (ProcessError). Times stay numbers in
 * the schema's unit. Null stays null (a tombstone). Throws TopologyError for what is no schema, and for options that can't be.
 *
 * @example avro(reading)
 * @example avro(reading, { long: 'bigint' })
 * @example avro<number>({ name: 'sensor id', json: 'int' })
 */
export function avro<Big>(schema: AvroTypeSchema<unknown, Big>, options: AvroOptions & { long: 'bigint' }): Serde<Big>
export function avro<T>(schema: AvroTypeSchema<T>, options?: AvroOptions & { long?: 'number' }): Serde<T>
export function avro<T>(schema: AvroTypeSchema<T>, options: AvroOptions = {}): Serde<T> {
  const fault = schemaFault(schema)
  if (fault !== undefined) throw new TopologyError(`avro: ${fault}`)
  checkOptions(`avro ${schema.name}`, options, { json: flag, long: oneOf('number', 'bigint') })
  const { fields } = Object(schema.json) as Partial<AvroRecord>
  return {
    ...(Array.isArray(fields) && { fields: fields.map(({ name }) => name) }),
    name: options.json ? `avro ${schema.name} or json` : `avro ${schema.name}`,
    bind: context => bind(schema, options, context),
  }
}
