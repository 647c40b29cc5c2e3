import { parseExact } from '../codecs/exact-json'
import type { HeaderList } from '../header-lists'
import type { AvroWriter } from './avro/avro-write'
import {
  bytesOfBase64,
  bytesOfText,
  headersOf,
  type KeyFormat,
  type PartName,
  type Parts,
  partsOf,
  textOf,
  utf8,
} from './record-parts'
import type { SchemaForm } from './schema-form'
import type { AvroKeyWriter } from './topic-writer'

export type { KeyFormat } from './record-parts'

/** A record as it was typed or piped in. */
export interface NewRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer>>
  /** Instead of `headers`, where names are repeated or values are null. */
  readonly headerList?: HeaderList
  readonly partition?: number
  /** ms. */
  readonly timestamp?: number
}

export interface LineOptions {
  /**
   * `lines`: each line is a value, or key and value around `keySeparator`. `records`: each is a JSON object as `weir consume`
   * prints it, with `key`, `payload` and, optionally, `headers`, `partition`, `ts`.
   */
  readonly input: 'lines' | 'records'
  readonly keySeparator?: string
  /** For records without a key of their own. */
  readonly key?: string
  /** Takes the key from this field of the value, `sensor_id` or `device.id`. */
  readonly keyField?: string
  /** Records go to the partition that they name (`records` only); otherwise by key. */
  readonly keepPartition?: boolean
  /** An empty value is a tombstone. */
  readonly emptyIsNull?: boolean
  /** For all records; as pairs, names may be repeated. They take the place of a record's own ones of these names. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]
  /** How values are written; undefined writes the text as it is, checked to be JSON with `json`. */
  readonly avro?: AvroWriter
  readonly json?: boolean
  /** The bytes of keys; undefined: the text as it is. */
  readonly keyFormat?: KeyFormat
  /** The bytes of values that are neither Avro nor JSON; undefined: the text as it is. */
  readonly valueFormat?: KeyFormat
  /** How keys are written, instead of `keyFormat`. */
  readonly avroKey?: AvroKeyWriter
  /**
   * For `records` that `weir consume` has printed: Avro is written by the schema ids that they name, anything else as it stands. Undefined: as lines are.
   */
  readonly schemas?: RegistrySchemas
}

/** Schemas by the registry's ids. Throws SchemaMissing for one that has to be loaded first, Error for one that can't be had. */
export interface RegistrySchemas {
  get(id: number): SchemaForm
}

/** Encodes one line; bytes are one that is no UTF-8. Throws Error that says what is wrong with it. */
export function encodeLine(line: string | Buffer, options: LineOptions): NewRecord {
  if (typeof line === 'string') return options.input === 'records' ? fromRecord(line, options) : fromText(line, options)
  if (options.input === 'records' || isStructured(options) || options.valueFormat || options.avroKey)
    throw new Error('it is no UTF-8')
  return fromBytes(line, options)
}

const isStructured = ({ avro, json, keyField }: LineOptions) =>
  avro !== undefined || json === true || keyField !== undefined

function fromText(line: string, options: LineOptions): NewRecord {
  const { keySeparator } = options
  let text = line
  let key = options.key
  if (keySeparator !== undefined) {
    const at = line.indexOf(keySeparator)
    if (at < 0) throw noSeparator(keySeparator)
    key = line.slice(0, at)
    text = line.slice(at + keySeparator.length)
  }
  if (text === '' && options.emptyIsNull) return finish(key ?? null, null, options)
  if (!isStructured(options)) return finish(key ?? null, bytesOfText('value', text, options.valueFormat), options)
  const value = parse(text)
  const bytes = options.avro === undefined ? Buffer.from(text) : options.avro.encode(value)
  return finish(keyOf(value, key ?? null, options), bytes, options)
}

const noSeparator = (separator: string) => new Error(`there is no ${JSON.stringify(separator)} between key and value`)

function fromBytes(line: Buffer, options: LineOptions): NewRecord {
  const { keySeparator } = options
  if (keySeparator === undefined) return finish(options.key ?? null, line, options)
  const separator = Buffer.from(keySeparator)
  const at = line.indexOf(separator)
  if (at < 0) throw noSeparator(keySeparator)
  const value = line.subarray(at + separator.length)
  return finish(line.subarray(0, at), value.length === 0 && options.emptyIsNull ? null : value, options)
}

