import type { Codec } from '../codecs/codec'
import { letterFacts, recordHeaders } from '../connectors/letter-headers'
import { type GraphNode, isKind, type Topology } from '../dsl/graph'
import type { CodecBook } from '../engine/task/codec-book'
import { TopologyError } from '../errors'
import { headersFrom } from '../header-lists'
import { deadLetterTopic } from '../names'
import type { Headers } from '../record'
import { entryOf } from '../required'
import type { TestOutput } from './driver-options'
import type { LoggedRecord } from './memory-kafka'

/** Key and value as they stand in a topic; null for none. */
export interface TestBytes {
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** A record, or a result, that was set aside, and why. */
export interface TestDeadLetter {
  /** The source topic whose dead letters it is among. */
  readonly source: string
  /** The step that refused it. */
  readonly step: string
  /** The error's name and message. */
  readonly errorClass: string
  readonly errorMessage: string
  /** The place in the author's code, `file:line:column`; null where none of it had a part. */
  readonly errorAt: string | null
  /** Where it was read from, an internal topic's position too; null for a result that no single record has caused. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number } | null
  /** As its topic holds it, decoded; bytes where that is what can't be done. A result's are JSON. */
  readonly key: any
  readonly value: any
  /** The record's own. */
  readonly headers: Headers
  /** ms; the Kafka timestamp. */
  readonly timestamp: number
}

const decodedBy = (codec: Codec<any>, bytes: Buffer | null) =>
  bytes === null ? null : codec.decode(bytes, 0, bytes.length)

/** What can't be decoded stays as it is. */
function decodedOrBytes(codec: Codec<any> | undefined, bytes: Buffer | null): unknown {
  try {
    if (bytes === null) return null
    return codec === undefined ? JSON.parse(bytes.toString('utf8')) : decodedBy(codec, bytes)
  } catch {
    return bytes
  }
}

/** Encodes and decodes the records of a topology's topics, as its steps do. */
export class TopicRecords {
  constructor(
    private readonly nodes: Topology['nodes'],
    private readonly codecs: CodecBook,
  ) {}

  /** The step that reads the topic from outside. */
  private readerOf(topic: string): GraphNode | undefined {
    return this.nodes.find(({ parents, spec }) => parents.length === 0 && 'topic' in spec && spec.topic === topic)
  }

  /** Throws TopologyError where no step reads the topic, and what its codecs refuse. */
  encoded(topic: string, { key, value }: { readonly key: unknown; readonly value: unknown }): TestBytes {
    const source = this.readerOf(topic)
    if (source === undefined)
      throw new TopologyError(`no step reads topic ${topic}; those that are read: ${this.sources.join(', ')}`)
    const codecs = entryOf(this.codecs, source.id)
    return { key: codecs.key.encode(key), value: codecs.value.encode(value) }
  }

  /** Topics that are read from outside. */
  get sources(): string[] {
    const names = this.nodes.flatMap(({ parents, spec }) =>
      parents.length === 0 && 'topic' in spec && 'owner' in spec && spec.owner === 'author' ? [String(spec.topic)] : [],
    )
    return [...new Set(names)]
  }

  /** The source topics by those of their dead letters. */
  get letterTopics(): ReadonlyMap<string, string> {
    return new Map(
      this.nodes.flatMap(node =>
        isKind(node, 'source') ? [[deadLetterTopic(node.spec.topic), node.spec.topic] as const] : [],
      ),
    )
  }

  /** What decodes a topic's records; dead letters stay bytes. Undefined for a topic that no step has. */
  decoderOf(topic: string): ((record: LoggedRecord) => TestOutput) | undefined {
    const outs = this.nodes.filter(each => isKind(each, 'to') || isKind(each, 'repartition'))
    const node =
      outs.find(({ spec }) => spec.topic === topic) ??
      this.nodes.find(({ spec }) => 'topic' in spec && spec.topic === topic) ??
      outs.find(({ spec }) => typeof spec.topic === 'function')
    if (this.letterTopics.has(topic))
      return ({ key, value, timestamp, partition }) => ({ key, value, timestamp, partition })
    if (node === undefined) return undefined
    const codecs = entryOf(this.codecs, node.id)
    return ({ key, value, timestamp, partition }) => ({
      key: decodedBy(codecs.key, key),
      value: decodedBy(codecs.value, value),
      timestamp,
      partition,
    })
  }

  letter({ topic, key, value, timestamp, headers, headerList }: LoggedRecord): TestDeadLetter {
    const list = headerList ?? Object.entries(headers ?? {})
    const { step, errorClass, errorMessage, errorAt, origin } = letterFacts(list)
    const reader = origin === null ? undefined : this.readerOf(origin.topic)
    const codecs = reader && this.codecs.get(reader.id)
    return {
      ...{ source: entryOf(this.letterTopics, topic), step, errorClass, errorMessage, errorAt },
      origin: origin && { topic: origin.topic, partition: origin.partition, offset: origin.offset },
      key: decodedOrBytes(codecs?.key, key),
      value: decodedOrBytes(codecs?.value, value),
      ...{ headers: headersFrom(recordHeaders(list)), timestamp },
    }
  }
}
