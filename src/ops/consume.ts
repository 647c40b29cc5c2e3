import type { ConsumedBatch } from '../connectors/kafka/consumed-batch'
import type { Cluster } from './cluster'
import { compileFilter, type Filter } from './filter/filter'
import { type Decoders, prepare, RecordView, type TopicFacts } from './record-json'
import { scan } from './scan'
import { topicConfig } from './topic-config'
import { partitionsOf } from './topics'
import { locate, type Where } from './where'

export interface ConsumeOptions {
  readonly topic: string
  readonly partitions?: readonly number[]
  /** Where each partition starts (earliest). */
  readonly from?: Where
  /** Stops where the partitions end now; otherwise the topic is followed. */
  readonly exitAtEnd?: boolean
  /** Stops after so many records (that pass the filter). */
  readonly count?: number
  /** A filter expression: see compileFilter. */
  readonly filter?: string
  /** Leave out aborted transactions and stop before open ones (true). */
  readonly readCommitted?: boolean
  readonly signal?: AbortSignal
}

/**
 * Reads a topic without a group and hands each record that passes to `render`; yields what it returned, a batch at a time.
 * Throws NotFoundError, UsageError (the filter).
 */
export async function* consume<T>(
  cluster: Cluster,
  options: ConsumeOptions,
  decoders: Decoders,
  render: (facts: TopicFacts, decoders: Decoders, batch: ConsumedBatch, index: number) => T,
): AsyncGenerator<T[]> {
  const { topic, readCommitted = true, count = Number.POSITIVE_INFINITY } = options
  const filter = options.filter === undefined ? undefined : compileFilter(options.filter)
  if (count === 0) return
  const partitions = await partitionsOf(cluster, topic, options.partitions)
  const bounds = await locate(cluster, partitions, options.from ?? 'earliest', readCommitted)
  const ranges = bounds.map(({ partition, from, last }) => ({
    ...{ topic, partition, from },
    to: options.exitAtEnd ? last : undefined,
  }))
  const facts = await topicFacts(cluster, topic)
  const picker = new Picker(topic, decoders, filter)
  let left = count
  const { signal } = options
  for await (const found of scan(cluster, ranges, { readCommitted, ...(signal === undefined ? {} : { signal }) })) {
    const batch = found as ConsumedBatch
    await prepare(decoders, batch)
    const picked: T[] = []
    for (let i = 0; i < batch.count && left > 0; i++) {
      if (!picker.takes(batch, i)) continue
      picked.push(render(facts, decoders, batch, i))
      left--
    }
    if (picked.length > 0) yield picked
    if (left <= 0) return
  }
}

/** What consumed records of a topic have in common. */
export async function topicFacts(cluster: Cluster, topic: string): Promise<TopicFacts> {
  const type = (await topicConfig(cluster, topic)).find(each => each.name === 'message.timestamp.type')?.value
  return {
    topic,
    timestampType: type === 'LogAppendTime' ? 'logappend' : 'create',
    leader: partition => cluster.knownLeader(topic, partition) ?? -1,
  }
}

/** Applies a filter to one record of a batch after the other. */
export class Picker {
  private readonly view: RecordView

  constructor(
    topic: string,
    decoders: Decoders,
    private readonly filter: Filter | undefined,
  ) {
    this.view = new RecordView(topic, decoders)
  }

  takes(batch: ConsumedBatch, index: number): boolean {
    if (this.filter === undefined) return true
    this.view.batch = batch
    this.view.index = index
    return this.filter(this.view)
  }
}
