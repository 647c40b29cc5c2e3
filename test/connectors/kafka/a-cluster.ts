import { ByteReader } from '../../../src/connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import type { ActiveProducer } from '../../../src/connectors/kafka/protocol/describe-producers'
import type { Cluster } from '../../../src/connectors/kafka/wire/cluster'
import { ConnectionError } from '../../../src/connectors/kafka/wire/kafka-errors'
import { addOffsetsToTxn } from '../../../src/light/messages/add-offsets-to-txn'
import { addPartitionsToTxn } from '../../../src/light/messages/add-partitions-to-txn'
import { describeProducers } from '../../../src/light/messages/describe-producers'
import { describeTransactions } from '../../../src/light/messages/describe-transactions'
import { endTxn } from '../../../src/light/messages/end-txn'
import { heartbeat } from '../../../src/light/messages/heartbeat'
import { initProducerId } from '../../../src/light/messages/init-producer-id'
import { listTransactions } from '../../../src/light/messages/list-transactions'
import { metadata } from '../../../src/light/messages/metadata'
import { offsetCommit } from '../../../src/light/messages/offset-commit'
import { offsetFetch } from '../../../src/light/messages/offset-fetch'
import { produce } from '../../../src/light/messages/produce'
import { txnOffsetCommit } from '../../../src/light/messages/txn-offset-commit'
import { writeTxnMarkers } from '../../../src/light/messages/write-txn-markers'

const messages = new Map<
  number,
  { request: { read(from: ByteReader, wire: any): unknown }; wire(version: number): unknown }
>(
  [
    ...[addOffsetsToTxn, addPartitionsToTxn, describeProducers, describeTransactions, endTxn, heartbeat],
    ...[initProducerId, listTransactions, metadata, offsetCommit, offsetFetch, produce, txnOffsetCommit],
    writeTxnMarkers,
  ].map(message => [message.key, message] as const),
)

/** A request as a broker reads it. */
export interface Asked {
  readonly name: string
  readonly request: any
  readonly node: number
  readonly lane: string
}

interface Asking {
  readonly key: number
  readonly name: string
  readonly version: number
  write(to: ByteWriter): void
}

/** What is said to a request: what its `read` gives, an error code, an error that is thrown, or what makes one of these. */
type Answer = unknown

interface Topic {
  readonly partitions: number
  readonly internal?: boolean
  readonly errorCode?: number
  readonly rights?: number
}

/** Brokers 1 and 2 that say yes to everything unless told otherwise, and note what they are asked. */
export class ACluster {
  readonly asked: Asked[] = []
  readonly closedLanes: string[] = []
  readonly forgotten: string[] = []
  readonly topics = new Map<string, Topic>()
  /** By partition (`t-0`). */
  readonly offsets = new Map<
    string,
    { readonly offset: number; readonly metadata?: string; readonly errorCode?: number }
  >()
  readonly producers = new Map<string, readonly ActiveProducer[]>()
  private readonly always = new Map<string, Answer>()
  private readonly queued = new Map<string, Answer[]>()

  get cluster(): Cluster {
    return this as unknown as Cluster
  }

  readonly config = { brokers: ['kafka:9092'] }

  /** From now on requests of this name are answered so. */
  says(name: string, answer: Answer): this {
    this.always.set(name, answer)
    return this
  }

  /** The next requests of this name are answered so, one each. */
  next(name: string, ...answers: Answer[]): this {
    this.queued.set(name, [...(this.queued.get(name) ?? []), ...answers])
    return this
  }

  get names(): string[] {
    return this.asked.map(({ name }) => name)
  }

  requests(name: string): any[] {
    return this.asked.flatMap(each => (each.name === name ? [each.request] : []))
  }

  // What `Cluster` has.

  async send(node: number, api: Asking, lane = 'main'): Promise<unknown> {
    const to = new ByteWriter()
    api.write(to)
    const message = messages.get(api.key)
    if (message === undefined) throw new Error(`no broker here knows ${api.name}`)
    const request = message.request.read(new ByteReader(to.buffer), message.wire(api.version)) as any
    const asked = { name: api.name, request, node, lane }
    this.asked.push(asked)
    const queued = this.queued.get(api.name)?.shift()
    let answer = queued ?? this.always.get(api.name) ?? 0
    if (typeof answer === 'function') answer = await answer(asked)
    if (answer instanceof Error) throw answer
    return typeof answer === 'number' ? this.usual(asked, answer) : answer
  }

