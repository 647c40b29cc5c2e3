import type { Headers } from './record'

/** Headers in their order, for what has to keep repeated names, null values, and names that are no UTF-8 (as bytes). */
export type HeaderList = readonly (readonly [name: string | Buffer, value: Buffer | null])[]

const empty = Buffer.alloc(0)
/** What headers were read from, where an object can't hold all of it. */
const lists = new WeakMap<Headers, HeaderList>()
/** So that nobody who has plain headers alone pays for the others. */
let isUsed = false

/** An object puts names that are whole numbers before the others. */
const isNumeric = (name: string) => /^\d+$/.test(name)

/**
 * Headers by name, of a repeated name the last value, null as no bytes. The list itself is remembered: a record whose headers nobody changes goes on, or is set
 * aside, with repeated names, nulls and their order as they were, as in Kafka Streams.
 */
export function headersFrom(list: HeaderList): Headers {
  // Names come from outside: `__proto__` is one like any other.
  const headers: Record<string, Buffer> = Object.create(null)
  let isPlain = true
  for (const [name, value] of list) {
    const text = name.toString()
    if (value === null || typeof name !== 'string' || text in headers || isNumeric(text)) isPlain = false
    headers[text] = value ?? empty
  }
  if (!isPlain) {
    isUsed = true
    lists.set(headers, list)
  }
  return headers
}

/** The list that `headersFrom` made these headers of, where they aren't all of it. */
export const listOf = (headers: Headers): HeaderList | undefined => (isUsed ? lists.get(headers) : undefined)
