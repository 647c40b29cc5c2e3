import type { Output, OutputRecord } from '../../connectors/ledger'
import type { GraphNode } from '../../dsl/graph'
import type { TopicOutput } from '../../operators/operator'
import type { StreamRecord } from '../../record'
import type { Codecs } from './codec-book'

/** Number of partitions of a topic that the task writes; the plan has made sure that it is known. */
export type PartitionCount = (topic: string) => number
/** The partition of a key's bytes, as Kafka's own producers choose it (murmur2). */
export type Partitioner = (key: Buffer | null, partitions: number) => number

/** What a task has written to Kafka topics since the last checkpoint, encoded, in order. */
export class TopicOutputs {
  private topics: string[] = []
  private partitions: number[] = []
  private records: OutputRecord[] = []
  private keyless = 0

  constructor(
    private readonly partitionCount: PartitionCount,
    private readonly partitioner: Partitioner,
  ) {}

  get size(): number {
    return this.records.length
  }

  add(topic: string, partition: number, record: OutputRecord): void {
    this.topics.push(topic)
    this.partitions.push(partition)
    this.records.push(record)
  }

  reset(mark: number): void {
    if (this.records.length === mark) return
    this.topics.length = this.partitions.length = this.records.length = mark
  }

  /** Hands over everything, by partition, each partition in order. */
  take(): Output[] {
    const byPartition = new Map<string, { topic: string; partition: number; records: OutputRecord[] }>()
    for (let i = 0; i < this.records.length; i++) {
      const topic = this.topics[i]!
      const partition = this.partitions[i]!
      const at = `${topic}/${partition}`
      let output = byPartition.get(at)
      if (output === undefined) byPartition.set(at, (output = { topic, partition, records: [] }))
      output.records.push(this.records[i]!)
    }
    this.topics = []
    this.partitions = []
    this.records = []
    return [...byPartition.values()]
  }

  /** The way out for one `to` or `repartition` step. */
  of(node: GraphNode<'to'> | GraphNode<'repartition'>, { key: keyCodec, value: valueCodec }: Codecs): TopicOutput {
    const { topic } = node.spec
    const choose = 'partition' in node.spec ? node.spec.partition : undefined
    return {
      write: record => {
        const name = typeof topic === 'string' ? topic : topic(record)
        const key = keyCodec.encode(record.key)
        const count = this.partitionCount(name)
        const partition = choose !== undefined ? choose(record, count) : this.place(key, count)
        this.add(name, partition, encoded(key, valueCodec.encode(record.value), record))
      },
      partitionOf: key => this.place(keyCodec.encode(key), this.partitionCount(topic as string)),
    }
  }

  /** A record without a key goes to the partitions in turn. */
  private place(key: Buffer | null, count: number): number {
    return key === null ? this.keyless++ % count : this.partitioner(key, count)
  }
}

function encoded(key: Buffer | null, value: Buffer | null, { timestamp, headers }: StreamRecord): OutputRecord {
  return headers === undefined ? { key, value, timestamp } : { key, value, timestamp, headers }
}
