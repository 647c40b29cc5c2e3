import type { Broker } from '../../src/connectors/broker'
import type { OutputRecord } from '../../src/connectors/ledger'
import type { Batch, Reader, TopicPartition } from '../../src/connectors/source'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

type Asked = Pick<
  Broker,
  | 'createReader'
  | 'createProducer'
  | 'partitionCounts'
  | 'startOffset'
  | 'endOffset'
  | 'offsetSince'
  | 'partitionOf'
  | 'memberCount'
>

/** As much of a Kafka as requests and replies need: logs, readers and producers, in one process. */
export class MemoryBroker implements Asked {
  /** Called before a record is written; false loses it. */
  onWrite: (topic: string, record: OutputRecord) => boolean = () => true
  failing: Error | undefined
  /** Holds a producer's send up until what it gives is done. */
  beforeSend: (topic: string, partition: number) => Promise<void> | undefined = () => undefined
  private readonly kafka = new MemoryKafka(1)
  private readonly readers = new Set<MemoryReader>()

  constructor(readonly topics: Readonly<Record<string, number>>) {}

  log = (at: TopicPartition) => this.kafka.records(at)

  write(at: TopicPartition, record: OutputRecord): void {
    if (!this.onWrite(at.topic, record)) return
    this.kafka.append(at, record)
    for (const reader of this.readers) reader.onReady?.()
  }

  createReader = (): Reader => {
    const reader = new MemoryReader(this)
    this.readers.add(reader)
    return reader
  }

  createProducer = () => ({
    send: async (topic: string, partition: number, records: readonly OutputRecord[]) => {
      if (this.failing) throw this.failing
      await this.beforeSend(topic, partition)
      await new Promise(setImmediate)
      for (const record of records) this.write({ topic, partition }, record)
      return { baseOffset: 0 }
    },
    close: async () => {},
  })

  partitionCounts = async (topics: readonly string[]) =>
    new Map(topics.flatMap(topic => (this.topics[topic] === undefined ? [] : [[topic, this.topics[topic]!] as const])))

  startOffset = async () => 0
  endOffset = async (at: TopicPartition) => this.log(at).length
  offsetSince = async (at: TopicPartition, timeMs: number) => {
    const found = this.log(at).findIndex(({ timestamp }) => timestamp >= timeMs)
    return found < 0 ? this.log(at).length : found
  }

  partitionOf = (key: Buffer | null, partitions: number) =>
    key === null ? 0 : key.reduce((a, b) => a + b, 0) % partitions
  memberCount = async () => 0
}

class MemoryReader implements Reader {
  onReady: (() => void) | undefined
  onError: ((error: Error, at: TopicPartition) => void) | undefined
  private readonly positions = new Map<string, number>()

  constructor(private readonly broker: MemoryBroker) {}

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.positions.set(`${topic}/${partition}`, offset)
    setImmediate(() => this.onReady?.())
  }

  remove({ topic, partition }: TopicPartition): void {
    this.positions.delete(`${topic}/${partition}`)
  }

  take(at: TopicPartition): Batch | undefined {
    const name = `${at.topic}/${at.partition}`
    const position = this.positions.get(name)
    const records = position === undefined ? [] : this.broker.log(at).slice(position)
    if (records.length === 0) return undefined
    this.positions.set(name, position! + records.length)
    return batchOf(at, records)
  }

  peek = () => undefined
  end = () => undefined

  async close(): Promise<void> {
    this.positions.clear()
  }
}
