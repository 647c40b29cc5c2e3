/** What JSON changes without a word: NaN is null, a Map an empty object, a Date a text, a Buffer an object. And what looks like a tag of ours. */
const mayBeChanged = /null|\{\}|\d\.\d{3}Z"|"type":"Buffer"|\{"\$/
/** No JSON text begins with this byte. */
const numbersMark = 1

/**
 * State as bytes. What is nothing but numbers in an array, with its timestamp (a window of named figures), is written as its
 * doubles: several times cheaper than the shortest decimal text that gives them back. Anything else is JSON, where what JSON has no form
 * for (NaN, the infinities, bigints, Buffers, Dates, Maps, Sets) becomes a tagged object.
 */
export function encodeState(value: unknown): Buffer {
  return Array.isArray(value) && value.length === 2 && isNumbers(value[0]) && typeof value[1] === 'number'
    ? numbers(value[0], value[1])
    : Buffer.from(stateText(value))
}

/** The state in a range of a buffer, as `encodeState` wrote it. Throws for bytes that it can't have written. */
export function decodeState(buffer: Buffer, start: number, end: number, view?: DataView): unknown {
  return buffer[start] === numbersMark
    ? readNumbers(view ?? viewOf(buffer), start + 1, end)
    : parseState(buffer.toString('utf8', start, end))
}

/** Whether the bytes are a state of numbers, which always can be read. */
export const areNumbers = (state: Buffer): boolean => state[0] === numbersMark && isLengthOfNumbers(state.length - 1)

/** The bytes of a buffer, for numbers: several times faster than the buffer's own methods. */
export const viewOf = (buffer: Buffer): DataView => new DataView(buffer.buffer, buffer.byteOffset, buffer.length)

/** State as JSON text, for keys. */
export function stateText(value: unknown): string {
  const text = plainText(value)
  return text === undefined || mayBeChanged.test(text) ? JSON.stringify(value, tag) : text
}

/** Undefined where there is a bigint in it, which JSON refuses. */
function plainText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

export function parseState(text: string): unknown {
  return text.includes('{"$') ? JSON.parse(text, untag) : JSON.parse(text)
}

function isNumbers(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length === 0) return false
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'number') return false
  return true
}

function numbers(values: readonly number[], timestamp: number): Buffer {
  const bytes = Buffer.allocUnsafe(9 + values.length * 8)
  bytes[0] = numbersMark
  bytes.writeDoubleLE(timestamp, 1)
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i]!, 9 + i * 8)
  return bytes
}

/** Arrays to copy, by their length: a copy has no room to spare. */
const templates: number[][] = []
const longestTemplate = 64

/** Values that are no small integers make an array of plain doubles, as the aggregators have it. */
function doubles(count: number): number[] {
  const made: number[] = []
  while (made.length < count) made.push(0.5)
  return made
}

/** The timestamp, and at least one number. */
const isLengthOfNumbers = (bytes: number): boolean => bytes >= 16 && bytes % 8 === 0

/** Numbers and their timestamp, as `numbers` wrote them. */
function readNumbers(view: DataView, start: number, end: number): [number[], number] {
  // Beyond the range lie other entries' bytes, which would be taken for numbers.
  if (!isLengthOfNumbers(end - start)) throw new RangeError(`numbers take no ${end - start} bytes`)
  const count = (end - start) / 8 - 1
  const values = count > longestTemplate ? doubles(count) : (templates[count] ??= doubles(count)).slice()
  for (let at = start + 8, i = 0; at < end; at += 8, i++) values[i] = view.getFloat64(at, true)
  return [values, view.getFloat64(start, true)]
}

/** A Buffer is asked for its own JSON before this: it is still in what holds it. */
function tag(this: unknown, name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  const held = (this as Readonly<Record<string, unknown>>)[name]
  if (Buffer.isBuffer(held)) return { $bytes: held.toString('base64') }
  if (held instanceof Date) return { $date: String(held.getTime()) }
  if (held instanceof Map) return { $map: stateText([...held]) }
  if (held instanceof Set) return { $set: stateText([...held]) }
  const only = onlyName(value)
  return only?.startsWith('$') ? { [`$${only}`]: (value as Readonly<Record<string, unknown>>)[only] } : value
}

/** The name of an object's only entry: an author's own object may look like a tagged one, and then has one `$` more. */
function onlyName(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const [name, ...more] = Object.keys(value)
  return more.length === 0 ? name : undefined
}

const untagged: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['$number', Number],
  ['$bigint', BigInt],
  ['$date', text => new Date(Number(text))],
  ['$map', text => new Map(parseState(text) as [unknown, unknown][])],
  ['$set', text => new Set(parseState(text) as unknown[])],
  ['$bytes', text => Buffer.from(text, 'base64')],
])

function untag(_name: string, value: unknown): unknown {
  const only = onlyName(value)
  if (only === undefined) return value
  const held = (value as Readonly<Record<string, unknown>>)[only]
  if (only.startsWith('$$')) return { [only.slice(1)]: held }
  return (typeof held === 'string' ? untagged.get(only)?.(held) : undefined) ?? value
}
