import { isUtf8 } from 'node:buffer'
import {
  decodeKey,
  decodeValue,
  keyEndOf,
  keyStartOf,
  offsetOf,
  timestampOf,
  valueEndOf,
  valueStartOf,
} from '../connectors/batch'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { HeaderList } from '../header-lists'
import type { Filterable } from './filter/filter'
import { JsonBytes } from './json-bytes'
import type { RecordDecoder } from './record-decoder'

/** What is the same for all records of a topic. */
export interface TopicFacts {
  readonly topic: string
  /** `create` or `logappend`, as kcat calls them. */
  readonly timestampType: string
  /** The node that leads a partition. */
  readonly leader: (partition: number) => number
}

/** How keys and values are read. */
export interface Decoders {
  readonly key: RecordDecoder
  readonly value: RecordDecoder
}

/** Fetches the schemas that a batch needs. */
export async function prepare({ key, value }: Decoders, batch: ConsumedBatch): Promise<void> {
  await key.prepare(batch, batch.keyStart, batch.keyEnd)
  await value.prepare(batch, batch.valueStart, batch.valueEnd)
}

/**
 * Writes records as JSON objects with kcat's keys: `topic`, `partition`, `offset`, `tstype`, `ts`, `broker`, `headers` (names and values in turn; absent
 * without any), `key`, `payload`. What the values alone don't say follows where there is something to say: `key_schema_id` and `value_schema_id` of Avro, `base64`
 * (which of `key`, `payload`, `headers[1]`... are), `formats` (of keys and values that are hex or numbers of Kafka's serializers), `source` (the very text of JSON
 * that is shown on one line), `raw` (in base64, the bytes of Avro that its JSON alone doesn't give again).
 */
export class RecordWriter {
  private readonly heads = new Map<number, Buffer>()
  private readonly brokers = new Map<number, Buffer>()
  private readonly type: Buffer

  constructor(
    private readonly facts: TopicFacts,
    private readonly decoders: Decoders,
  ) {
    this.type = Buffer.from(`,"tstype":"${facts.timestampType}","ts":`)
  }

  /** Throws DecodeError, having written nothing. */
  write(batch: ConsumedBatch, i: number, to: JsonBytes): void {
    const { length } = to
    const { partition, buffer } = batch
    try {
      to.bytes(
        kept(
          this.heads,
          partition,
          () => `{"topic":${JSON.stringify(this.facts.topic)},"partition":${partition},"offset":`,
        ),
      )
      to.integer(offsetOf(batch, i))
      to.bytes(this.type)
      to.integer(timestampOf(batch, i))
      to.bytes(kept(this.brokers, partition, () => `,"broker":${this.facts.leader(partition)},`))
      const headers = batch.headerList(i)
      if (headers.length > 0) to.utf8(`"headers":${JSON.stringify(flat(headers))},`)
      to.bytes(KEY)
      const key = writePart(this.decoders.key, buffer, keyStartOf(batch, i), keyEndOf(batch, i), to)
      to.bytes(PAYLOAD)
      const payload = writePart(this.decoders.value, buffer, valueStartOf(batch, i), valueEndOf(batch, i), to)
      writeShown(this.decoders, headers, to)
      if (key !== undefined || payload !== undefined) to.ascii(`,"raw":${JSON.stringify({ key, payload })}`)
      to.byte(0x7d)
    } catch (error) {
      to.length = length
      throw error
    }
  }
}

const KEY = Buffer.from('"key":')
const PAYLOAD = Buffer.from(',"payload":')

/** Gives the bytes in base64 where what is written doesn't give them again. */
function writePart(
  decoder: RecordDecoder,
  buffer: Buffer,
  start: number,
  end: number,
  to: JsonBytes,
): string | undefined {
  const { length } = to
  decoder.write(buffer, start, end, to)
  return decoder.gives(buffer, start, end, to, length) ? undefined : buffer.toString('base64', start, end)
}

function kept(known: Map<number, Buffer>, partition: number, make: () => string): Buffer {
  let bytes = known.get(partition)
  if (bytes === undefined) {
    bytes = Buffer.from(make())
    known.set(partition, bytes)
  }
  return bytes
}

function writeShown(
  { key: { shown: key }, value: { shown: value } }: Decoders,
  headers: HeaderList,
  to: JsonBytes,
): void {
  if (key.schemaId !== undefined) to.ascii(`,"key_schema_id":${key.schemaId}`)
  if (value.schemaId !== undefined) to.ascii(`,"value_schema_id":${value.schemaId}`)
  if (key.format !== undefined || value.format !== undefined)
    to.ascii(`,"formats":${JSON.stringify({ key: key.format, payload: value.format })}`)
  const base64 = base64In(key.isBase64, value.isBase64, headers)
  if (base64 !== undefined) to.ascii(`,"base64":${JSON.stringify(base64)}`)
  if (key.source !== undefined || value.source !== undefined)
    to.utf8(`,"source":${JSON.stringify({ key: key.source, payload: value.source })}`)
}

/** A key or value as text: JSON as it is, a text without its quotes; null for null. */
export function plainText(decoder: RecordDecoder, bytes: Buffer | null): string | null {
  if (bytes === null) return null
  const to = new JsonBytes()
  decoder.write(bytes, 0, bytes.length, to)
  const json = to.take().toString('utf8')
  return json.startsWith('"') ? (JSON.parse(json) as string) : (decoder.shown.source ?? json)
}

/** A window on one record of a batch after the other: a field is decoded when a filter asks for it. */
export class RecordView implements Filterable {
  index = 0

  constructor(
    readonly topic: string,
    private readonly decoders: Decoders,
    private readonly batch: ConsumedBatch,
  ) {}

  get key(): unknown {
    return decodeKey(this.decoders.key, this.batch, this.index)
  }

  get value(): unknown {
    return decodeValue(this.decoders.value, this.batch, this.index)
  }

  get headers(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const [name, value] of Object.entries(this.batch.headers(this.index) ?? {}))
      found[name] = value.toString('utf8')
    return found
  }

  get partition(): number {
    return this.batch.partition
  }

  get offset(): number {
    return offsetOf(this.batch, this.index)
  }

  get timestamp(): number {
    return timestampOf(this.batch, this.index)
  }
}

const isText = (part: string | Buffer | null) => !Buffer.isBuffer(part) || isUtf8(part)
const shownPart = (part: string | Buffer | null) =>
  Buffer.isBuffer(part) ? part.toString(isText(part) ? 'utf8' : 'base64') : part
const flat = (headers: HeaderList) => headers.flat().map(shownPart)

/** Which parts are base64; undefined for none. */
function base64In(key: boolean, payload: boolean, headers: HeaderList): string[] | undefined {
  const parts = headers.flat().flatMap((part, i) => (isText(part) ? [] : [`headers[${i}]`]))
  if (!key && !payload && parts.length === 0) return undefined
  return [...(key ? ['key'] : []), ...(payload ? ['payload'] : []), ...parts]
}
