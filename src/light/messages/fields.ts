import type { ByteReader } from '../../connectors/kafka/protocol/byte-reader'
import type { ByteWriter } from '../../connectors/kafka/protocol/byte-writer'

/** A version of a message; flexible ones (KIP-482) have compact lengths, and tagged fields after each structure. */
export interface Wire {
  readonly version: number
  readonly flexible: boolean
}

/** One type of the protocol. `Given` differs from `Read` in that fields with a default may be left out. */
export interface Codec<Read, Given = Read> {
  read(from: ByteReader, wire: Wire): Read
  write(to: ByteWriter, value: Given, wire: Wire): void
}

/** A field of a message, and the versions that carry it. */
export interface Field<Read, Given = Read, Optional extends boolean = boolean> {
  readonly codec: Codec<Read, Given>
  readonly from: number
  readonly to: number
  /** What is read in other versions, and written where nothing is given. */
  readonly or: Given | undefined
  readonly optional?: Optional
}

/** `in`: the versions, such as `7+` or `4-12`; all of them where it is left out. */
interface Versions {
  readonly in?: string
}
interface WithDefault<T> extends Versions {
  readonly or: T
}
interface Maker<T> {
  (options: WithDefault<T>): Field<T, T, true>
  (options?: Versions): Field<T, T, false>
}

type Options<T> = Versions & Partial<WithDefault<T>>

function fieldOf<Read, Given>(codec: Codec<Read, Given>, options: Options<Given>): Field<Read, Given> {
  const [from = '0', to] = (options.in ?? '0+').split(/[-+]/)
  const last = options.in?.endsWith('+') === false ? (to ?? from) : Number.MAX_SAFE_INTEGER
  return { codec, from: Number(from), to: Number(last), or: options.or }
}

/** The field that `options` describe; whether it has a default is seen by its type alone. */
function maker<T>(codec: Codec<T>): Maker<T> {
  return ((options: Options<T> = {}) => fieldOf(codec, options)) as Maker<T>
}

/** Of a topic that is named in another way. */
export const NO_ID = Buffer.alloc(16).toString('base64url')

export const boolean = maker<boolean>({ read: from => from.boolean(), write: (to, value) => to.boolean(value) })
export const int8 = maker<number>({ read: from => from.int8(), write: (to, value) => to.int8(value) })
export const int16 = maker<number>({ read: from => from.int16(), write: (to, value) => to.int16(value) })
export const int32 = maker<number>({ read: from => from.int32(), write: (to, value) => to.int32(value) })
export const int64 = maker<number>({ read: from => from.int64(), write: (to, value) => to.int64(value) })
export const uuid = maker<string>({
  read: from => from.uuid(),
  write: (to, value) => to.raw(Buffer.from(value, 'base64url')),
})
export const string = maker<string>({
  read: (from, { flexible }) => (flexible ? from.compactString() : from.string()),
  write: (to, value, { flexible }) => (flexible ? to.compactString(value) : to.string(value)),
})
export const nullableString = maker<string | null>({
  read: (from, { flexible }) => (flexible ? from.compactNullableString() : from.nullableString()),
  write: (to, value, { flexible }) => (flexible ? to.compactString(value) : to.string(value)),
})

const readLength = (from: ByteReader, { flexible }: Wire) => (flexible ? from.uvarint() - 1 : from.int32())
const writeLength = (to: ByteWriter, length: number, { flexible }: Wire) =>
  flexible ? to.uvarint(length + 1) : to.int32(length)

const nullableBytes: Codec<Buffer | null> = {
  read(from, wire) {
    const length = readLength(from, wire)
    if (length < 0) return null
    const start = from.offset
    if (start + length > from.buffer.length) throw new RangeError('bytes go beyond the message')
    from.offset += length
    return from.buffer.subarray(start, from.offset)
  },
  write(to, value, wire) {
    writeLength(to, value?.length ?? -1, wire)
    if (value !== null) to.raw(value)
  },
}

