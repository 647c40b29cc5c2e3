import { isUtf8 } from 'node:buffer'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { HeaderList } from '../connectors/ledger'
import { DecodeError } from '../errors'
import type { Filterable } from './filter/filter'
import type { JsonBytes } from './json-bytes'
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

/** A consumed record with kcat's names; the payload is decoded. */
export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly tstype: string
  readonly ts: number
  readonly broker: number
  /** Names and values in turn, as kcat has them; absent without headers. */
  readonly headers?: readonly (string | null)[]
  readonly key: unknown
  readonly payload: unknown
  /** Which of `key`, `payload` and `headers[1]`... are base64, being neither text nor JSON nor Avro; absent for none. */
  readonly base64?: readonly string[]
}

/** Fetches the schemas that a batch needs. */
export async function prepare({ key, value }: Decoders, batch: ConsumedBatch): Promise<void> {
  await key.prepare(batch, batch.keyStart, batch.keyEnd)
  await value.prepare(batch, batch.valueStart, batch.valueEnd)
}

/** A DecodeError with the place of the record that it is about; any other error as it is. */
export function placed(error: unknown, { topic, partition, offsets }: ConsumedBatch, i: number): unknown {
  if (!(error instanceof DecodeError)) return error
  return new DecodeError(`${topic}-${partition} at offset ${offsets[i]}: ${error.message}`, { cause: error })
}

/** Writes records as JSON objects with kcat's keys. */
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
      to.integer(batch.offsets[i]!)
      to.bytes(this.type)
      to.integer(batch.timestamps[i]!)
      to.bytes(kept(this.brokers, partition, () => `,"broker":${this.facts.leader(partition)},`))
      const headers = batch.headerList(i)
      if (headers.length > 0) to.utf8(`"headers":${JSON.stringify(flat(headers))},`)
      to.bytes(KEY)
      this.decoders.key.write(buffer, batch.keyStart[i]!, batch.keyEnd[i]!, to)
      const key = this.decoders.key.isBase64
      to.bytes(PAYLOAD)
      this.decoders.value.write(buffer, batch.valueStart[i]!, batch.valueEnd[i]!, to)
      const base64 = base64In(key, this.decoders.value.isBase64, headers)
      if (base64 !== undefined) to.ascii(`,"base64":${JSON.stringify(base64)}`)
      to.byte(0x7d)
    } catch (error) {
      to.length = length
      throw error
    }
  }
}

const KEY = Buffer.from('"key":')
const PAYLOAD = Buffer.from(',"payload":')

function kept(known: Map<number, Buffer>, partition: number, make: () => string): Buffer {
  let bytes = known.get(partition)
  if (bytes === undefined) {
    bytes = Buffer.from(make())
    known.set(partition, bytes)
  }
  return bytes
}

/** The same as a plain object. */
export function recordObject(facts: TopicFacts, decoders: Decoders, batch: ConsumedBatch, i: number): ConsumedRecord {
  const headers = batch.headerList(i)
  const key = decoders.key.value(batch.buffer, batch.keyStart[i]!, batch.keyEnd[i]!)
  const isKey = decoders.key.isBase64
  const payload = decoders.value.value(batch.buffer, batch.valueStart[i]!, batch.valueEnd[i]!)
  const base64 = base64In(isKey, decoders.value.isBase64, headers)
  return {
    topic: facts.topic,
    partition: batch.partition,
    offset: batch.offsets[i]!,
    tstype: facts.timestampType,
    ts: batch.timestamps[i]!,
    broker: facts.leader(batch.partition),
    ...(headers.length === 0 ? {} : { headers: flat(headers) }),
    key,
    payload,
    ...(base64 === undefined ? {} : { base64 }),
  }
}

/** A window on one record of a batch after the other: a field is decoded when a filter asks for it. */
export class RecordView implements Filterable {
  batch!: ConsumedBatch
  index = 0

  constructor(
    readonly topic: string,
    private readonly decoders: Decoders,
  ) {}

  get key(): unknown {
    const { batch, index } = this
    return this.decoders.key.value(batch.buffer, batch.keyStart[index]!, batch.keyEnd[index]!)
  }

  get value(): unknown {
    const { batch, index } = this
    return this.decoders.value.value(batch.buffer, batch.valueStart[index]!, batch.valueEnd[index]!)
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
    return this.batch.offsets[this.index]!
  }

  get timestamp(): number {
    return this.batch.timestamps[this.index]!
  }
}

const isText = (value: Buffer | null) => value === null || isUtf8(value)
const flat = (headers: HeaderList) =>
  headers.flatMap(([name, value]) => [name, value?.toString(isText(value) ? 'utf8' : 'base64') ?? null])

/** What a copier has to know: see ConsumedRecord. */
function base64In(key: boolean, payload: boolean, headers: HeaderList): string[] | undefined {
  if (!key && !payload && headers.every(([, value]) => isText(value))) return undefined
  const values = headers.flatMap(([, value], i) => (isText(value) ? [] : [`headers[${2 * i + 1}]`]))
  return [...(key ? ['key'] : []), ...(payload ? ['payload'] : []), ...values]
}
