import { isUtf8 } from 'node:buffer'
import type { Batch } from '../connectors/source'
import { DecodeError } from '../errors'
import { type AvroReader, avroReader } from './avro-json'
import type { Registry } from './registry'

/**
 * How bytes are shown. `auto`: Avro where they have the registry's header, JSON where they are an object or array, text where
 * they are UTF-8, else base64.
 */
export type Format = 'auto' | 'avro' | 'json' | 'text' | 'base64' | 'hex'
export const FORMATS: readonly Format[] = ['auto', 'avro', 'json', 'text', 'base64', 'hex']

const HEADER_BYTES = 5

/** What a schema id turned out to be: a reader, or why there is none. */
type Known = AvroReader | string

/** Decodes keys or values of batches. */
export class RecordDecoder {
  private readonly readers = new Map<number, Known>()
  private lastId = -1
  private last: Known | undefined

  constructor(
    private readonly format: Format,
    /** Undefined: nothing is read as Avro. */
    private readonly registry: Registry | undefined,
  ) {}

  /** Fetches the schemas that a batch's records name; the calls below can then answer at once. Rejects with UnavailableError. */
  async prepare({ buffer, count }: Batch, starts: Int32Array, ends: Int32Array): Promise<void> {
    if (this.registry === undefined || (this.format !== 'auto' && this.format !== 'avro')) return
    const missing = new Set<number>()
    for (let i = 0; i < count; i++) {
      const start = starts[i]!
      if (start < 0 || ends[i]! - start < HEADER_BYTES || buffer[start] !== 0) continue
      const id = buffer.readInt32BE(start + 1)
      if (id !== this.lastId && this.known(id) === undefined) missing.add(id)
    }
    for (const id of missing) this.readers.set(id, await this.load(id))
  }

  /** As a JavaScript value. Throws DecodeError where the format was asked for and the bytes are not it. */
  value(buffer: Buffer, start: number, end: number): unknown {
    if (start < 0) return null
    const avro = this.avro(buffer, start, end)
    if (avro !== undefined) return this.read(avro, buffer, start, end)
    if (this.format === 'json' || (this.format === 'auto' && looksLikeJson(buffer, start, end))) {
      const json = parseJson(buffer, start, end)
      if (json !== undefined) return json.value
      if (this.format === 'json') throw new DecodeError(`the ${end - start} bytes are no JSON`)
    }
    return this.text(buffer, start, end)
  }

  /** As JSON text, on one line. */
  json(buffer: Buffer, start: number, end: number): string {
    if (start < 0) return 'null'
    const avro = this.avro(buffer, start, end)
    if (avro !== undefined) return avro.json(this.read(avro, buffer, start, end))
    if (this.format === 'json' || (this.format === 'auto' && looksLikeJson(buffer, start, end))) {
      const json = parseJson(buffer, start, end)
      if (json !== undefined) return /[\r\n]/.test(json.text) ? JSON.stringify(json.value) : json.text
      if (this.format === 'json') throw new DecodeError(`the ${end - start} bytes are no JSON`)
    }
    return JSON.stringify(this.text(buffer, start, end))
  }

  /** The reader of the value's schema; undefined when it is not to be read as Avro. */
  private avro(buffer: Buffer, start: number, end: number): AvroReader | undefined {
    if (this.format !== 'auto' && this.format !== 'avro') return undefined
    if (end - start >= HEADER_BYTES && buffer[start] === 0) {
      const id = buffer.readInt32BE(start + 1)
      const known = id === this.lastId ? this.last : this.known(id)
      if (typeof known === 'object') return known
      if (this.format === 'avro') throw new DecodeError(known ?? 'no schema registry is configured (--registry)')
    } else if (this.format === 'avro') throw new DecodeError('the bytes have no schema id of a registry')
    return undefined
  }

  private known(id: number): Known | undefined {
    const known = this.readers.get(id)
    if (known !== undefined) {
      this.lastId = id
      this.last = known
    }
    return known
  }

  private read(reader: AvroReader, buffer: Buffer, start: number, end: number): unknown {
    try {
      return reader.decode(buffer, start + HEADER_BYTES, end)
    } catch (error) {
      if (this.format === 'auto') return this.text(buffer, start, end)
      throw new DecodeError(`the bytes are no ${reader.name}: ${(error as Error).message}`)
    }
  }

  private text(buffer: Buffer, start: number, end: number): string {
    if (this.format === 'hex') return buffer.toString('hex', start, end)
    if (this.format === 'base64') return buffer.toString('base64', start, end)
    const bytes = buffer.subarray(start, end)
    return this.format === 'text' || isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('base64')
  }

  private async load(id: number): Promise<Known> {
    const found = await this.registry!.byId(id)
    if (found === undefined) return `the registry has no schema ${id}`
    if (found.type !== 'AVRO') return `schema ${id} is ${found.type}, which weir does not read`
    try {
      return avroReader(found.schema)
    } catch (error) {
      return `schema ${id} can't be used: ${(error as Error).message}`
    }
  }
}

function looksLikeJson(buffer: Buffer, start: number, end: number): boolean {
  const [first, last] = [buffer[start], buffer[end - 1]]
  return (first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d)
}

function parseJson(buffer: Buffer, start: number, end: number): { text: string; value: unknown } | undefined {
  const text = buffer.toString('utf8', start, end)
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
