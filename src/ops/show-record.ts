import { isUtf8 } from 'node:buffer'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { JsonBytes } from './json-bytes'
import { NUMBER_FORMATS } from './number-formats'
import { type Format, RecordDecoder } from './record-decoder'
import type { Decoders, TopicFacts } from './record-json'
import type { Registry } from './registry'

/** A key or a value for people. */
export interface ShownPart {
  /** JSON on as many lines as it was written, a text, base64 or hex; null for no bytes at all. */
  readonly text: string | null
  readonly kind: 'null' | 'avro' | 'json' | 'text' | 'base64' | 'number' | 'hex'
  readonly schemaId: number | null
  /** Its length in the log. */
  readonly bytes: number
  /** `text` is only its beginning. */
  readonly cut: boolean
}

/** A record for people: the same text as the CLI's, with what it is. */
export interface ShownRecord {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly timestampType: 'create' | 'logappend'
  readonly key: ShownPart
  readonly value: ShownPart
  readonly headers: readonly { readonly name: string; readonly value: string | null; readonly base64: boolean }[]
}

export interface Formats {
  readonly key: Format
  readonly value: Format
}

export function decodersFor(formats: Formats, registry: Registry | undefined): Decoders {
  return { key: new RecordDecoder(formats.key, registry), value: new RecordDecoder(formats.value, registry) }
}

/** So many headers are shown, and so many characters of each: a record may have 60,000. */
const maxHeaders = 200

/** Shows records of one topic; what is longer than `maxChars` is cut. Throws DecodeError where a format was asked for and the bytes are not it. */
export class RecordShower {
  private readonly bytes = new JsonBytes()

  constructor(
    private readonly facts: Pick<TopicFacts, 'timestampType'>,
    private readonly decoders: Decoders,
    private readonly formats: Formats,
    private readonly maxChars: number,
  ) {}

  show(batch: ConsumedBatch, i: number): ShownRecord {
    const { key, value } = this.decoders
    const headers = batch.headerList(i)
    return {
      ...{ partition: batch.partition, offset: batch.offsets[i] ?? -1, timestampMs: batch.timestamps[i] ?? -1 },
      timestampType: this.facts.timestampType === 'logappend' ? 'logappend' : 'create',
      key: this.part(key, this.formats.key, batch.buffer, batch.keyStart[i] ?? -1, batch.keyEnd[i] ?? -1),
      value: this.part(value, this.formats.value, batch.buffer, batch.valueStart[i] ?? -1, batch.valueEnd[i] ?? -1),
      headers: headers.slice(0, maxHeaders).map(([name, bytes]) => ({ name: name.toString(), ...this.header(bytes) })),
    }
  }

  private part(decoder: RecordDecoder, format: Format, buffer: Buffer, start: number, end: number): ShownPart {
    if (start < 0) return { text: null, kind: 'null', schemaId: null, bytes: 0, cut: false }
    decoder.write(buffer, start, end, this.bytes)
    const json = this.bytes.take().toString('utf8')
    const { schemaId = null } = decoder.shown
    const kind = kindOf(decoder, format, json)
    // Only what stands for JSON keeps the quotes of a text.
    const isJson = kind === 'avro' || kind === 'json' || kind === 'number'
    const text = isJson ? (decoder.shown.source ?? json) : (JSON.parse(json) as string)
    return { ...this.fitted(text), kind, schemaId, bytes: end - start }
  }

  private header(bytes: Buffer | null): { value: string | null; base64: boolean } {
    if (bytes === null) return { value: null, base64: false }
    const base64 = !isUtf8(bytes)
    return { value: this.fitted(bytes.toString(base64 ? 'base64' : 'utf8')).text, base64 }
  }

  private fitted(text: string): { readonly text: string; readonly cut: boolean } {
    if (text.length <= this.maxChars) return { text, cut: false }
    // Half a surrogate pair is no text.
    const last = text.charCodeAt(this.maxChars - 1)
    const end = last >= 0xd800 && last < 0xdc00 ? this.maxChars - 1 : this.maxChars
    return { text: text.slice(0, end), cut: true }
  }
}

function kindOf({ shown }: RecordDecoder, format: Format, json: string): ShownPart['kind'] {
  if (shown.schemaId !== undefined) return shown.schemaKind
  if (format === 'hex') return 'hex'
  if (shown.isBase64) return 'base64'
  if ((NUMBER_FORMATS as readonly Format[]).includes(format)) return 'number'
  return format === 'json' || !json.startsWith('"') ? 'json' : 'text'
}
