import { isDeepStrictEqual } from 'node:util'
import { parseExact } from '../codecs/exact-json'
import { JsonBytes } from './json-bytes'

/** The registry's header: a zero byte and the schema's id. */
export const headerBytes = 5
/** Avro's levels are counted otherwise than JSON's: a union's name is one. */
export const shownDepth = 3_000

/** How values of one schema of the registry stand on a line, and how they are read from one. */
export abstract class SchemaForm {
  /** As the page calls it. */
  abstract readonly kind: 'avro' | 'json'
  private readonly scratch = new JsonBytes()

  /** Writes bytes with their header as JSON on one line. @returns false where `encode` may make other bytes of it. Throws for what is no value. */
  abstract show(buffer: Buffer, start: number, end: number, to: JsonBytes): boolean
  /** The bytes of a value that stands as `show` writes it. Throws Error that names the field and what is wrong with it. */
  abstract encode(value: unknown): Buffer

  /**
   * Whether `encode` makes these bytes of the JSON that was shown of them. It doesn't where there are several forms of one value (blocks of Avro, blanks of JSON, numbers with
   * leading zeros) or JavaScript's JSON has not all of it (map keys repeated, or in another order): it is tried, so that no cause has to be known.
   */
  gives(buffer: Buffer, start: number, end: number, json: string): boolean {
    try {
      return this.encode(parseExact(json, shownDepth)).equals(buffer.subarray(start, end))
    } catch {
      return false
    }
  }

  /** Whether `value` is what `show` writes of `bytes`. */
  isShownAs(bytes: Buffer, value: unknown): boolean {
    try {
      this.show(bytes, 0, bytes.length, this.scratch)
      return isDeepStrictEqual(parseExact(this.scratch.take().toString('utf8'), shownDepth), value)
    } catch {
      this.scratch.take()
      return false
    }
  }
}
