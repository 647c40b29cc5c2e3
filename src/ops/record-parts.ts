import { stringifyExact } from '../codecs/exact-json'
import { isUnicode } from '../codecs/text'
import type { HeaderList } from '../header-lists'
import { onOneLine } from './json-form'
import { fieldSources } from './json-source'
import { NUMBER_FORMATS, type NumberFormat, numberBytes } from './number-formats'

export type KeyFormat = NumberFormat | 'base64' | 'hex'

export type PartName = 'key' | 'payload'

/** A record's key and payload, with what `weir consume` says of how they are shown. */
export interface Parts {
  isNull(name: PartName): boolean
  isBase64(field: string): boolean
  value(name: PartName): unknown
  /** Text as it is meant, JSON as it was written. */
  text(name: PartName): string
  schemaId(name: PartName): number | undefined
  /** The bytes that it was, where its value alone doesn't give them again. */
  raw(name: PartName): Buffer | undefined
  format(name: PartName): KeyFormat | undefined
  /** It was read from a topic: then what has no schema id was no Avro. */
  readonly isRead: boolean
}

export function partsOf(line: string, record: Record<string, unknown>): Parts {
  const sources = fieldSources(line)
  const schemaId = (name: PartName) => idOf(record[name === 'key' ? 'key_schema_id' : 'value_schema_id'])
  const given = textsOf(record, 'source')
  const raw = textsOf(record, 'raw')
  const formats = textsOf(record, 'formats')
  return {
    isRead: Object.hasOwn(record, 'offset'),
    // Avro's null is a value like any other.
    isNull: name => record[name] === undefined || (record[name] === null && schemaId(name) === undefined),
    isBase64: base64Of(record.base64),
    value: name => record[name],
    text: name => {
      const shown = sourceOf(record[name], sources.get(name) as string)
      const source = given[name]
      // What was edited on its way is not the source's any more.
      return source !== undefined && onOneLine(source) === shown ? source : shown
    },
    schemaId,
    raw: name => (raw[name] === undefined ? undefined : bytesOfBase64(`raw.${name}`, raw[name])),
    format: name => formatOf(formats[name]),
  }
}

/** What is said of key and payload under one name. */
function textsOf(record: Record<string, unknown>, name: string): Partial<Record<PartName, string>> {
  const given = record[name] ?? {}
  const isObject = typeof given === 'object' && !Array.isArray(given)
  if (isObject && Object.values(given).every(each => typeof each === 'string')) return given
  throw new Error(`${name} is an object of texts: key, payload`)
}

function formatOf(name: string | undefined): KeyFormat | undefined {
  const format = [...NUMBER_FORMATS, 'hex' as const].find(each => each === name)
  if (name !== undefined && format === undefined)
    throw new Error(`formats are ${NUMBER_FORMATS.join(', ')} and hex, not ${name}`)
  return format
}

function idOf(id: unknown): number | undefined {
  if (id === undefined || id === null) return undefined
  if (Number.isInteger(id)) return id as number
  throw new Error(`a schema id is a number, not ${JSON.stringify(id)}`)
}

/** The bytes of a key or a payload in text. Throws Error for what its format does not hold. */
export function bytesOfText(name: PartName | 'value', text: string, format: KeyFormat | undefined): Buffer {
  if (format === undefined) return utf8(name, text)
  if (format === 'base64') return bytesOfBase64(name, text)
  if (format !== 'hex') return numberBytes(format, text)
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new Error(`the ${name} is no hexadecimal text: ${JSON.stringify(text)}`)
  return Buffer.from(text, 'hex')
}

const sourceOf = (value: unknown, source: string) => (typeof value === 'string' ? value : source)

/** Which fields `weir consume` has shown as base64. */
function base64Of(list: unknown): (field: string) => boolean {
  if (list === undefined) return () => false
  if (!Array.isArray(list)) throw new Error('base64 is a list of names: key, payload, headers[1]')
  return field => list.includes(field)
}

export function bytesOfBase64(field: string, value: unknown): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return Buffer.from(value, 'base64')
  throw new Error(`${field} is no base64: ${JSON.stringify(value)}`)
}

/** kcat's list of names and values in turn, or an object. */
export function headersOf(headers: unknown, isBase64: (field: string) => boolean): HeaderList {
  if (headers === undefined || headers === null) return []
  const bytes = (value: unknown, field: string) => {
    if (value === null) return null
    return isBase64(field) ? bytesOfBase64(field, value) : utf8(field, textOf(value))
  }
  if (Array.isArray(headers) && headers.length % 2 === 0) {
    const list: [string | Buffer, Buffer | null][] = []
    for (let i = 0; i < headers.length; i += 2)
      list.push([nameOf(headers[i], isBase64(`headers[${i}]`)), bytes(headers[i + 1], `headers[${i + 1}]`)])
    return list
  }
  if (typeof headers === 'object' && !Array.isArray(headers))
    return Object.entries(headers).map(([name, value]) => [name, bytes(value, `headers.${name}`)])
  throw new Error('headers are a list of names and values in turn, or an object')
}

const nameOf = (name: unknown, isBase64: boolean) =>
  isBase64 ? bytesOfBase64('the name of a header', name) : utf8('the name of a header', textOf(name)).toString()

export const textOf = (value: unknown) => (typeof value === 'string' ? value : stringifyExact(value))

/** Throws Error for half of a surrogate pair, which UTF-8 has no form for: it would be changed without a word. */
export function utf8(field: string, text: string): Buffer {
  if (isUnicode(text)) return Buffer.from(text)
  throw new Error(`${field} has half of a surrogate pair, which UTF-8 has no form for`)
}
