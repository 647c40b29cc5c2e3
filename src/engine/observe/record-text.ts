const mostLetters = 300

/** Bytes as their length, whole numbers of any size as their digits: what JSON can't say. */
const sayable = (_: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return Object.fromEntries(value)
  return value
}

/** A key or value as text for people: JSON, text as it is, cut where it is long. */
export function recordText(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonOf(value)
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text
}

function jsonOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.length} bytes: ${value.subarray(0, 32).toString('hex')}`
  try {
    return JSON.stringify(value, sayable) ?? 'null'
  } catch {
    // A circle, or an author's toJSON that throws.
    return String(value)
  }
}
