import { isUtf8 } from 'node:buffer'
import { parseExact } from '../codecs/exact-json'
import type { Batch } from '../connectors/source'
import { DecodeError } from '../errors'
import { formOf } from './form-of'
import { JsonBytes } from './json-bytes'
import { onOneLine } from './json-form'
import { NUMBER_FORMATS, type NumberFormat, numberBytes, numberText } from './number-formats'
import type { Registry } from './registry'
import { headerBytes, SchemaForm, shownDepth } from './schema-form'

/**
 * How bytes are shown. `auto`: Avro, or JSON of a schema, where they have the registry's header, JSON where they are an object or array, text where
 * they are UTF-8, else base64. `short`, `int`, `long`, `float` and `double`: a number as Kafka's serializers of these
 * names write it (big-endian, of 2, 4, 8, 4 and 8 bytes).
 */
export type Format = 'auto' | 'avro' | 'json' | 'text' | NumberFormat | 'base64' | 'hex'
export const FORMATS: readonly Format[] = ['auto', 'avro', 'json', 'text', ...NUMBER_FORMATS, 'base64', 'hex']

/** What a schema id turned out to be: a way to read it, or why there is none. */
type Known = SchemaForm | string

/** How bytes were shown, as far as they can't be had back from that alone. */
export interface Shown {
  /** As base64: only the bytes are known. */
  isBase64: boolean
  /** The registry's id of the schema, and what it is one of. */
  schemaId: number | undefined
  schemaKind: SchemaForm['kind']
  /** The very text, where JSON of several lines is shown as one. */
  source: string | undefined
  /** As a number of this format, or in hex. */
  format: NumberFormat | 'hex' | undefined
  /** False: whether the text alone gives the bytes again isn't known, and `gives` finds it out. */
  isProven: boolean
}

/** Decodes keys or values of batches. */
export class RecordDecoder {
  private readonly readers = new Map<number, Known>()
  private lastId = -1
  private last: Known | undefined
  private readonly scratch = new JsonBytes()
  /** What a copier has to know of what was read last. */
  readonly shown: Shown = {
    ...{ isBase64: false, schemaId: undefined, schemaKind: 'avro', source: undefined },
    ...{ format: undefined, isProven: true },
  }

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
      if (start < 0 || ends[i]! - start < headerBytes || buffer[start] !== 0) continue
      const id = buffer.readInt32BE(start + 1)
      if (id !== this.lastId && this.known(id) === undefined) missing.add(id)
    }
    for (const id of missing) this.readers.set(id, await formOf(id, this.registry))
  }

  /** As a JavaScript value, integers beyond 2^53 as bigints. Throws DecodeError where the format was asked for and the bytes are not it. */
  decode(buffer: Buffer, start: number, end: number): unknown {
    this.write(buffer, start, end, this.scratch)
    return parseExact(this.scratch.take().toString('utf8'), shownDepth)
  }

  /** Writes it as JSON on one line. Throws as `decode` does, having written nothing. */
  write(buffer: Buffer, start: number, end: number, to: JsonBytes): void {
    const { format, shown } = this
    shown.isBase64 = false
    shown.schemaId = undefined
    shown.source = undefined
    shown.format = undefined
    shown.isProven = true
    if (start < 0) to.ascii('null')
    else if (format === 'hex') {
      shown.format = format
      to.ascii(`"${buffer.toString('hex', start, end)}"`)
    } else if (format === 'base64') this.writeBase64(buffer, start, end, to)
    else if (format === 'text') this.writeText(buffer, start, end, to)
    else if (format === 'json') {
      if (!this.writeJson(buffer, start, end, to)) throw new DecodeError(`the ${end - start} bytes are no JSON`)
    } else if (format !== 'auto' && format !== 'avro') this.writeNumber(format, buffer, start, end, to)
    else if (!this.writeAvro(buffer, start, end, to)) {
      if (!looksLikeJson(buffer, start, end) || !this.writeJson(buffer, start, end, to))
        this.writeText(buffer, start, end, to)
    }
  }

  /** Whether the JSON that `write` has put into `to` from `from` on gives these bytes again. */
  gives(buffer: Buffer, start: number, end: number, to: JsonBytes, from: number): boolean {
    const { isProven, schemaId } = this.shown
    if (isProven || schemaId === undefined) return true
    const form = this.readers.get(schemaId)
    return form instanceof SchemaForm && form.gives(buffer, start, end, to.since(from))
  }

  /** A NaN of other bits than JavaScript's is shown as bytes. */
  private writeNumber(format: NumberFormat, buffer: Buffer, start: number, end: number, to: JsonBytes): void {
    const text = numberText(format, buffer, start, end)
    if (
      (format === 'double' || format === 'float') &&
      !numberBytes(format, text.replaceAll('"', '')).equals(buffer.subarray(start, end))
    ) {
      this.writeBase64(buffer, start, end, to)
      return
    }
    this.shown.format = format
    to.ascii(text)
  }

  private writeText(buffer: Buffer, start: number, end: number, to: JsonBytes): void {
    if (isPlain(buffer, start, end) || isUtf8(buffer.subarray(start, end))) to.text(buffer, start, end)
    else this.writeBase64(buffer, start, end, to)
  }

  private writeBase64(buffer: Buffer, start: number, end: number, to: JsonBytes): void {
    this.shown.isBase64 = true
    to.ascii(`"${buffer.toString('base64', start, end)}"`)
  }

  /** False: it is no JSON. */
  private writeJson(buffer: Buffer, start: number, end: number, to: JsonBytes): boolean {
    if (!isPlain(buffer, start, end) && !isUtf8(buffer.subarray(start, end))) return false
    const text = buffer.toString('utf8', start, end)
    try {
      parseExact(text)
    } catch {
      return false
    }
    if (/[\r\n]/.test(text)) {
      this.shown.source = text
      to.utf8(onOneLine(text))
    } else to.range(buffer, start, end)
    return true
  }

  /** The form of the value's schema; undefined when it is not to be read by one. */
  private avro(buffer: Buffer, start: number, end: number): SchemaForm | undefined {
    if (end - start >= headerBytes && buffer[start] === 0) {
      const id = buffer.readInt32BE(start + 1)
      const known = id === this.lastId ? this.last : this.known(id)
      if (known instanceof SchemaForm) return known
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

  /** False: the bytes are something else. */
  private writeAvro(buffer: Buffer, start: number, end: number, to: JsonBytes): boolean {
    const avro = this.avro(buffer, start, end)
    if (avro === undefined) return false
    const { length } = to
    try {
      this.shown.isProven = avro.show(buffer, start, end, to)
      this.shown.schemaId = this.lastId
      this.shown.schemaKind = avro.kind
      return true
    } catch (error) {
      to.length = length
      if (this.format === 'auto') return false
      throw new DecodeError(`the bytes are no value of schema ${this.lastId}: ${(error as Error).message}`)
    }
  }
}

/** Most texts are short ASCII. */
function isPlain(buffer: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (buffer[i]! > 0x7f) return false
  return true
}

function looksLikeJson(buffer: Buffer, start: number, end: number): boolean {
  const [first, last] = [buffer[start], buffer[end - 1]]
  return (first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d)
}
