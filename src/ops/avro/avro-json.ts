import { type AvroNode, avroNode } from '../../codecs/avro-node'
import type { JsonBytes } from '../json-bytes'
import { Cursor } from './avro-cursor'
import { shownText } from './shown-text'

/**
 * Writes one value of a schema as JSON. True: `avroWriter` makes the same bytes of it again; false: that isn't known. Throws Error, having written
 * a part of it.
 */
export type AvroToJson = (buffer: Buffer, start: number, end: number, to: JsonBytes) => boolean

/**
 * Compiles a schema's JSON text to a writer of its values: bytes and fixed as texts of one character a byte, decimals, uuids and durations as what they say, enums by name,
 * unions bare unless two of their types look alike in JSON (then as `{"type": value}`), longs with all their digits, NaN and infinities as
 * texts. Times stay numbers. Throws Error for what is no Avro schema.
 */
export function avroToJson(schema: string): AvroToJson {
  const node = avroNode(schema)
  const part = new Compiler().partOf(node)
  const hasOneForm = isFlat(node)
  const cursor = new Cursor()
  return (buffer, start, end, to) => {
    cursor.open(buffer, start, end)
    part(cursor, to)
    if (cursor.at < end) throw new Error(`${end - cursor.at} bytes follow it`)
    return hasOneForm && cursor.isCanonical
  }
}

/** Records of simple values: by Avro's rules each has one form, and none is lost in JSON. Unions may choose, maps may be reordered. */
function isFlat({ type, parts, fields }: AvroNode): boolean {
  if (type === 'array' || type === 'map') return false
  if (type === 'union') return parts.length === 2 && parts.every(isSimple) && parts.some(part => part.type === 'null')
  return fields.every(({ node }) => isFlat(node))
}

const isSimple = ({ type }: AvroNode) => !/^(array|map|union|record|error)$/.test(type)

type Part = (from: Cursor, to: JsonBytes) => void

const primitives: Readonly<Record<string, Part>> = {
  null: (_, to) => to.ascii('null'),
  boolean: (from, to) => {
    const byte = from.byte()
    if (byte > 1) throw new Error(`a boolean is ${byte}`)
    to.ascii(byte === 0 ? 'false' : 'true')
  },
  int: (from, to) => {
    const value = from.long()
    if (typeof value === 'bigint' || (value | 0) !== value) throw new Error('an int is beyond 32 bits')
    to.integer(value)
  },
  long: (from, to) => {
    const value = from.long()
    if (typeof value === 'number') to.integer(value)
    else to.ascii(`${value}`)
  },
  float: (from, to) => real(from.buffer.readFloatLE(from.skip(4)), from, 4, to),
  double: (from, to) => real(from.buffer.readDoubleLE(from.skip(8)), from, 8, to),
  string: (from, to) => {
    const start = from.skip(from.size())
    to.text(from.buffer, start, from.at)
  },
  bytes: (from, to) => {
    const start = from.skip(from.size())
    to.latin1(from.buffer, start, from.at)
  },
}

function real(value: number, from: Cursor, size: number, to: JsonBytes): void {
  // JSON's text knows one NaN, and a double has many.
  if (Number.isNaN(value) && !isPlainNaN(from.buffer, from.at, size)) from.isCanonical = false
  if (Number.isFinite(value)) to.number(value)
  else to.ascii(`"${value}"`)
}

const isPlainNaN = (buffer: Buffer, end: number, size: number) =>
  size === 4 ? buffer.readUInt32LE(end - 4) === 0x7fc00000 : buffer.readBigUInt64LE(end - 8) === 0x7ff8000000000000n

/** Bytes that mean a decimal, a uuid or a duration are shown as that, where their text gives the same bytes again. */
function meaning(node: AvroNode): Part | undefined {
  const { logical, type, size } = node
  if (logical !== 'decimal' && logical !== 'duration' && !(logical === 'uuid' && type === 'fixed')) return undefined
  return (from, to) => {
    const start = from.skip(type === 'fixed' ? size : from.size())
    const text = shownText(node, from.buffer.subarray(start, from.at))
    if (text !== undefined) return to.ascii(`"${text}"`)
    from.isCanonical = false
    to.latin1(from.buffer, start, from.at)
  }
}