  any(api: Asking): Promise<unknown> {
    return this.send(1, api)
  }

  async metadata(names: readonly string[]) {
    return names.map(name => this.topic(name))
  }

  async allTopics() {
    return [...this.topics.keys()].map(name => this.topic(name))
  }

  async leader(_topic: string, partition: number): Promise<number> {
    return 1 + (partition % 2)
  }

  async coordinator(kind: string, _key: string): Promise<number> {
    return kind === 'group' ? 1 : 2
  }

  async nodes(): Promise<number[]> {
    return [1, 2]
  }

  forgetCoordinator(kind: string, key: string): void {
    this.forgotten.push(`${kind} ${key}`)
  }

  forgetTopic(topic: string): void {
    this.forgotten.push(topic)
  }

  async closeLane(lane: string): Promise<void> {
    this.closedLanes.push(lane)
  }

  private topic(topic: string) {
    const {
      partitions,
      internal = false,
      errorCode = 0,
      rights = -1,
    } = this.topics.get(topic) ?? { partitions: 0, errorCode: 3 }
    const each = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      errorCode: 0,
      leader: 1 + (partition % 2),
    }))
    return { topic, id: idOf(topic), internal, errorCode, rights, partitions: each }
  }

  /** What a broker says to it, with this error code in all places. */
  private usual({ name, request }: Asked, errorCode: number): unknown {
    const partitions = (topics: any[], of = (at: any) => at) =>
      topics.flatMap(topic =>
        (topic.partitionIndexes ?? topic.partitions).map((at: any) => {
          const partition = typeof at === 'number' ? at : at.partitionIndex
          return { topic: topic.name, partition, errorCode, ...of(`${topic.name}-${partition}`) }
        }),
      )
    const nothing = () => ({})
    switch (name) {
      case 'InitProducerId':
        return { errorCode, producerId: 7, epoch: 1 }
      case 'DescribeTransactions':
        return [described({ errorCode })]
      case 'ListTransactions':
        return { errorCode, transactions: [] }
      case 'AddPartitionsToTxn':
        return partitions(request.v3AndBelowTopics, nothing)
      case 'OffsetCommit':
      case 'TxnOffsetCommit':
        return partitions(request.topics, nothing)
      case 'OffsetFetch':
        return {
          errorCode,
          offsets: partitions(request.topics, at => ({
            errorCode: 0,
            offset: -1,
            metadata: '',
            ...this.offsets.get(at),
          })),
        }
      case 'DescribeProducers':
        return partitions(request.topics, at => ({ producers: this.producers.get(at) ?? [] }))
      case 'WriteTxnMarkers':
        return partitions(request.markers[0].topics, nothing)
      case 'Metadata':
        return { brokers: [], topics: request.topics.map((each: any) => this.topic(each.name)) }
      case 'Produce':
        return request.topicData.flatMap(({ name: topic, partitionData }: any) =>
          partitionData.map(({ index }: any) => ({
            ...{ topic, partition: index, errorCode, baseOffset: 100 + index, words: null, refused: [] },
          })),
        )
      default:
        return { errorCode }
    }
  }
}

/** 22 characters, as ids of topics have. */
export const idOf = (topic: string) => `id-${topic}`.padEnd(22, '_')

/** What a coordinator knows of a transactional id. */
export const described = (more: object = {}) => ({
  ...{ errorCode: 0, transactionalId: 'x', state: 'Empty', startedAt: -1, producerId: 7, epoch: 0, ...more },
})

/** A producer with an open transaction. */
export const openProducer = (more: Partial<ActiveProducer> = {}): ActiveProducer => ({
  ...{ producerId: 7, epoch: 0, lastTimestamp: 5_000, coordinatorEpoch: 3, openSince: 40, ...more },
})

/** Without an answer. `sent`: it may have been carried out. */
export const noAnswer = (sent = true) => new ConnectionError('kafka:9092 gave no answer', sent, undefined)