function fromRecord(line: string, options: LineOptions): NewRecord {
  const record = parse(line) as Record<string, unknown> | null
  if (typeof record !== 'object' || record === null || Array.isArray(record) || !Object.hasOwn(record, 'payload')) {
    throw new Error('a record is an object with payload, and may have key, headers, partition and ts')
  }
  const { payload, headers, partition, ts } = record
  const parts = partsOf(line, record)
  const ownKey = parts.isNull('key') ? (options.key ?? null) : keyBytes(parts, options)
  const finished = finish(
    keyOf(payload, ownKey, options),
    payloadBytes(parts, options),
    options,
    headersOf(headers, parts.isBase64),
  )
  const keep = options.keepPartition === true && partition !== undefined
  if (keep && !Number.isInteger(partition)) throw new Error(`partition ${JSON.stringify(partition)} is no number`)
  // Kafka refuses nothing below 0 by itself, and so some logs have it.
  if (ts !== undefined && !(Number.isSafeInteger(ts) && ((ts as number) >= -1 || parts.isRead)))
    throw new Error(`ts ${textOf(ts)} is no time in ms`)
  return {
    ...finished,
    ...(keep ? { partition: partition as number } : {}),
    ...(ts === undefined ? {} : { timestamp: ts as number }),
  }
}

function keyBytes(parts: Parts, { keyFormat, avroKey, schemas }: LineOptions): Buffer {
  const shown = shownBytes(parts, 'key', schemas)
  if (shown === undefined && avroKey !== undefined) return avroKey.encode(parts.value('key'))
  return shown ?? bytesOfText('key', parts.text('key'), keyFormat)
}

function payloadBytes(parts: Parts, { avro, schemas, valueFormat }: LineOptions): Buffer | null {
  if (parts.isNull('payload')) return null
  const shown = shownBytes(parts, 'payload', schemas)
  if (shown !== undefined) return shown
  const isCopy = schemas !== undefined && parts.isRead
  if (isCopy) return utf8('payload', parts.text('payload'))
  return avro?.encode(parts.value('payload')) ?? bytesOfText('payload', parts.text('payload'), valueFormat)
}

/** By what `weir consume` says of it; undefined where it says nothing. */
function shownBytes(parts: Parts, name: PartName, schemas: RegistrySchemas | undefined): Buffer | undefined {
  const value = parts.value(name)
  if (parts.isBase64(name)) return bytesOfBase64(name, value)
  if (schemas === undefined) return undefined
  const format = parts.format(name)
  if (format !== undefined) return bytesOfText(name, parts.text(name), format)
  const id = parts.schemaId(name)
  if (id === undefined) return undefined
  const form = schemas.get(id)
  const raw = parts.raw(name)
  // What was edited on its way is not what the bytes say any more.
  return raw !== undefined && form.isShownAs(raw, value) ? raw : form.encode(value)
}

function keyOf(
  value: unknown,
  own: string | Buffer | null,
  { keyField, avroKey }: LineOptions,
): string | Buffer | null {
  if (keyField === undefined) return own
  let found: unknown = value
  for (const step of keyField.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[step]
  if (found === undefined || found === null)
    throw new Error(`field ${keyField}, which the key is taken from, is missing`)
  return avroKey?.encode(found) ?? textOf(found)
}

function finish(
  key: string | Buffer | null,
  value: Buffer | null,
  options: LineOptions,
  own: HeaderList = [],
): NewRecord {
  const keyBytes =
    typeof key === 'string' ? (options.avroKey?.encodeText(key) ?? bytesOfText('key', key, options.keyFormat)) : key
  const { headers = [] } = options
  const added = (Array.isArray(headers) ? headers : Object.entries(headers)) as readonly (readonly [string, string])[]
  if (own.length + added.length === 0) return { key: keyBytes, value }
  const kept = added.length === 0 ? own : own.filter(([name]) => !added.some(([other]) => other === name))
  const list: HeaderList = [...kept, ...added.map(([name, text]) => [name, Buffer.from(text)] as const)]
  // An object would sort names that are numbers.
  const isPlain =
    new Set(list.map(([name]) => name)).size === list.length &&
    list.every(([name, bytes]) => typeof name === 'string' && bytes !== null && !/^\d+$/.test(name))
  if (!isPlain) return { key: keyBytes, value, headerList: list }
  return { key: keyBytes, value, headers: Object.fromEntries(list) as Record<string, Buffer> }
}

/** Above what a payload may have. */
const lineDepth = 3_010

function parse(text: string): unknown {
  try {
    return parseExact(text, lineDepth)
  } catch (error) {
    throw new Error(`it is no JSON: ${(error as Error).message}`)
  }
}