class Compiler {
  private readonly known = new Map<AvroNode, Part>()

  partOf(node: AvroNode): Part {
    const known = meaning(node) ?? primitives[node.type] ?? this.known.get(node)
    if (known !== undefined) return known
    let part: Part = () => {
      throw new Error('not compiled yet')
    }
    // Known before its own parts are compiled, as they may lead back to it.
    this.known.set(node, (from, to) => part(from, to))
    part = this.build(node)
    return part
  }

  private build(node: AvroNode): Part {
    const [item] = node.parts
    if (node.type === 'enum') {
      const symbols = node.symbols.map(symbol => JSON.stringify(symbol))
      return (from, to) => to.utf8(known(symbols[from.size()], 'symbol'))
    }
    if (node.type === 'fixed') return (from, to) => to.latin1(from.buffer, from.skip(node.size), from.at)
    if (node.type === 'union') return this.union(node)
    if (item === undefined) return this.record(node)
    return node.type === 'array' ? list(this.partOf(item)) : map(this.partOf(item))
  }

  private record({ fields }: AvroNode): Part {
    const parts = fields.map((field, i) => ({
      head: Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(field.name)}:`),
      write: this.partOf(field.node),
    }))
    return (from, to) => {
      from.enter()
      if (parts.length === 0) to.byte(0x7b)
      for (const { head, write } of parts) {
        to.bytes(head)
        write(from, to)
      }
      to.byte(0x7d)
      from.leave()
    }
  }

  private union({ parts, isNamed }: AvroNode): Part {
    const hasText = parts.some(({ type }) => /^(string|enum|bytes|fixed)$/.test(type))
    const branches = parts.map(part => ({
      head: `{${JSON.stringify(part.name)}:`,
      write: this.partOf(part),
      isNull: part.type === 'null',
      realBytes: !hasText ? 0 : part.type === 'float' ? 4 : part.type === 'double' ? 8 : 0,
    }))
    return (from, to) => {
      const { head, write, isNull, realBytes } = known(branches[from.size()], 'type of a union')
      const isWrapped = !isNull && (isNamed || (realBytes > 0 && isText(from, realBytes)))
      if (isWrapped) to.utf8(head)
      write(from, to)
      if (isWrapped) to.byte(0x7d)
    }
  }
}

/** Whether the float or double that follows is shown as a text: NaN or infinite. */
function isText({ buffer, at, end }: Cursor, size: number): boolean {
  return at + size <= end && !Number.isFinite(size === 4 ? buffer.readFloatLE(at) : buffer.readDoubleLE(at))
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`it names a ${what} that the schema does not have`)
  return found
}

/** Arrays and maps come in blocks; a negative count is followed by the block's size in bytes. */
function blocks(from: Cursor, to: JsonBytes, item: Part): void {
  let first = true
  from.enter()
  for (;;) {
    let count = from.size()
    if (count === 0) break
    if (count < 0) {
      count = -count
      from.long()
    }
    for (let i = 0; i < count; i++) {
      const { at } = from
      if (!first) to.byte(0x2c)
      first = false
      item(from, to)
      if (from.at === at) from.emptyItem()
    }
  }
  from.leave()
}

function list(item: Part): Part {
  return (from, to) => {
    to.byte(0x5b)
    blocks(from, to, item)
    to.byte(0x5d)
  }
}

function map(value: Part): Part {
  const entry: Part = (from, to) => {
    const start = from.skip(from.size())
    to.text(from.buffer, start, from.at)
    to.byte(0x3a)
    value(from, to)
  }
  return (from, to) => {
    to.byte(0x7b)
    blocks(from, to, entry)
    to.byte(0x7d)
  }
}
