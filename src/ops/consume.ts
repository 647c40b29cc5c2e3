import { offsetOf } from '../connectors/batch'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { Cluster } from './cluster'
import { compileFilter, type Filter } from './filter/filter'
import { lastStarts } from './last-records'
import { type Decoders, prepare, RecordView, type TopicFacts } from './record-json'
import { scan } from './scan'
import { topicConfig } from './topic-config'
import { partitionsOf } from './topics'
import { type OnUnreadable, readable, tellDamage } from './unreadable'
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
  /** Told of each record that can't be read as it was asked for: it is passed over. Without it the first one ends the reading. */
  readonly onUnreadable?: OnUnreadable
}

/** Takes one record that passed the filter: called for each, in order, before the generator yields. */
export type Take = (batch: ConsumedBatch, index: number) => void

/**
 * Reads a topic without a group and hands each record that passes to what `open` returns; yields how many those were, a batch at
 * a time, and goes on when the caller does. Throws NotFoundError, UsageError (the filter).
 */
export async function* consume(
  cluster: Cluster,
  options: ConsumeOptions,
  decoders: Decoders,
  open: (facts: TopicFacts) => Take,
): AsyncGenerator<number> {
  const { topic, readCommitted = true, count = Number.POSITIVE_INFINITY } = options
  const filter = options.filter === undefined ? undefined : compileFilter(options.filter)
  const partitions = await partitionsOf(cluster, topic, options.partitions)
  const from = options.from ?? 'earliest'
  const located = await locate(cluster, partitions, from, readCommitted)
  const bounds =
    typeof from === 'object' && 'last' in from ? await lastStarts(cluster, located, from.last, readCommitted) : located
  const ranges = bounds.map(({ partition, from, last }) => ({
    ...{ topic, partition, from },
    to: options.exitAtEnd ? last : undefined,
  }))
  const picker = new Picker(
    topic,
    decoders,
    filter,
    count,
    open(await topicFacts(cluster, topic)),
    options.onUnreadable,
  )
  if (count === 0) return
  const { signal } = options
  for await (const found of scan(cluster, ranges, { readCommitted, ...(signal === undefined ? {} : { signal }) })) {
    const taken = await picker.pick(found as ConsumedBatch)
    if (taken > 0) yield taken
    if (picker.left === 0) return
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

/** Hands on the records of one batch after the other that pass a filter, up to a count. */
export class Picker {
  /** Of the last record taken. */
  lastOffset = -1

  constructor(
    private readonly topic: string,
    private readonly decoders: Decoders,
    private readonly filter: Filter | undefined,
    public left: number,
    private readonly take: Take,
    private readonly onUnreadable: OnUnreadable | undefined,
  ) {}

  /** How many were taken. Throws DecodeError with the record's place where nobody is told of it. */
  async pick(batch: ConsumedBatch): Promise<number> {
    tellDamage(batch, this.onUnreadable)
    await prepare(this.decoders, batch)
    const view = new RecordView(this.topic, this.decoders, batch)
    let taken = 0
    for (let i = 0; i < batch.count && this.left > 0; i++) {
      if (!readable(batch, i, this.onUnreadable, () => this.passes(view, batch, i))) continue
      this.lastOffset = offsetOf(batch, i)
      this.left--
      taken++
    }
    return taken
  }

  private passes(view: RecordView, batch: ConsumedBatch, i: number): boolean {
    view.index = i
    if (this.filter !== undefined && !this.filter(view)) return false
    this.take(batch, i)
    return true
  }
}
