import { DecodeError } from '../errors'
import type { AvroNode, AvroNodeField } from './avro-node'
import type { AvroSchema } from './avro-schema'
import type { LongAs } from './avro-types'
import { parseExact } from './exact-json'
import { parseJson } from './json'
import { type Convert, jsonScalarReader, wrong } from './json-scalar-reader'
import { meantBy } from './logical-types'
import { nodeOfSchema } from './value-schema'

interface Reader {
  readonly expected: string
  readonly convert: Convert
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value)
    ? 'an array'
    : typeof value === 'object'
      ? 'an object'
      : typeof value === 'bigint'
        ? String(value)
        : JSON.stringify(value).slice(0, 40)
}

function refuse(name: string, expected: string, value: unknown): never {
  throw new DecodeError(`field ${name} must be ${expected}, and is ${kind(value)}`)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Compiles the readers of a schema's types. */
class Compiler {
  private readonly known = new Map<AvroNode, Reader>()

  constructor(private readonly long: LongAs) {}

  readerOf(name: string, node: AvroNode): Reader {
    const [part] = node.parts
    if (node.type === 'union') return this.union(name, node)
    if (node.type === 'array' && part !== undefined) return this.array(name, part)
    if (node.type === 'map' && part !== undefined) return this.map(name, part)
    if (node.type !== 'record' && node.type !== 'error') return jsonScalarReader(node, this.long)
    const known = this.known.get(node)
    if (known !== undefined) return known
    // Known before its fields are compiled, as they may lead back to it.
    let convert: Convert = () => wrong
    this.known.set(node, { expected: 'an object', convert: value => convert(value) })
    const fields = this.fieldsOf(`${name}.`, node)
    convert = value => (isObject(value) ? fields(value) : wrong)
    return { expected: 'an object', convert }
  }

  /** Reads the fields of a record; `prefix` is before their names in messages. */
  fieldsOf(prefix: string, node: AvroNode): (object: Readonly<Record<string, unknown>>) => unknown {
    const fields = node.fields.map(field => ({ name: field.name, read: this.field(prefix, field) }))
    return object => {
      const value: Record<string, unknown> = {}
      for (const { name, read } of fields) value[name] = read(object[name])
      return value
    }
  }

  private field(prefix: string, { name, node, fallback }: AvroNodeField): Convert {
    const full = `${prefix}${name}`
    const { expected, convert } = this.readerOf(full, node)
    const byDefault = fallback === undefined ? undefined : defaultOf(node, fallback, this.long)
    return value => {
      if (value === undefined) {
        if (fallback === undefined) throw new DecodeError(`field ${full} is missing`)
        return byDefault
      }
      const converted = convert(value)
      return converted === wrong ? refuse(full, expected, value) : converted
    }
  }

  private checked(name: string, node: AvroNode): Convert {
    const { expected, convert } = this.readerOf(name, node)
    return value => {
      const converted = convert(value)
      return converted === wrong ? refuse(name, expected, value) : converted
    }
  }

  private array(name: string, item: AvroNode): Reader {
    const read = this.checked(`${name}[]`, item)
    return { expected: 'an array', convert: value => (Array.isArray(value) ? value.map(each => read(each)) : wrong) }
  }

  private map(name: string, values: AvroNode): Reader {
    const read = this.checked(`${name}{}`, values)
    const convert: Convert = value =>
      isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, read(each)])) : wrong
    return { expected: 'an object', convert }
  }

  /** A value is of the first type that takes it; where the types look alike, it names its own: `{"int":5}`. */
  private union(name: string, { parts, isWrapped }: AvroNode): Reader {
    const [only, ...more] = parts.filter(({ type }) => type !== 'null')
    if (only !== undefined && more.length === 0) {
      const reader = this.readerOf(name, only)
      return parts.length === 1 ? reader : { ...reader, convert: v => (v === null ? null : reader.convert(v)) }
    }
    const branches = parts.map(part => ({ key: part.name, isNull: part.type === 'null', ...this.readerOf(name, part) }))
    const expected = branches
      .filter(({ isNull }) => !isNull)
      .map(branch => branch.expected)
      .join(', or ')
    const hasNull = branches.some(({ isNull }) => isNull)
    const convert: Convert = value => {
      if (value === null) return hasNull ? null : wrong
      if (isWrapped) return named(branches, value)
      for (const branch of branches) {
        const converted = branch.isNull ? wrong : branch.convert(value)
        if (converted !== wrong) return converted
      }
      return wrong
    }
    return { expected, convert }
  }
}

function named(branches: readonly (Reader & { readonly key: string })[], value: unknown): unknown {
  const [entry, ...more] = isObject(value) ? Object.entries(value) : []
  const branch = more.length === 0 ? branches.find(({ key }) => key === entry?.[0]) : undefined
  if (branch === undefined || entry === undefined) return wrong
  const converted = branch.convert(entry[1])
  return converted === wrong ? wrong : { [branch.key]: converted }
}

/** A default as the schema has it, in the form that values have: of a union it is of the first type. */
function defaultOf(node: AvroNode, fallback: unknown, long: LongAs): unknown {
  const first = node.type === 'union' ? node.parts[0] : node
  if (first?.type === 'long' && (long === 'bigint' || first.logical?.endsWith('nanos')) && typeof fallback === 'number')
    return BigInt(fallback)
  if ((first?.type !== 'bytes' && first?.type !== 'fixed') || typeof fallback !== 'string') return fallback
  const bytes = Buffer.from(fallback, 'latin1')
  return first.logical === undefined ? bytes : meantBy(first, bytes)
}

/**
 * Reads a plain JSON object as a record of the schema: times are unix seconds (float), a field that is absent takes the
 * schema's default, extra fields are ignored. DecodeError names the field that is missing or of the wrong type.
 */
export function jsonRecord<T>(schema: AvroSchema<T>, long: LongAs): (buffer: Buffer, start: number, end: number) => T {
  const fields = new Compiler(long).fieldsOf('', nodeOfSchema(schema))
  // Fields know what is beyond them: a long that JSON.parse rounds is still beyond 2^53.
  const parse = long === 'bigint' ? parseExact : (text: string) => JSON.parse(text) as unknown
  return (buffer, start, end) => fields(parseJson(buffer, start, end, parse) as Record<string, unknown>) as T
}
