const mayBeNumber = /null/
/** No JSON text begins with this byte. */
const numbersMark = 1

/**
 * State as bytes. What is nothing but numbers in an array, with its timestamp (a window of named figures), is written as its
 * doubles: several times cheaper than the shortest decimal text that gives them back. Anything else is JSON, where what JSON would
 * turn into null without a word (NaN, the infinities) becomes a tagged object.
 */
export function encodeState(value: unknown): Buffer {
  return Array.isArray(value) && value.length === 2 && isNumbers(value[0]) && typeof value[1] === 'number'
    ? numbers(value[0], value[1])
    : Buffer.from(stateText(value))
}

/** The state in a range of a buffer, as `encodeState` wrote it. */
export function decodeState(buffer: Buffer, start: number, end: number): unknown {
  return buffer[start] === numbersMark
    ? readNumbers(buffer, start + 1, end)
    : parseState(buffer.toString('utf8', start, end))
}

/** State as JSON text, for keys. */
export function stateText(value: unknown): string {
  const text = JSON.stringify(value)
  return mayBeNumber.test(text) ? JSON.stringify(value, tag) : text
}

export function parseState(text: string): unknown {
  return text.includes('"$number"') ? JSON.parse(text, untag) : JSON.parse(text)
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

function readNumbers(buffer: Buffer, start: number, end: number): [number[], number] {
  // A first value that is no small integer makes an array of plain doubles, as the aggregators have it.
  const values = [0.5]
  for (let at = start + 8, i = 0; at < end; at += 8, i++) values[i] = buffer.readDoubleLE(at)
  return [values, buffer.readDoubleLE(start)]
}

function tag(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value
}

function untag(_name: string, value: any): unknown {
  return value !== null && typeof value === 'object' && typeof value.$number === 'string'
    ? Number(value.$number)
    : value
}
