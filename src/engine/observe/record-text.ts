const mostLetters = 300
/** Of an array so many items can be seen at most. */
const mostItems = mostLetters / 2
/** Letters around a name: two quotes and a colon. */
const unnamed = 3
/** A text so long isn't even looked into: to cut a text that was put together of parts costs all of its bytes. */
const mostRead = 100_000

/** A key or value as text for people: JSON, text as it is, cut where it is long. Costs no more where a value is large. */
export function recordText(value: unknown): string {
  const text = typeof value === 'string' ? shortText(value) : jsonOf(value)
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text
}

function jsonOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.length} bytes: ${value.subarray(0, 32).toString('hex')}`
  try {
    return JSON.stringify(value, shortly()) ?? 'null'
  } catch {
    // A circle, or an author's toJSON that throws.
    return String(value)
  }
}

/** Leaves out what wouldn't be seen, and says what JSON can't: whole numbers of any size as their digits. */
function shortly(): (this: unknown, name: string, value: unknown) => unknown {
  // Never more than are written up to a value: in a list what is left out is a null. The outermost value's name is none.
  let letters = -unnamed
  return function (name, value) {
    if (letters > mostLetters) return undefined
    const said = sayable(value)
    const isItem = Array.isArray(this)
    if (!isItem && (said === undefined || typeof said === 'function' || typeof said === 'symbol')) return undefined
    letters += (isItem ? 1 : name.length + unnamed) + (typeof said === 'string' ? said.length + 2 : 1)
    return said
  }
}

function sayable(value: unknown): unknown {
  if (typeof value === 'string') return shortText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return Object.fromEntries(value)
  return Array.isArray(value) ? value.slice(0, mostItems) : value
}

function shortText(text: string): string {
  return text.length > mostRead ? `${text.length} letters` : text.slice(0, mostLetters + 1)
}
