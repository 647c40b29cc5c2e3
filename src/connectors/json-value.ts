import type { AvroNode } from '../codecs/avro-node'
import { stringifyExact } from '../codecs/exact-json'
import { lookOf } from '../codecs/value-looks'
import { ProcessError } from '../errors'
import { jsonScalar, textWriter } from './json-scalar'
import { boundOf, type JsonStyle, type JsonWriter, refuse } from './json-writer'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)

/** Levels of values in one another, as `maxJsonDepth` of what is read. */
const maxLevels = 1_000

/** Compiles a type to a writer of its values. `name` is what messages call the value: `pickup.city`. */
export function jsonWriter(name: string, node: AvroNode, style: JsonStyle): JsonWriter {
  return new Compiler(style).compile(name, node)
}

class Compiler {
  private readonly known = new Map<AvroNode, JsonWriter>()
  private levels = 0

  constructor(private readonly style: JsonStyle) {}

  compile(name: string, node: AvroNode): JsonWriter {
    const { bound, write } = this.writerOf(name, node)
    if (typeof bound === 'number') return { bound, write }
    const counted = (value: unknown) => {
      // A value that was refused has left levels behind.
      this.levels = 0
      return bound(value)
    }
    return { bound: counted, write }
  }

  private writerOf(name: string, node: AvroNode): JsonWriter {
    if (node.isJson) return asItIs(name)
    if (node.type === 'union') return this.union(name, node)
    if (node.type === 'array') return this.array(name, node)
    if (node.type === 'map') return this.map(name, node)
    if (node.type !== 'record' && node.type !== 'error') return jsonScalar(name, node, this.style)
    const known = this.known.get(node)
    if (known !== undefined) return known
    // Known before its fields are compiled, as they may lead back to it.
    let made: JsonWriter | undefined
    const later = () => made ?? refuse(name, undefined, 'record')
    this.known.set(node, {
      bound: value => boundOf(later(), value),
      write: (bytes, at, value) => later().write(bytes, at, value),
    })
    made = this.record(name, node)
    return made
  }

