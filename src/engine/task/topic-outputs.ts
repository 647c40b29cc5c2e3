import type { Output, OutputRecord } from '../../connectors/ledger'
import { type GraphNode, isKind } from '../../dsl/graph'
import { listOf } from '../../header-lists'
import type { TopicOutput } from '../../operators/operator'
import type { StreamRecord } from '../../record'
import type { Clock } from './clock'
import type { Codecs } from './codec-book'
import { bytesOf, checkPartition, type FindTopic, OutputChecks } from './output-topics'
import { escapeTimes } from './time-report'
import type { Verdicts } from './verdicts'

/** Number of partitions of a topic that the task writes; the plan has made sure that it is known. */
export type PartitionCount = (topic: string) => number
/** The partition of a key's bytes, as Kafka's own producers choose it (murmur2). */
export type Partitioner = (key: Buffer | null, partitions: number) => number

/** What a task has written to Kafka topics since the last checkpoint, encoded, in order. */
export class TopicOutputs {
  private topics: string[] = []
  private partitions: number[] = []
  private records: OutputRecord[] = []
  private gathered = 0
  private keyless = 0
  private readonly checks: OutputChecks
  private verdicts: Verdicts | undefined

  constructor(
    private readonly find: FindTopic,
    private readonly partitioner: Partitioner,
    clock: Pick<Clock, 'now'>,
  ) {
    this.checks = new OutputChecks(clock)
  }

  /** What Kafka has refused before is refused when it is gathered again: so it is known what came to it, a record or a result. */
  judgeBy(verdicts: Verdicts | undefined): void {
    this.verdicts = verdicts
  }

  get size(): number {
    return this.records.length
  }

  /** Keys, values and headers, bytes. */
  get bytes(): number {
    return this.gathered
  }

  add(topic: string, partition: number, record: OutputRecord): void {
    this.gathered += bytesOf(record)
    this.topics.push(topic)
    this.partitions.push(partition)
    this.records.push(record)
  }

  reset(mark: number): void {
    if (this.records.length === mark) return
    for (let i = mark; i < this.records.length; i++) this.gathered -= bytesOf(this.records[i]!)
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
    this.gathered = 0
    return [...byPartition.values()]
  }

  /** What a `to` or `repartition` step writes with. */
  of(node: GraphNode<'to'> | GraphNode<'repartition'>, { key: keyCodec, value: valueCodec }: Codecs): TopicOutput {
    const { topic } = node.spec
    const choose = 'partition' in node.spec ? node.spec.partition : undefined
    // Only weir's own topics carry times between the records: there an author's header of that name is renamed.
    const hasTimes = isKind(node, 'repartition')
    // As Kafka Streams: windowed keys go by the key within to a topic of the author's, by all of their bytes to an internal one.
    const { placed } = hasTimes ? {} : keyCodec
    return {
      write: record => {
        const isChosen = typeof topic !== 'string'
        const name = isChosen ? topic(record) : topic
        const { partitions, limits } = this.find(name, isChosen)
        const key = keyCodec.encode(record.key)
        const partition =
          choose === undefined
            ? this.place(key === null || placed === undefined ? key : placed(key), partitions)
            : checkPartition(name, choose(record, partitions), partitions)
        const output = encoded(key, valueCodec.encode(record.value), record, hasTimes)
        this.checks.check(name, limits, output)
        const refusal = this.verdicts?.refusedOutput(name, output)
        if (refusal !== undefined) throw refusal
        this.add(name, partition, output)
      },
      partitionOf: key => this.place(keyCodec.encode(key), this.find(topic as string).partitions),
    }
  }

  /** A record without a key goes to the partitions in turn. */
  private place(key: Buffer | null, count: number): number {
    return key === null ? this.keyless++ % count : this.partitioner(key, count)
  }
}

function encoded(
  key: Buffer | null,
  value: Buffer | null,
  { timestamp, headers }: StreamRecord,
  hasTimes: boolean,
): OutputRecord {
  if (headers === undefined) return { key, value, timestamp }
  const written = hasTimes ? escapeTimes(headers) : headers
  const headerList = listOf(written)
  return headerList === undefined ? { key, value, timestamp, headers: written } : { key, value, timestamp, headerList }
}
