import { Type } from 'avsc'
import { DecodeError, ProcessError, TopologyError } from '../errors'
import type { AvroSchema } from './avro-schema'
import type { Codec, CodecContext, Serde } from './codec'
import { fieldChecks } from './field-checks'
import { jsonRecord } from './json-record'
import { WriterSchemas } from './writer-schemas'

/** The Confluent wire format: a zero byte, the writer's schema id (32 bits, big-endian), the Avro binary encoding. */
const headerBytes = 5
const openBrace = 0x7b

/** Encoded values are cut from slabs of this size, as Node's own pool does: small enough for a kept value to pin one. */
const slabBytes = 8 * 1024

export interface AvroOptions {
  /** Also read plain JSON objects (first byte `{`), with times as unix seconds. Default false. */
  readonly json?: boolean
}

type ReadJson<T> = (buffer: Buffer, start: number, end: number) => T

class AvroCodec<T> implements Codec<T> {
  private slab = Buffer.allocUnsafeSlow(slabBytes)
  private used = 0
  private readonly check: ReturnType<typeof fieldChecks>

  constructor(
    private readonly type: Type,
    private readonly schema: AvroSchema<T>,
    private readonly writers: WriterSchemas,
    /** Undefined for a codec that only reads. */
    private readonly id: number | undefined,
    private readonly readJson: ReadJson<T> | undefined,
  ) {
    this.check = fieldChecks(schema.json)
  }

  encode(value: T): Buffer | null {
    if (value === null || value === undefined) return null
    if (this.id === undefined) throw new TopologyError(`avro ${this.schema.name} was bound for reading only`)
    const fault = this.check(value as never)
    if (fault !== undefined) throw this.refuse(value, fault)
    let end = this.write(value, this.used)
    if (end < 0) {
      // Negative: so many bytes are missing.
      this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, this.slab.length - this.used - end))
      this.used = 0
      end = this.write(value, 0)
    }
    const bytes = this.slab.subarray(this.used, end)
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
      throw new DecodeError(`the value is no ${this.schema.name} of schema ${id}: ${(cause as Error).message}`, {
        cause,
      })
    }
    // avsc knows no end but the buffer's: what it read beyond the record's own is the next record's.
    if (read.offset !== end) throw wrongLength(read.offset, end, this.schema.name, id)
    const fault = this.check(read.value as never)
    if (fault !== undefined) throw new DecodeError(fault)
    return read.value
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

  private refuse(value: T, fault: string, cause?: unknown): ProcessError {
    const paths: string[] = []
    this.type.isValid(value, { errorHook: path => paths.push(path.join('.')) })
    const fields = paths.length === 0 ? '' : ` (field ${paths.join(', ')})`
    return new ProcessError(`the value can't be written as Avro ${this.schema.name}: ${fault}${fields}`, { cause })
  }
}

function wrongLength(offset: number, end: number, name: string, id: number): DecodeError {
  return new DecodeError(
    offset >= 0 && offset < end
      ? `${end - offset} bytes follow the ${name} of schema ${id}`
      : `the ${name} of schema ${id} is truncated`,
  )
}

async function bind<T>(schema: AvroSchema<T>, options: AvroOptions, context: CodecContext): Promise<Codec<T>> {
  const type = Type.forSchema(schema.json as never, { omitRecordMethods: true })
  const writers = new WriterSchemas(type, schema.json, context.registry)
  let id: number | undefined
  if (context.use !== 'read') {
    id = await context.registry.idOf(`${context.topic}-${context.part}`, schema.json)
    writers.add(id, schema.json)
  } else if (context.isExpected && !options.json) await expected(schema, context)
  return new AvroCodec(type, schema, writers, id, options.json ? jsonRecord(schema) : undefined)
}

/**
 * Rejects with TopologyError where the registry has no schema for a topic that is read. A producer may have named the subject after the
 * topic, the record, or both (Confluent's subject name strategies).
 */
async function expected(schema: AvroSchema<unknown>, { topic, part, registry }: CodecContext): Promise<void> {
  const { namespace, name } = schema.json as { namespace?: string; name: string }
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
 * id that the registry does not have, truncated or trailing bytes, a double that is NaN or infinite, an int beyond 32 bits, a
 * long of 2^52 or more. Times stay numbers in the schema's unit. Null stays null (a tombstone).
 */
export function avro<T>(schema: AvroSchema<T>, options: AvroOptions = {}): Serde<T> {
  return {
    name: options.json ? `avro ${schema.name} or json` : `avro ${schema.name}`,
    bind: context => bind(schema, options, context),
  }
}
