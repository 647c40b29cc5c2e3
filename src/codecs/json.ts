import { checkOptions, flag } from '../checked-options'
import { DecodeError, ProcessError, TopologyError } from '../errors'
import type { Codec, CodecContext, Serde } from './codec'
import { JsonError, maxJsonDepth, parseStrict, stringifyExact } from './exact-json'
import { type JsonSchema, jsonSchemaCheck } from './json-schema'
import { schemaFault } from './value-schema'

/** What JSON.stringify would change or can't do: `path is ...`; `rare` for what stringifyExact writes. */
function findFault(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value === 'number') {
    if (value === 0) return Object.is(value, -0) ? rare : undefined
    return Number.isFinite(value) ? undefined : `${path} is ${value}, which JSON can't hold`
  }
  if (typeof value === 'bigint') return `${path} is a bigint: JSON's readers take numbers, so write it as a text`
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return undefined
  if (depth >= maxJsonDepth) return `${path.slice(0, 60)} is nested deeper than ${maxJsonDepth} levels`
  let found: string | undefined
  let isEmpty = true
  for (const name in value) {
    isEmpty = false
    const fault = findFault((value as Record<string, unknown>)[name], `${path}.${name}`, depth + 1)
    if (fault !== undefined && fault !== rare) return fault
    found ??= fault
  }
  return isEmpty ? (hiddenFault(value, path) ?? found) : found
}

/** What JSON shows nothing of, and what to do. */
const hidden: Readonly<Record<string, string>> = {
  Promise: 'steps are synchronous, so wait for it elsewhere',
  Map: 'make an object or a list of it',
  Set: 'make a list of it',
  WeakMap: 'make an object of it',
  WeakSet: 'make a list of it',
  Error: 'take its message',
  RegExp: 'take its source',
  ArrayBuffer: 'make a text of it',
}

/** JSON.stringify writes these as {}. */
function hiddenFault(value: object, path: string): string | undefined {
  if (Array.isArray(value) || 'toJSON' in value) return undefined
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  const way = hidden[kind]
  return way === undefined ? undefined : `${path} is a ${kind}, of which JSON shows nothing: ${way}`
}

/** A fault that is none: -0, which JSON.stringify writes as 0. */
const rare = '-0'

function textOf(value: unknown): string {
  const fault = findFault(value, 'value', 0)
  if (fault !== undefined && fault !== rare) throw new ProcessError(fault)
  const json = fault === rare ? stringifyExact(value) : JSON.stringify(value)
  if (json === undefined) throw new ProcessError(`a ${typeof value} has no JSON`)
  return json
}

type Parse = (text: string) => unknown

/** Parses a range of a buffer. Throws DecodeError; the text itself is not repeated, as it may be large or secret. */
export function parseJson(buffer: Buffer, start: number, end: number, parse: Parse = parseStrict): unknown {
  try {
    return parse(buffer.toString('utf8', start, end))
  } catch (cause) {
    const why =
      cause instanceof JsonError ? `the JSON can't be taken: ${cause.message}` : `the ${end - start} bytes are no JSON`
    throw new DecodeError(why, { cause })
  }
}

export interface JsonOptions {
  /**
   * Registers the schema under the topic's subject and writes its id before the text, as Confluent's serializer of JSON Schema does. Default
   * false: the text alone. Both are read, whatever is written.
   */
  readonly registry?: boolean
}

/** Confluent's wire format: a zero byte, which no JSON begins with, and a schema's id. */
const headerBytes = 5

const hasHeader = (buffer: Buffer, start: number, end: number): boolean =>
  buffer[start] === 0 && end - start > headerBytes

function encode(value: unknown): Buffer | null {
  return value === null || value === undefined ? null : Buffer.from(textOf(value), 'utf8')
}

function decode(buffer: Buffer, start: number, end: number): unknown {
  if (start < 0) return null
  return parseJson(buffer, hasHeader(buffer, start, end) ? start + headerBytes : start, end)
}

async function bindTo<T>(
  schema: JsonSchema<T>,
  { registry: isRegistered = false }: JsonOptions,
  { topic, part, use, registry }: CodecContext,
): Promise<Codec<T>> {
  const faultOf = jsonSchemaCheck(schema)
  const head = Buffer.alloc(headerBytes)
  if (isRegistered && use !== 'read')
    head.writeInt32BE(await registry.idOf(`${topic}-${part}`, schema.jsonSchema, 'JSON'), 1)
  return {
    encode(value) {
      if (value === null || value === undefined) return null
      const text = textOf(value)
      // What JSON leaves out, and what has a form of its own there, such as a Date, is judged as it is written.
      const fault = faultOf(value) && faultOf(JSON.parse(text))
      if (fault !== undefined) throw new ProcessError(`the value can't be written as JSON ${schema.name}: ${fault}`)
      return isRegistered ? Buffer.concat([head, Buffer.from(text, 'utf8')]) : Buffer.from(text, 'utf8')
    },
    decode(buffer, start, end) {
      const value = decode(buffer, start, end)
      const fault = start < 0 ? undefined : faultOf(value)
      if (fault !== undefined) throw new DecodeError(`the value is no ${schema.name}: ${fault}`)
      return value as T
    },
  }
}

/**
 * JSON text. Finite doubles come back bit by bit (ECMA-262 Number::toString is the shortest text that reads back as the
 * same number). Refused are what would be changed or break a step: an integer whose digits a number doesn't hold (9007199254740993), a
 * number that overflows, more than 1,000 levels, with a DecodeError; NaN, infinities and bigints with a ProcessError. Null stays null
 * (a tombstone).
 *
 * With a JSON Schema (`weir schemas types` makes one, and its type, of each `schemas/NAME.schema.json`), what is read (DecodeError) and written
 * (ProcessError) is held against it, and the field is named that doesn't fit. Throws TopologyError for what is no schema.
 *
 * @example json<Click>()
 * @example json(click)
 * @example json(click, { registry: true })
 */
export function json<T>(schema?: JsonSchema<T>, options: JsonOptions = {}): Serde<T> {
  checkOptions('json', options, { registry: flag })
  if (schema === undefined) return { name: 'json', bind: async () => ({ encode, decode }) as Codec<T> }
  const wrong = schemaFault(schema)
  if (wrong !== undefined) throw new TopologyError(`json: ${wrong}`)
  return { name: `json ${schema.name}`, bind: context => bindTo(schema, options, context) }
}
