import { type AvroNode, avroNode } from '../../codecs/avro-node'
import { maxDepth } from '../../codecs/item-counts'
import { isUuid } from '../../codecs/logical-types'
import { isUnicode } from '../../codecs/text'
import { isLong } from '../../codecs/varint'
import { nearest } from '../../nearest'
import { AvroBytes } from './avro-bytes'
import { refusal } from './refusal'
import { bytesOfText, type TextFrom } from './shown-text'
import { isBeyondDay, looksLikeTime, typedTime } from './typed-time'

/** Turns JSON values into the registry's Avro. */
export interface AvroWriter {
  /**
   * Integers beyond 2^53 are bigints. With `asShown` values are what `avroToJson` writes, and its bytes come back; otherwise they are what somebody
   * means: times may also be unix seconds or ISO 8601, and a text that says no value of its type is refused.
   * Throws Error that names the field and what is wrong with it.
   */
  encode(value: unknown, asShown?: boolean): Buffer
}

const headerBytes = 5

/**
 * A writer for a schema's JSON text under its registry id. Beyond what Avro takes, times may be written as unix seconds (with a
 * fraction) or as ISO 8601 where the schema has `timestamp-micros` or `timestamp-millis`; decimals, uuids and durations are texts (`"12.50"`), other bytes a text of one
 * character a byte, as in Avro's JSON. Fields that are absent take their default. Throws Error for what is no Avro schema.
 */
export function avroWriter(schema: string, id: number): AvroWriter {
  const compiler = new Compiler()
  const root = avroNode(schema)
  const write = compiler.writerOf(root)
  const to = new Target()
  return {
    encode(value, asShown = false) {
      to.begin(asShown ? 'shown' : 'typed')
      to.byte(0)
      to.pos = to.buf.writeInt32BE(id, headerBytes - 4)
      write(to, value)
      return to.take()
    },
  }
}

/** The bytes, and where in the value the writer is. */
class Target extends AvroBytes {
  readonly path: (string | number)[] = []
  from: TextFrom = 'typed'

  begin(from: TextFrom): void {
    this.from = from
    this.path.length = 0
    this.pos = 0
  }

  enter(step: string | number): void {
    this.path.push(step)
    if (this.path.length > maxDepth) throw new Error(`it is nested deeper than ${maxDepth} levels`)
  }

  refuse(value: unknown, wanted: AvroNode): never {
    const what = this.path.length === 0 ? '' : `field ${this.path.join('.')}: `
    throw new Error(`${what}${refusal(value, wanted)}`)
  }
}

type Write = (to: Target, value: unknown) => void

/** Whether a value is one of a type, by how it looks: a union's branch is chosen by it. */
const looksLike: Readonly<Record<string, (value: unknown, node: AvroNode) => boolean>> = {
  null: value => value === null,
  boolean: value => typeof value === 'boolean',
  int: isNumber,
  long: (value, { logicalType }) => isNumber(value) || looksLikeTime(value, logicalType),
  float: isNumberOrNamed,
  double: isNumberOrNamed,
  string: isString,
  bytes: isString,
  enum: isString,
  fixed: isString,
  array: Array.isArray,
  map: isObject,
  record: isObject,
  error: isObject,
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}
function isString(value: unknown): boolean {
  return typeof value === 'string'
}
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
function isNumberOrNamed(value: unknown): boolean {
  return isNumber(value) || (typeof value === 'string' && named.has(value))
}

const named: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

class Compiler {
  private readonly known = new Map<AvroNode, Write>()

  writerOf(node: AvroNode): Write {
    const known = this.known.get(node)
    if (known !== undefined) return known
    let write: Write = (to, value) => to.refuse(value, node)
    this.known.set(node, (to, value) => write(to, value))
    write = this.build(node)
    return write
  }

  private build(node: AvroNode): Write {
    const [item] = node.parts
    if (node.type === 'union') return this.union(node)
    if (node.type === 'array' && item !== undefined) return arrayWriter(node, this.writerOf(item))
    if (node.type === 'map' && item !== undefined) return mapWriter(node, this.writerOf(item))
    if (node.type === 'record' || node.type === 'error') return this.record(node)
    return leafWriter(node)
  }

  private record(node: AvroNode): Write {
    const fields = node.fields.map(field => ({ ...field, write: this.writerOf(field.node) }))
    const names = fields.map(({ name }) => name)
    return (to, value) => {
      if (!isObject(value)) return to.refuse(value, node)
      const record = value as Readonly<Record<string, unknown>>
      let present = 0
      for (const { name, write, fallback, node: type } of fields) {
        to.enter(name)
        if (Object.hasOwn(record, name)) {
          present++
          write(to, record[name])
        } else if (fallback !== undefined) writeDefault(to, write, type, fallback)
        else throw new Error(`field ${to.path.join('.')} is missing`)
        to.path.pop()
      }
      return present === Object.keys(record).length ? undefined : refuseUnknown(to, record, names)
    }
  }