/** A view on the message, not a copy. */
export const bytes = maker<Buffer>({
  read: (from, wire) => nullableBytes.read(from, wire) ?? Buffer.alloc(0),
  write: nullableBytes.write,
})
/** Record batches. A view on the message, not a copy. */
export const nullableRecords = maker(nullableBytes)

function nullableItems<R, G>({ codec }: Field<R, G>): Codec<R[] | null, readonly G[] | null> {
  return {
    read(from, wire) {
      const length = readLength(from, wire)
      if (length < 0) return null
      const items: R[] = []
      for (let i = 0; i < length; i++) items.push(codec.read(from, wire))
      return items
    },
    write(to, items, wire) {
      writeLength(to, items?.length ?? -1, wire)
      for (const item of items ?? []) codec.write(to, item, wire)
    },
  }
}

export function nullableArray<R, G>(
  items: Field<R, G>,
  options: Options<readonly G[] | null> = {},
): Field<R[] | null, readonly G[] | null, false> {
  return { ...fieldOf(nullableItems(items), options), optional: false }
}

export function array<R, G>(items: Field<R, G>, options: WithDefault<readonly G[]>): Field<R[], readonly G[], true>
export function array<R, G>(items: Field<R, G>, options?: Versions): Field<R[], readonly G[], false>
export function array<R, G>(items: Field<R, G>, options: Options<readonly G[]> = {}): Field<R[], readonly G[]> {
  const { read, write } = nullableItems(items)
  const codec: Codec<R[], readonly G[]> = { read: (from, wire) => read(from, wire) ?? [], write }
  return fieldOf(codec, options)
}

/** biome-ignore lint/suspicious/noExplicitAny: a structure has fields of all types */
export type Fields = Readonly<Record<string, Field<any, any>>>
type Optional<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer _R, infer _G, true> ? K : never }[keyof F]
/** What is read: every field is there. */
export type ReadOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer R, infer _G> ? R : never }
type Given<F> = F extends Field<infer _R, infer G> ? G : never
/** What is given to be written. */
export type GivenOf<F extends Fields> = { readonly [K in Exclude<keyof F, Optional<F>>]: Given<F[K]> } & {
  readonly [K in Optional<F>]?: Given<F[K]>
}

/** The fields in the order of the protocol. */
export function structure<F extends Fields>(fields: F): Codec<ReadOf<F>, GivenOf<F>> {
  const entries = Object.entries(fields)
  return {
    read(from, wire) {
      const value: Record<string, unknown> = {}
      for (const [name, field] of entries) {
        const isThere = wire.version >= field.from && wire.version <= field.to
        value[name] = isThere ? field.codec.read(from, wire) : field.or
      }
      if (wire.flexible) from.skipTags()
      return value as ReadOf<F>
    },
    write(to, value: Readonly<Record<string, unknown>>, wire) {
      for (const [name, field] of entries) {
        if (wire.version < field.from || wire.version > field.to) continue
        field.codec.write(to, value[name] === undefined ? field.or : value[name], wire)
      }
      if (wire.flexible) to.noTags()
    },
  }
}

export function struct<F extends Fields>(fields: F): Field<ReadOf<F>, GivenOf<F>, false> {
  return { ...fieldOf(structure(fields), {}), optional: false }
}

/** A structure, or null: a byte before it says which. */
export function nullableStruct<F extends Fields>(fields: F): Field<ReadOf<F> | null, GivenOf<F> | null, false> {
  const { read, write } = structure(fields)
  const codec: Codec<ReadOf<F> | null, GivenOf<F> | null> = {
    read: (from, wire) => (from.int8() < 0 ? null : read(from, wire)),
    write(to, value, wire) {
      to.int8(value === null ? -1 : 1)
      if (value !== null) write(to, value, wire)
    },
  }
  return { ...fieldOf(codec, {}), optional: false }
}
