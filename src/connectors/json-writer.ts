import { ProcessError } from '../errors'

/** Writes one value as JSON at `at`, where at least `bound(value)` bytes are free, and returns where it ends. */
export interface JsonWriter {
  readonly write: (bytes: Buffer, at: number, value: unknown) => number
  /** The most bytes that the value can take; a number when it is the same for all values. */
  readonly bound: number | ((value: unknown) => number)
}

/**
 * What JSON is for. `message`: instants are unix seconds, decimals are texts, since programs read numbers as doubles. `column`: for Postgres,
 * whose JSON has exact numbers and whose casts read instants as texts. `array`: for Postgres to make an array of, so that nothing
 * but it ever reads it.
 */
export type JsonStyle = 'message' | 'column' | 'array'

export function refuse(field: string, value: unknown, wanted: string): never {
  const shown = typeof value === 'string' ? 'a text' : typeof value === 'object' && value !== null ? 'an object' : value
  throw new ProcessError(`field ${field}: ${String(shown)} is no ${wanted}`)
}

export const boundOf = ({ bound }: JsonWriter, value: unknown): number =>
  typeof bound === 'number' ? bound : bound(value)
