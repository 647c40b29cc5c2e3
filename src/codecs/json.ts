import { DecodeError, ProcessError } from '../errors'
import type { Codec, Serde } from './codec'

/** Finds a number that JSON can't hold (JSON.stringify would silently write null). Returns its path. */
function findNonFinite(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return undefined
  for (const name in value) {
    const found = findNonFinite((value as Record<string, unknown>)[name], `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

function encode(value: unknown): Buffer | null {
  if (value === null || value === undefined) return null
  const fault = findNonFinite(value, 'value')
  if (fault !== undefined) throw new ProcessError(`${fault}, which JSON can't hold`)
  const json = JSON.stringify(value)
  if (json === undefined) throw new ProcessError(`a ${typeof value} has no JSON`)
  return Buffer.from(json, 'utf8')
}

/** Parses a range of a buffer. Throws DecodeError; the text itself is not repeated, as it may be large or secret. */
export function parseJson(buffer: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(buffer.toString('utf8', start, end))
  } catch (cause) {
    throw new DecodeError(`the ${end - start} bytes are no JSON`, { cause })
  }
}

/**
 * JSON text. Finite doubles come back bit by bit (ECMA-262 Number::toString is the shortest text that reads back as the
 * same number), save that -0 becomes 0; NaN and infinities are a ProcessError. Null stays null (a tombstone).
 */
export function json<T>(): Serde<T> {
  const codec: Codec<T> = {
    encode,
    decode: (buffer, start, end) => (start < 0 ? null : parseJson(buffer, start, end)) as T,
  }
  return { name: 'json', bind: async () => codec }
}
