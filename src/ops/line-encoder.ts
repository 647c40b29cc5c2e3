import { parseExact, stringifyExact } from '../codecs/exact-json'
import type { HeaderList } from '../connectors/ledger'
import type { AvroWriter } from './avro/avro-write'
import { fieldSources } from './json-source'
import { type NumberFormat, numberBytes } from './number-formats'
import { onOneLine } from './record-decoder'

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
  /**
   * For `records` that `weir consume` has printed: Avro is written by the schema ids that they name, anything else as it stands. Undefined: as lines are.
   */
  readonly schemas?: RegistrySchemas
}

export type KeyFormat = NumberFormat | 'base64' | 'hex'

/** Writers by the registry's ids. Throws SchemaMissing for one that has to be loaded first, Error for one that can't be had. */
export interface RegistrySchemas {
  get(id: number): AvroWriter
}

/** Encodes one line; bytes are one that is no UTF-8. Throws Error that says what is wrong with it. */
export function encodeLine(line: string | Buffer, options: LineOptions): NewRecord {
  if (typeof line === 'string') return options.input === 'records' ? fromRecord(line, options) : fromText(line, options)
  if (options.input === 'records' || isStructured(options)) throw new Error('it is no UTF-8')
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
  if (!isStructured(options)) return finish(key ?? null, Buffer.from(text), options)
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
  if (ts !== undefined && !(Number.isSafeInteger(ts) && (ts as number) >= -1))
    throw new Error(`ts ${JSON.stringify(ts)} is no time in ms`)
  return {
    ...finished,
    ...(keep ? { partition: partition as number } : {}),
    ...(ts === undefined ? {} : { timestamp: ts as number }),
  }
}

type PartName = 'key' | 'payload'

/** A record's key and payload, with what `weir consume` says of how they are shown. */
interface Parts {
  isNull(name: PartName): boolean
  isBase64(field: string): boolean
  value(name: PartName): unknown
  /** Text as it is meant, JSON as it was written. */
  text(name: PartName): string
  schemaId(name: PartName): number | undefined
  /** It was read from a topic: then what has no schema id was no Avro. */
  readonly isRead: boolean
}

function partsOf(line: string, record: Record<string, unknown>): Parts {
  const sources = fieldSources(line)
  const schemaId = (name: PartName) => idOf(record[name === 'key' ? 'key_schema_id' : 'value_schema_id'])
  const given = record.source as Record<string, unknown> | undefined
  return {
    isRead: Object.hasOwn(record, 'offset'),
    // Avro's null is a value like any other.
    isNull: name => record[name] === undefined || (record[name] === null && schemaId(name) === undefined),
    isBase64: base64Of(record.base64),
    value: name => record[name],
    text: name => {
      const shown = sourceOf(record[name], sources.get(name) as string)
      const source = given?.[name]
      // What was edited on its way is not the source's any more.
      return typeof source === 'string' && onOneLine(source) === shown ? source : shown
    },
    schemaId,
  }
}

function idOf(id: unknown): number | undefined {
  if (id === undefined || id === null || Number.isInteger(id)) return id as number | undefined
  throw new Error(`a schema id is a number, not ${JSON.stringify(id)}`)
}

function keyBytes(parts: Parts, { keyFormat, schemas }: LineOptions): Buffer {
  if (parts.isBase64('key')) return bytesOfBase64('key', parts.value('key'))
  const id = parts.schemaId('key')
  if (id !== undefined && schemas !== undefined) return schemas.get(id).encode(parts.value('key'), true)
  return bytesOfKey(parts.text('key'), keyFormat)
}

function payloadBytes(parts: Parts, { avro, schemas }: LineOptions): Buffer | null {
  if (parts.isNull('payload')) return null
  if (parts.isBase64('payload')) return bytesOfBase64('payload', parts.value('payload'))
  const id = parts.schemaId('payload')
  if (id !== undefined && schemas !== undefined) return schemas.get(id).encode(parts.value('payload'), true)
  const isCopy = schemas !== undefined && parts.isRead
  return avro === undefined || isCopy ? Buffer.from(parts.text('payload')) : avro.encode(parts.value('payload'))
}

