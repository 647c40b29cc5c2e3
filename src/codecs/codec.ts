/**
 * A codec at work: bytes to values and back, synchronously. `decode` reads its range of a larger buffer, so that no slice is
 * made per record; what it returns must not keep `buffer` alive (copy what is kept).
 */
export interface Codec<T> {
  encode(value: T): Buffer | null
  /** `start < 0` is null. Throws DecodeError for bad bytes, SchemaMissing when `load` has to be awaited first. */
  decode(buffer: Buffer, start: number, end: number): T
  /** The part of an encoded key that says its partition in a topic that `to` writes. Absent: all of it. */
  placed?(key: Buffer): Buffer
  /** Fetches what a SchemaMissing asked for. Rejects with UnavailableError while the registry is down; an id that the registry does not have is remembered, and `decode` then throws DecodeError for it. */
  load?(id: number): Promise<void>
}

/** Thrown by `decode`: the writer's schema isn't here yet. Not an error of the record. */
export class SchemaMissing extends Error {
  constructor(readonly id: number) {
    super(`schema ${id} is not loaded`)
  }
}

/** What a bound codec may use. `topic` names the registry's subject (`<topic>-value`). */
export interface CodecContext {
  readonly topic: string
  readonly part: 'key' | 'value'
  /** `read` asks nothing of the subject: its schemas are the writers' affair. Default both. */
  readonly use?: 'read'
  /** What is read has to be in the registry already: nobody else's part of the topology will register it. */
  readonly isExpected?: boolean
  readonly registry: SchemaRegistry
}

/** The description of a codec, as a topology holds it: no URL, no client. `bind` makes the codec for one topic. */
export interface Serde<T> {
  /** For describe(), plans and error messages: `text`, `json`, `avro reading`. */
  readonly name: string
  /** The fields that its values have, no others, where it knows them. */
  readonly fields?: readonly string[]
  /** Resolves once encoding works (its schema is known to the registry). */
  bind(context: CodecContext): Promise<Codec<T>>
}

/** What of a windowed step's windows its keys are written by. */
export type WindowShape =
  | { readonly type: 'time'; readonly sizeMs: number }
  | { readonly type: 'sliding'; readonly timeDifferenceMs: number }
  | { readonly type: 'session' }

/** How a windowed table's keys are written to an internal topic, as a topology holds it: the key inside, and the windows. */
export interface WindowedKey {
  /** Absent: text. */
  readonly inner: KeySerde | undefined
  readonly windows: WindowShape
}

export type KeySerde = Serde<unknown> | WindowedKey

/** In the registry's words. */
export type SchemaKind = 'AVRO' | 'JSON'

/** The registry as the codecs need it; the real one speaks the Confluent API, the test driver's is a Map. */
export interface SchemaRegistry {
  /**
   * The schema's JSON with what it refers to written out, or undefined when the registry answers that it has no such id. Rejects with
   * SchemaError for one that can't be used, UnavailableError.
   */
  schemaById(id: number): Promise<unknown | undefined>
  /** Whether the subject has a schema. Rejects with UnavailableError. */
  hasSubject(subject: string): Promise<boolean>
  /** The id of this very schema, of Avro unless told, under the subject, registering it when absent. Rejects with UnavailableError, or TopologyError when it is incompatible. */
  idOf(subject: string, schema: unknown, type?: SchemaKind): Promise<number>
}