  private union(node: AvroNode): Write {
    const branches = node.parts.map((part, index) => ({ part, index, write: this.writerOf(part) }))
    const choose = (to: Target, value: unknown, index: number, write: Write) => {
      to.long(index)
      write(to, value)
    }
    return (to, value) => {
      const key = onlyKey(value)
      const wrapped = key === undefined ? undefined : branches.find(({ part }) => part.name === key)
      const isReal = wrapped?.part.type === 'double' || wrapped?.part.type === 'float'
      const isMeant = node.isNamed || (isReal && !node.parts.some(({ type }) => /^(record|error|map)$/.test(type)))
      if (wrapped !== undefined && isMeant)
        return choose(to, (value as Record<string, unknown>)[wrapped.part.name], wrapped.index, wrapped.write)
      const alike = branches.filter(({ part }) => looksLike[part.type]?.(value, part))
      // A text that is NaN's name is a text, where the union has texts.
      const found =
        alike.find(({ part }) => isString(value) && /^(string|bytes|enum|fixed)$/.test(part.type)) ?? alike[0]
      if (found === undefined || (node.isNamed && value !== null)) return to.refuse(value, node)
      return choose(to, value, found.index, found.write)
    }
  }
}

function onlyKey(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const keys = Object.keys(value as object)
  return keys.length === 1 ? keys[0] : undefined
}

/** A union's default is of its first type, or of another one that it looks like (Avro 1.12), and never wrapped. */
function writeDefault(to: Target, write: Write, node: AvroNode, fallback: unknown): void {
  const { from } = to
  to.from = 'fallback'
  const index = node.parts.findIndex(part => looksLike[part.type]?.(fallback, part))
  const branch = node.type === 'union' && node.isNamed ? node.parts[index] : undefined
  write(to, branch === undefined || fallback === null ? fallback : { [branch.name]: fallback })
  to.from = from
}

function refuseUnknown(to: Target, record: object, names: readonly string[]): never {
  const unknown = Object.keys(record).find(name => !names.includes(name)) as string
  const meant = nearest(unknown, names)
  const field = [...to.path, unknown].join('.')
  throw new Error(`field ${field} is not in the schema${meant === undefined ? '' : ` (did you mean ${meant}?)`}`)
}

function arrayWriter(node: AvroNode, write: Write): Write {
  return (to, value) => {
    if (!Array.isArray(value)) return to.refuse(value, node)
    if (value.length > 0) to.long(value.length)
    for (let i = 0; i < value.length; i++) {
      to.enter(i)
      write(to, value[i])
      to.path.pop()
    }
    return to.byte(0)
  }
}

function mapWriter(node: AvroNode, write: Write): Write {
  return (to, value) => {
    if (!isObject(value)) return to.refuse(value, node)
    const entries = Object.entries(value as Record<string, unknown>)
    if (entries.length > 0) to.long(entries.length)
    for (const [name, each] of entries) {
      to.enter(name)
      to.sized(utf8(to, name, node))
      write(to, each)
      to.path.pop()
    }
    return to.byte(0)
  }
}

const utf8 = (to: Target, text: string, node: AvroNode) =>
  isUnicode(text) ? Buffer.from(text, 'utf8') : to.refuse(text, node)

const leaves: Readonly<Record<string, (to: Target, value: unknown, node: AvroNode) => void>> = {
  null: (to, value, node) => (value === null ? undefined : to.refuse(value, node)),
  boolean: (to, value, node) => (typeof value === 'boolean' ? to.byte(value ? 1 : 0) : to.refuse(value, node)),
  int: (to, value, node) =>
    typeof value === 'number' && (value | 0) === value && isTime(to, value, node)
      ? to.int(value)
      : to.refuse(value, node),
  long: (to, value, node) => {
    const long = to.from === 'typed' ? typedTime(value, node.logicalType) : value
    if (!isTime(to, long, node)) to.refuse(value, node)
    else if (typeof long === 'bigint' ? isLong(long) : Number.isSafeInteger(long)) to.long(long as number | bigint)
    else if (Number.isInteger(long) && isLong(BigInt(long as number))) to.long(BigInt(long as number))
    else to.refuse(value, node)
  },
  float: (to, value, node) => {
    const real = realOf(value)
    if (real === undefined || (Number.isFinite(real) && !Number.isFinite(Math.fround(real)))) to.refuse(value, node)
    else to.float(real)
  },
  double: (to, value, node) => {
    const real = realOf(value)
    if (real === undefined) to.refuse(value, node)
    else to.double(real)
  },
  string: (to, value, node) => {
    const isMeant = to.from !== 'typed' || node.logical !== 'uuid' || isUuid(value)
    if (typeof value === 'string' && isMeant) to.sized(utf8(to, value, node))
    else to.refuse(value, node)
  },
  bytes: (to, value, node) => to.sized(bytesOfText(node, value, to.from) ?? to.refuse(value, node)),
  fixed: (to, value, node) => {
    const bytes = bytesOfText(node, value, to.from)
    if (bytes?.length === node.size) to.bytes(bytes)
    else to.refuse(value, node)
  },
  enum: (to, value, node) => {
    const index = node.symbols.indexOf(value as string)
    if (index < 0) to.refuse(value, node)
    else to.long(index)
  },
}

function leafWriter(node: AvroNode): Write {
  const write = leaves[node.type] as (typeof leaves)[string]
  return (to, value) => write(to, value, node)
}

/** JSON overflows to infinity by itself: that was no infinity. */
function realOf(value: unknown): number | undefined {
  if (typeof value === 'string') return named.get(value)
  const real = typeof value === 'bigint' ? Number(value) : value
  return typeof real === 'number' && Number.isFinite(real) ? real : undefined
}

/** What others have written is shown as it is, beyond its day too. */
const isTime = ({ from }: Target, value: unknown, { logical }: AvroNode) =>
  from !== 'typed' || (typeof value !== 'number' && typeof value !== 'bigint') || !isBeyondDay(value, logical)
