import type { JsonBytes } from './json-bytes'

/** Reads Avro's binary encoding from a range of a buffer. */
class Cursor {
  buffer: Buffer = Buffer.alloc(0)
  at = 0
  end = 0

  /** Moves over `size` bytes and returns where they start. */
  skip(size: number): number {
    const start = this.at
    if (size < 0 || start + size > this.end) throw new Error('it is truncated')
    this.at = start + size
    return start
  }

  /** An int or long: zigzag, least significant bits first. A bigint where a number would lose digits. */
  long(): number | bigint {
    let value = 0
    let scale = 1
    for (let i = 0; i < 7; i++) {
      const byte = this.buffer[this.skip(1)]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      scale *= 128
    }
    let wide = BigInt(value)
    for (let shift = 49n; ; shift += 7n) {
      if (shift > 63n) throw new Error('a number has more than ten bytes')
      const byte = this.buffer[this.skip(1)]!
      wide |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    const signed = (wide >> 1n) ^ -(wide & 1n)
    return signed >= -9007199254740991n && signed <= 9007199254740991n ? Number(signed) : signed
  }

  size(): number {
    return Number(this.long())
  }
}

type Part = (from: Cursor, to: JsonBytes) => void
type Json = string | readonly Json[] | { readonly [name: string]: unknown }

/** Writes one value of a schema as JSON. Throws Error, having written a part of it. */
export type AvroToJson = (buffer: Buffer, start: number, end: number, to: JsonBytes) => void

/**
 * Compiles a schema's JSON text to a writer of its values: bytes and fixed as texts of one character a byte, enums by name,
 * unions bare unless two of their types look alike in JSON (then as `{"type": value}`), longs that a number can't hold as texts,
 * NaN and infinities as null. Logical types stay numbers. Throws Error for what is no Avro schema.
 */
export function avroToJson(schema: string): AvroToJson {
  const part = new Compiler().compile(JSON.parse(schema) as Json, '')
  const cursor = new Cursor()
  return (buffer, start, end, to) => {
    cursor.buffer = buffer
    cursor.at = start
    cursor.end = end
    part(cursor, to)
    if (cursor.at < end) throw new Error(`${end - cursor.at} bytes follow it`)
  }
}

const PRIMITIVES: Readonly<Record<string, Part>> = {
  null: (_, to) => to.ascii('null'),
  boolean: (from, to) => to.ascii(from.buffer[from.skip(1)] === 0 ? 'false' : 'true'),
  int: (from, to) => number(from.long(), to),
  long: (from, to) => number(from.long(), to),
  float: (from, to) => to.number(from.buffer.readFloatLE(from.skip(4))),
  double: (from, to) => to.number(from.buffer.readDoubleLE(from.skip(8))),
  string: (from, to) => {
    const start = from.skip(from.size())
    to.text(from.buffer, start, from.at)
  },
  bytes: (from, to) => {
    const start = from.skip(from.size())
    to.latin1(from.buffer, start, from.at)
  },
}

function number(value: number | bigint, to: JsonBytes): void {
  if (typeof value === 'number') to.integer(value)
  else to.ascii(`"${value}"`)
}

/** Types of one kind can't be told apart in JSON. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ int: 'number', long: 'number', float: 'number', double: 'number' },
  ...{
    string: 'string',
    enum: 'string',
    bytes: 'bytes',
    fixed: 'bytes',
    record: 'object',
    error: 'object',
    map: 'object',
  },
}

class Compiler {
  private readonly named = new Map<string, { part: Part; kind: string }>()

  compile(schema: Json, namespace: string): Part {
    if (typeof schema === 'string') return this.byName(schema, namespace).part
    if (Array.isArray(schema)) return this.union(schema as readonly Json[], namespace)
    const { type, items, values } = schema as Record<string, Json>
    if (typeof type === 'object') return this.compile(type, namespace)
    if (type === 'array') return list(this.compile(items!, namespace))
    if (type === 'map') return map(this.compile(values!, namespace))
    if (type === 'record' || type === 'error' || type === 'enum' || type === 'fixed') {
      return this.define(schema as Record<string, unknown>, type, namespace)
    }
    return this.byName(type as string, namespace).part
  }

  private byName(name: string, namespace: string): { part: Part; kind: string } {
    const primitive = PRIMITIVES[name]
    if (primitive !== undefined) return { part: primitive, kind: KINDS[name] ?? name }
    const found = this.named.get(full(name, namespace)) ?? this.named.get(name)
    if (found === undefined) throw new Error(`the schema has no type ${name}`)
    return found
  }

  private define(schema: Record<string, unknown>, type: string, namespace: string): Part {
    const name = full(schema.name as string, (schema.namespace as string | undefined) ?? namespace)
    const inner = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : ''
    // Known by its name before its fields are compiled, as they may refer to it.
    const entry = { kind: KINDS[type]!, part: (from: Cursor, to: JsonBytes) => made(from, to) }
    this.named.set(name, entry)
    const made = this.body(schema, type, inner)
    return made
  }

  private body(schema: Record<string, unknown>, type: string, namespace: string): Part {
    if (type === 'enum') {
      const symbols = (schema.symbols as readonly string[]).map(symbol => JSON.stringify(symbol))
      return (from, to) => to.utf8(known(symbols[from.size()], 'symbol'))
    }
    if (type === 'fixed') {
      const size = schema.size as number
      return (from, to) => {
        const start = from.skip(size)
        to.latin1(from.buffer, start, from.at)
      }
    }
    const fields = schema.fields as readonly { name: string; type: Json }[]
    const parts = fields.map(field => this.compile(field.type, namespace))
    const heads = fields.map(({ name }, i) => Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`))
    return (from, to) => {
      if (parts.length === 0) to.byte(0x7b)
      for (let i = 0; i < parts.length; i++) {
        to.bytes(heads[i]!)
        parts[i]!(from, to)
      }
      to.byte(0x7d)
    }
  }

  private union(branches: readonly Json[], namespace: string): Part {
    const parts = branches.map(branch => this.compile(branch, namespace))
    const kinds = branches.map(branch => this.kindOf(branch, namespace))
    if (new Set(kinds).size === kinds.length)
      return (from, to) => known(parts[from.size()], 'type of a union')(from, to)
    const heads = branches.map(branch => `{${JSON.stringify(nameOf(branch, namespace))}:`)
    return (from, to) => {
      const index = from.size()
      const part = known(parts[index], 'type of a union')
      if (branches[index] === 'null') return part(from, to)
      to.utf8(heads[index]!)
      part(from, to)
      to.byte(0x7d)
    }
  }

  private kindOf(schema: Json, namespace: string): string {
    if (typeof schema === 'string') return this.byName(schema, namespace).kind
    const { type } = schema as { type: Json }
    return typeof type === 'string' ? (KINDS[type] ?? type) : this.kindOf(type, namespace)
  }
}

const full = (name: string, namespace: string) =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`

function nameOf(schema: Json, namespace: string): string {
  if (typeof schema === 'string') return PRIMITIVES[schema] === undefined ? full(schema, namespace) : schema
  const { name, namespace: own, type } = schema as { name?: string; namespace?: string; type: Json }
  return name === undefined ? nameOf(type, namespace) : full(name, own ?? namespace)
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`it names a ${what} that the schema does not have`)
  return found
}

/** Arrays and maps come in blocks; a negative count is followed by the block's size in bytes. */
function blocks(from: Cursor, item: (first: boolean) => void): void {
  let first = true
  for (;;) {
    let count = from.size()
    if (count === 0) return
    if (count < 0) {
      count = -count
      from.long()
    }
    for (let i = 0; i < count; i++) {
      const at = from.at
      item(first)
      first = false
      // Items without bytes (nulls) would let a corrupt count run for ever.
      if (from.at === at && i > 1_000_000) throw new Error('a list of nothing has no end')
    }
  }
}

function list(item: Part): Part {
  return (from, to) => {
    to.byte(0x5b)
    blocks(from, first => {
      if (!first) to.byte(0x2c)
      item(from, to)
    })
    to.byte(0x5d)
  }
}

function map(value: Part): Part {
  return (from, to) => {
    to.byte(0x7b)
    blocks(from, first => {
      if (!first) to.byte(0x2c)
      PRIMITIVES.string!(from, to)
      to.byte(0x3a)
      value(from, to)
    })
    to.byte(0x7d)
  }
}
