import { type Type, types } from 'avsc'

/**
 * avsc believes an array's or a map's own count, also where it reads past the value's end, and follows a type that contains itself as deep as
 * the bytes say: a few corrupt bytes would fill the memory, or the stack. So values of such schemas are walked first, in time linear in
 * their bytes and without building anything.
 */
interface Walker {
  buffer: Buffer
  at: number
  end: number
  depth: number
  /** How many more items without a byte of their own (nulls) the value may have. */
  emptyItems: number
}

type Walk = (from: Walker) => void

/** Levels of records, arrays and maps, as Jackson's default for JSON (`StreamReadConstraints`). */
export const maxDepth = 1_000
/** A count of nulls takes two bytes and may say 2^63: so many are for free, and then one for each byte of the value. */
const freeEmptyItems = 10_000

/** Reads a zigzag varint of up to 64 bits, rounded where a number has too few: a count of that size is refused anyway. */
function readLong(from: Walker): number {
  let value = 0
  let scale = 1
  for (let i = 0; i < 10 && from.at < from.end; i++) {
    const byte = from.buffer[from.at++] as number
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return value % 2 ? -(value + 1) / 2 : value / 2
  }
  throw new Error('a number has no end')
}

function skip(from: Walker, size: number): void {
  if (size < 0 || from.at + size > from.end)
    throw new Error(`${size} bytes are announced, and ${from.end - from.at} are left`)
  from.at += size
}

const varint: Walk = from => void readLong(from)
const sized: Walk = from => skip(from, readLong(from))
const fixed =
  (size: number): Walk =>
  from =>
    skip(from, size)

/** Blocks of items, each with its count (Avro 1.11, "Arrays"); a negative count is followed by the block's size. */
function blocks(item: Walk): Walk {
  return from => {
    for (;;) {
      let count = readLong(from)
      if (count === 0) return
      if (count < 0) {
        count = -count
        readLong(from)
      }
      walkItems(from, item, count)
    }
  }
}

function walkItems(from: Walker, item: Walk, count: number): void {
  const start = from.at
  item(from)
  if (from.at === start) {
    // Items of this type may have no bytes at all: then there is nothing to walk.
    from.emptyItems -= count
    if (from.emptyItems < 0) throw new Error(`${count} items without a byte are announced`)
    return
  }
  const left = from.end - from.at
  if (count - 1 > left) throw new Error(`${count} items are announced, and ${from.end - start} bytes are left`)
  for (let i = 1; i < count; i++) item(from)
}

function deeper(walk: Walk): Walk {
  return from => {
    if (++from.depth > maxDepth) throw new Error(`it is nested deeper than ${maxDepth} levels`)
    walk(from)
    from.depth--
  }
}

const simple: Readonly<Record<string, Walk>> = {
  null: () => {},
  boolean: fixed(1),
  float: fixed(4),
  double: fixed(8),
  int: varint,
  long: varint,
  'abstract:long': varint,
  enum: varint,
  bytes: sized,
  'abstract:bytes': sized,
  string: sized,
}

/** Compiles walks of a schema's types. */
class Compiler {
  private readonly known = new Map<Type, Walk>()
  /** Whether a count occurs, or a type that contains itself. */
  isNeeded = false

  walkOf(type: Type): Walk {
    const early = simple[type.typeName]
    if (early !== undefined) return early
    const known = this.known.get(type)
    if (known !== undefined) {
      this.isNeeded = true
      return known
    }
    let walk: Walk = () => {
      throw new Error('not built yet')
    }
    this.known.set(type, from => walk(from))
    walk = this.build(type)
    this.known.set(type, walk)
    return walk
  }

  private build(type: Type): Walk {
    if (type instanceof types.FixedType) return fixed(type.size)
    if (type instanceof types.ArrayType) return this.repeated(this.walkOf(type.itemsType))
    if (type instanceof types.MapType) {
      const value = this.walkOf(type.valuesType)
      return this.repeated(from => {
        sized(from)
        value(from)
      })
    }
    if (type instanceof types.RecordType) {
      const fields = type.fields.map(field => this.walkOf(field.type))
      return deeper(from => {
        for (let i = 0; i < fields.length; i++) (fields[i] as Walk)(from)
      })
    }
    const branches = (type as types.UnwrappedUnionType).types.map(branch => this.walkOf(branch))
    return from => {
      const index = readLong(from)
      const branch = branches[index]
      if (branch === undefined) throw new Error(`a union has no branch ${index}`)
      branch(from)
    }
  }

  private repeated(item: Walk): Walk {
    this.isNeeded = true
    return deeper(blocks(item))
  }
}

/** A check to make before avsc decodes: throws for counts that the bytes can't hold. Undefined where a value can do no harm. */
export function itemCounts(writer: Type): ((buffer: Buffer, start: number, end: number) => void) | undefined {
  const compiler = new Compiler()
  const walk = compiler.walkOf(writer)
  if (!compiler.isNeeded) return undefined
  return (buffer, start, end) => walk({ buffer, at: start, end, depth: 0, emptyItems: freeEmptyItems + end - start })
}
