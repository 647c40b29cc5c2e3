import type { Windowed } from '../record'

/** What a Map can hold a key by: text and numbers as they are, anything else as its JSON. */
export type MapKey = string | number

export function mapKey(key: unknown): MapKey {
  if (typeof key === 'string' || typeof key === 'number') return key
  if (isWindowed(key) && typeof key.key === 'string') return `\u0001${key.window.start}:${key.window.end}:${key.key}`
  return `\u0000${JSON.stringify(key)}`
}

function isWindowed(key: unknown): key is Windowed<unknown> {
  return typeof (key as Partial<Windowed<unknown>> | null)?.window?.start === 'number'
}

/**
 * Orders keys as Kafka Streams' stores do, by the unsigned bytes of their UTF-8 text, which is code point order: UTF-16's
 * order differs only where surrogates (astral characters) meet U+E000..U+FFFF. Numbers go before text, by value. Windowed keys are
 * in order of key, then end, then start, as the bytes of session keys are; for other windows start and end agree.
 */
export function compareKeys(a: unknown, b: unknown): number {
  if (isWindowed(a) && isWindowed(b))
    return compareKeys(a.key, b.key) || a.window.end - b.window.end || a.window.start - b.window.start
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const left = typeof a === 'string' ? a : String(mapKey(a))
  const right = typeof b === 'string' ? b : String(mapKey(b))
  if (typeof a === 'number') return -1
  if (typeof b === 'number') return 1
  return compareText(left, right)
}

function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return fixUp(x) - fixUp(y)
  }
  return a.length - b.length
}

/** Moves surrogates above the rest of the basic plane, where their code points are. */
function fixUp(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