  private record(name: string, { fields }: AvroNode): JsonWriter {
    const parts = fields.map((field, i) => ({
      name: field.name,
      head: Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(field.name)}:`),
      writer: this.writerOf(`${name}.${field.name}`, field.node),
    }))
    return {
      bound: value => {
        if (!isObject(value)) return 2
        this.enter(name)
        let bound = 2
        for (const part of parts) bound += part.head.length + boundOf(part.writer, value[part.name])
        this.levels--
        return bound
      },
      write(bytes, at, value) {
        if (!isObject(value)) refuse(name, value, 'record')
        let end = at
        if (parts.length === 0) bytes[end++] = 123
        for (const part of parts) {
          bytes.set(part.head, end)
          end = part.writer.write(bytes, end + part.head.length, value[part.name])
        }
        bytes[end] = 125
        return end + 1
      },
    }
  }

  private array(name: string, { parts: [item] }: AvroNode): JsonWriter {
    const writer = this.writerOf(`${name}[]`, item as AvroNode)
    return {
      bound: value => {
        if (!Array.isArray(value)) return 2
        this.enter(name)
        let bound = 2 + value.length
        for (const each of value) bound += boundOf(writer, each)
        this.levels--
        return bound
      },
      write(bytes, at, value) {
        if (!Array.isArray(value)) refuse(name, value, 'array')
        let end = at
        bytes[end++] = 91
        for (let i = 0; i < value.length; i++) {
          if (i > 0) bytes[end++] = 44
          end = writer.write(bytes, end, value[i])
        }
        bytes[end] = 93
        return end + 1
      },
    }
  }

  private map(name: string, { parts: [values] }: AvroNode): JsonWriter {
    const writer = this.writerOf(`${name}{}`, values as AvroNode)
    const key = textWriter(`${name}{}`, this.style)
    return {
      bound: value => {
        if (!isObject(value)) return 2
        this.enter(name)
        let bound = 2
        for (const each of Object.keys(value)) bound += 2 + boundOf(key, each) + boundOf(writer, value[each])
        this.levels--
        return bound
      },
      write(bytes, at, value) {
        if (!isObject(value)) refuse(name, value, 'map')
        let end = at
        bytes[end++] = 123
        for (const each of Object.keys(value)) {
          if (end > at + 1) bytes[end++] = 44
          end = key.write(bytes, end, each)
          bytes[end++] = 58
          end = writer.write(bytes, end, value[each])
        }
        bytes[end] = 125
        return end + 1
      },
    }
  }

  private union(name: string, node: AvroNode): JsonWriter {
    const branches = node.parts.map(part => ({
      isNull: part.type === 'null',
      look: lookOf(part.type, part.logical),
      key: part.name,
      head: Buffer.from(`{${JSON.stringify(part.name)}:`),
      writer: this.writerOf(name, part),
    }))
    const [only] = branches.filter(({ isNull }) => !isNull)
    const hasNull = branches.some(({ isNull }) => isNull)
    if (branches.length === 1 && only !== undefined) return only.writer
    if (branches.length === 2 && hasNull && only !== undefined) return orNull(only.writer)
    const isNamed = !areApart(node, this.style)
    const meant = node.isWrapped ? wrapped(name, branches) : bare(name, branches)
    return {
      bound: given => {
        const [{ head, writer }, value] = meant(given)
        return head.length + 1 + boundOf(writer, value)
      },
      write(bytes, at, given) {
        const [{ isNull, head, writer }, value] = meant(given)
        if (!isNamed || isNull) return writer.write(bytes, at, value)
        bytes.set(head, at)
        const end = writer.write(bytes, at + head.length, value)
        bytes[end] = 125
        return end + 1
      },
    }
  }

  private enter(name: string): void {
    if (++this.levels <= maxLevels) return
    throw new ProcessError(`field ${name.slice(0, 60)}: it is nested deeper than ${maxLevels} levels`)
  }
}

/** JSON that was read as JSON. Its length is known once it is text, which is kept until it is written. */
function asItIs(name: string): JsonWriter {
  let last: unknown
  let text = ''
  const textOf = (value: unknown): string => {
    if (last === value && text !== '') return text
    try {
      text = stringifyExact(value, name)
    } catch (error) {
      throw new ProcessError(`field ${(error as Error).message}`)
    }
    last = value
    return text
  }
  return {
    bound: value => Buffer.byteLength(textOf(value)),
    write(bytes, at, value) {
      const end = at + bytes.write(textOf(value), at)
      text = ''
      last = undefined
      return end
    },
  }
}

function orNull(writer: JsonWriter): JsonWriter {
  const { bound } = writer
  return {
    bound: typeof bound === 'number' ? Math.max(4, bound) : value => Math.max(4, value === null ? 4 : bound(value)),
    write: (bytes, at, value) =>
      value === null || value === undefined ? at + bytes.write('null', at, 'latin1') : writer.write(bytes, at, value),
  }
}

interface Branch {
  readonly isNull: boolean
  readonly look: string
  readonly key: string
  readonly head: Buffer
  readonly writer: JsonWriter
}

type Meant = (value: unknown) => readonly [branch: Branch, value: unknown]

/** The value names its branch: `{ int: 5 }`. */
function wrapped(name: string, branches: readonly Branch[]): Meant {
  return value => {
    const nothing = branches.find(({ isNull }) => isNull)
    if ((value === null || value === undefined) && nothing !== undefined) return [nothing, null]
    const [key, ...others] = isObject(value) ? Object.keys(value) : []
    const branch = others.length === 0 ? branches.find(each => each.key === key) : undefined
    if (branch === undefined) return refuse(name, value, `one of ${branches.map(each => each.key).join(', ')}`)
    return [branch, (value as Readonly<Record<string, unknown>>)[branch.key]]
  }
}

function lookOfValue(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return Buffer.isBuffer(value) ? 'buffer' : typeof value
}

/** What the value is says which branch it is. */
function bare(name: string, branches: readonly Branch[]): Meant {
  const byLook = new Map(branches.map(branch => [branch.look, branch]))
  // Longs may be held as bigints.
  const number = byLook.get('number')
  if (number !== undefined && !byLook.has('bigint')) byLook.set('bigint', number)
  return value => {
    const branch = byLook.get(lookOfValue(value))
    if (branch === undefined) return refuse(name, value, `one of ${branches.map(each => each.key).join(', ')}`)
    return [branch, value]
  }
}

/** Whether a union's branches can be told apart in JSON: else it says which one a value is, `{"bytes":"aGk="}`. */
function areApart({ parts }: AvroNode, style: JsonStyle): boolean {
  const looks = parts.map(({ type, logical }) => {
    if (logical === undefined || logical === 'uuid')
      return /^(bytes|fixed|string|enum)$/.test(type) ? 'text' : lookOf(type, undefined)
    if (logical === 'decimal') return style === 'message' ? 'text' : 'number'
    return style === 'message' && logical.startsWith('timestamp-') ? 'number' : 'text'
  })
  return new Set(looks).size === looks.length
}