/** The bytes of a key in text. Throws Error for what its format does not hold. */
function bytesOfKey(text: string, format: KeyFormat | undefined): Buffer {
  if (format === undefined) return Buffer.from(text)
  if (format === 'base64') return bytesOfBase64('key', text)
  if (format !== 'hex') return numberBytes(format, text)
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new Error(`the key is no hexadecimal text: ${JSON.stringify(text)}`)
  return Buffer.from(text, 'hex')
}

const sourceOf = (value: unknown, source: string) => (typeof value === 'string' ? value : source)

/** Which fields `weir consume` has shown as base64. */
function base64Of(list: unknown): (field: string) => boolean {
  if (list === undefined) return () => false
  if (!Array.isArray(list)) throw new Error('base64 is a list of names: key, payload, headers[1]')
  return field => list.includes(field)
}

function bytesOfBase64(field: string, value: unknown): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return Buffer.from(value, 'base64')
  throw new Error(`${field} is no base64: ${JSON.stringify(value)}`)
}

function keyOf(value: unknown, own: string | Buffer | null, { keyField }: LineOptions): string | Buffer | null {
  if (keyField === undefined) return own
  let found: unknown = value
  for (const step of keyField.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[step]
  if (found === undefined || found === null)
    throw new Error(`field ${keyField}, which the key is taken from, is missing`)
  return textOf(found)
}

function finish(
  key: string | Buffer | null,
  value: Buffer | null,
  options: LineOptions,
  own: HeaderList = [],
): NewRecord {
  const keyBytes = typeof key === 'string' ? bytesOfKey(key, options.keyFormat) : key
  const { headers = [] } = options
  const added = (Array.isArray(headers) ? headers : Object.entries(headers)) as readonly (readonly [string, string])[]
  if (own.length + added.length === 0) return { key: keyBytes, value }
  const kept = added.length === 0 ? own : own.filter(([name]) => !added.some(([other]) => other === name))
  const list: HeaderList = [...kept, ...added.map(([name, text]) => [name, Buffer.from(text)] as const)]
  // An object would sort names that are numbers.
  const isPlain =
    new Set(list.map(([name]) => name)).size === list.length &&
    list.every(([name, bytes]) => bytes !== null && !/^\d+$/.test(name))
  if (!isPlain) return { key: keyBytes, value, headerList: list }
  return { key: keyBytes, value, headers: Object.fromEntries(list) as Record<string, Buffer> }
}

/** kcat's list of names and values in turn, or an object. */
function headersOf(headers: unknown, isBase64: (field: string) => boolean): HeaderList {
  if (headers === undefined || headers === null) return []
  const bytes = (value: unknown, field: string) => {
    if (value === null) return null
    return isBase64(field) ? bytesOfBase64(field, value) : Buffer.from(textOf(value))
  }
  if (Array.isArray(headers) && headers.length % 2 === 0) {
    const list: [string, Buffer | null][] = []
    for (let i = 0; i < headers.length; i += 2)
      list.push([textOf(headers[i]), bytes(headers[i + 1], `headers[${i + 1}]`)])
    return list
  }
  if (typeof headers === 'object' && !Array.isArray(headers))
    return Object.entries(headers).map(([name, value]) => [name, bytes(value, `headers.${name}`)])
  throw new Error('headers are a list of names and values in turn, or an object')
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : stringifyExact(value))

/** Above what a payload may have. */
const lineDepth = 3_010

function parse(text: string): unknown {
  try {
    return parseExact(text, lineDepth)
  } catch (error) {
    throw new Error(`it is no JSON: ${(error as Error).message}`)
  }
}
