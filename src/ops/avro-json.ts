import { Type, types } from 'avsc'

/** Decodes one schema's values for people and scripts. */
export interface AvroReader {
  /** Name of the schema's record, for messages. */
  readonly name: string
  /** The value at `[start, end)`, without the registry's header. Throws Error on bytes that are not one. */
  decode(buffer: Buffer, start: number, end: number): unknown
  /** JSON text of a decoded value. */
  json(value: unknown): string
}

/** Longs that a JSON number can't hold come as bigint. */
const WIDE_LONG = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => narrow(bytes.readBigInt64LE()),
  toBuffer: (value: bigint | number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: (value: number | string) => narrow(BigInt(value)),
  toJSON: (value: bigint | number) => value,
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: bigint | number, b: bigint | number) => (a < b ? -1 : a > b ? 1 : 0),
} as never)

const narrow = (value: bigint) => (BigInt.asIntN(53, value) === value ? Number(value) : value)

/** A reader for a schema's JSON text. Throws Error when it is no Avro schema. */
export function avroReader(schema: string): AvroReader {
  const json = JSON.parse(schema)
  const type = Type.forSchema(json, { omitRecordMethods: true })
  let wide: Type | undefined
  const plain = !/"(bytes|fixed)"/.test(schema)
  return {
    name: (json as { name?: string } | null)?.name ?? type.typeName,
    decode(buffer, start, end) {
      let read: { value: unknown; offset: number }
      try {
        read = type.decode(buffer, start)
      } catch (error) {
        // avsc refuses a long that a number can't hold: such a value is read again, slower.
        if (!/precision/.test((error as Error).message)) throw error
        wide ??= Type.forSchema(json, { registry: { long: WIDE_LONG } as never, omitRecordMethods: true })
        read = wide.decode(buffer, start)
      }
      if (read.offset < 0 || read.offset > end) throw new Error('the value is truncated')
      if (read.offset < end) throw new Error(`${end - read.offset} bytes follow the value`)
      return read.value
    },
    json: value => (plain && wide === undefined ? JSON.stringify(value) : JSON.stringify(value, forJson)),
  }
}

/** Bytes as Avro's own JSON has them, a character a byte; numbers beyond 2^53 as text, which no reader rounds. */
function forJson(this: unknown, _: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  const bytes = value as { type?: string; data?: number[] } | null
  if (bytes?.type === 'Buffer' && Array.isArray(bytes.data)) return Buffer.from(bytes.data).toString('latin1')
  return value
}
