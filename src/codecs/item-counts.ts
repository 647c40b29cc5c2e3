import { type Type, types } from 'avsc'

/**
 * avsc believes an array's or a map's own count, also where it reads past the value's end: a few corrupt bytes would fill the
 * memory. So values of schemas that have arrays or maps are walked first, without building anything.
 */
type Walk = (buffer: Buffer, at: number, end: number) => number

/** Reads a zigzag varint of up to 64 bits; [value, next]. */
function readLong(buffer: Buffer, at: number, end: number): [number, number] {
  let value = 0
  let scale = 1
  for (let i = at; i < end && i < at + 10; i++) {
    const byte = buffer[i] as number
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return [value % 2 ? -(value + 1) / 2 : value / 2, i + 1]
  }
  throw new Error('a number has no end')
}

function skip(at: number, size: number, end: number): number {
  if (size < 0 || at + size > end) throw new Error(`${size} bytes are announced, and ${end - at} are left`)
  return at + size
}

const varint: Walk = (buffer, at, end) => readLong(buffer, at, end)[1]
const fixed =
  (size: number): Walk =>
  (_, at, end) =>
    skip(at, size, end)
const sized: Walk = (buffer, at, end) => {
  const [size, next] = readLong(buffer, at, end)
  return skip(next, size, end)
}

/** Blocks of items, each with its count (Avro 1.11, "Arrays"); a negative count is followed by the block's size. */
const blocks =
  (item: Walk): Walk =>
  (buffer, start, end) => {
    for (let at = start; ; ) {
      let [count, next] = readLong(buffer, at, end)
      if (count === 0) return next
      if (count < 0) {
        count = -count
        next = varint(buffer, next, end)
      }
      if (count > end - next) throw new Error(`${count} items are announced, and ${end - next} bytes are left`)
      for (let i = 0; i < count; i++) next = item(buffer, next, end)
      at = next
    }
  }

const simple: Readonly<Record<string, Walk>> = {
  null: fixed(0),
  boolean: fixed(1),
  float: fixed(4),
  double: fixed(8),
  int: varint,
  long: varint,
  enum: varint,
  bytes: sized,
  string: sized,
}

/** `known` also ends the recursion of types that contain themselves. */
function walkOf(type: Type, known: Map<Type, Walk>): Walk {
  const early = simple[type.typeName] ?? known.get(type)
  if (early !== undefined) return early
  let walk: Walk = () => {
    throw new Error('not built yet')
  }
  known.set(type, (buffer, at, end) => walk(buffer, at, end))
  if (type instanceof types.FixedType) walk = fixed(type.size)
  else if (type instanceof types.ArrayType) walk = blocks(walkOf(type.itemsType, known))
  else if (type instanceof types.MapType) {
    const value = walkOf(type.valuesType, known)
    walk = blocks((buffer, at, end) => value(buffer, sized(buffer, at, end), end))
  } else if (type instanceof types.RecordType) {
    const fields = type.fields.map(field => walkOf(field.type, known))
    walk = (buffer, at, end) => fields.reduce((next, field) => field(buffer, next, end), at)
  } else {
    const branches = (type as types.UnwrappedUnionType).types.map(branch => walkOf(branch, known))
    walk = (buffer, at, end) => {
      const [index, next] = readLong(buffer, at, end)
      const branch = branches[index]
      if (branch === undefined) throw new Error(`a union has no branch ${index}`)
      return branch(buffer, next, end)
    }
  }
  return walk
}

/** A check to make before avsc decodes: throws for counts that the bytes can't hold. Undefined where no count occurs. */
export function itemCounts(writer: Type): ((buffer: Buffer, start: number, end: number) => void) | undefined {
  const known = new Map<Type, Walk>()
  const walk = walkOf(writer, known)
  const repeats = [...known.keys()].some(type => type instanceof types.ArrayType || type instanceof types.MapType)
  return repeats ? (buffer, start, end) => void walk(buffer, start, end) : undefined
}
