import { offsetOf } from '../connectors/batch'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { entryOf } from '../required'
import type { Cluster } from './cluster'
import { compileFilter, type Filter } from './filter/filter'
import { lastStarts } from './last-records'
import { type Decoders, prepare, RecordView, type TopicFacts } from './record-json'
import { scan } from './scan'
import { topicConfig } from './topic-config'
import { partitionsOf } from './topics'
import { type OnUnreadable, readable, tellDamage } from './unreadable'
import { type Bounds, locate, type Where } from './where'

export interface ConsumeOptions {
  /** Each once. */
  readonly topics: readonly string[]
  /** The same ones of each topic. */
  readonly partitions?: readonly number[]
  /** Where each partition starts (earliest). */
  readonly from?: Where
  /** Stops where the partitions end now; otherwise the topics are followed. */
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
  /** Told of the partitions that end before the offset where reading was to start, and, for a time, of all where all do. They are read from their ends. */
  readonly onBeyond?: (partitions: readonly Bounds[]) => void
}

/** Takes one record that passed the filter: called for each, in order, before the generator yields. */
export type Take = (batch: ConsumedBatch, index: number) => void

/**
 * Reads topics without a group and hands each record that passes to what `open` returns; yields how many those were, a batch at
 * a time, and goes on when the caller does. Throws NotFoundError, UsageError (the filter).
 */
export async function* consume(
  cluster: Cluster,
  options: ConsumeOptions,
  decoders: Decoders,
  open: (facts: TopicFacts) => Take,
): AsyncGenerator<number> {
  const { topics, readCommitted = true, count = Number.POSITIVE_INFINITY, signal } = options
  const filter = options.filter === undefined ? undefined : compileFilter(options.filter)
  const bounds: Bounds[] = []
  for (const topic of topics) bounds.push(...(await startsOf(cluster, topic, options)))
  tellBeyond(bounds, options)
  const ranges = bounds.map(({ topic, partition, from, last }) => ({
    ...{ topic, partition, from },
    to: options.exitAtEnd ? last : undefined,
  }))
  const picker = new Picker(await openAll(cluster, topics, open), decoders, filter, count, options.onUnreadable)
  if (count === 0) return
  for await (const found of scan(cluster, ranges, { readCommitted, ...(signal === undefined ? {} : { signal }) })) {
    const taken = await picker.pick(found as ConsumedBatch)
    if (taken > 0) yield taken
    if (picker.left === 0) return
  }
}

function tellBeyond(bounds: readonly Bounds[], { from, exitAtEnd, onBeyond }: ConsumeOptions): void {
  const beyond = bounds.filter(({ isBeyond }) => isBeyond)
  // Some partitions have nothing new, as a rule, and who follows a topic waits for what comes.
  const isUsual = typeof from === 'object' && 'timeMs' in from && (beyond.length < bounds.length || !exitAtEnd)
  if (beyond.length > 0 && !isUsual) onBeyond?.(beyond)
}

async function startsOf(
  cluster: Cluster,
  topic: string,
  { partitions: only, from = 'earliest', readCommitted = true }: ConsumeOptions,
): Promise<Bounds[]> {
  const located = await locate(cluster, await partitionsOf(cluster, topic, only), from, readCommitted)
  return typeof from === 'object' && 'last' in from ? lastStarts(cluster, located, from.last, readCommitted) : located
}

/** What takes the records of each topic. */
export async function openAll(
  cluster: Cluster,
  topics: readonly string[],
  open: (facts: TopicFacts) => Take,
): Promise<Map<string, Take>> {
  const takes = new Map<string, Take>()
  for (const topic of topics) takes.set(topic, open(await topicFacts(cluster, topic)))
  return takes
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
    /** By topic. */
    private readonly takes: ReadonlyMap<string, Take>,
    private readonly decoders: Decoders,
    private readonly filter: Filter | undefined,
    public left: number,
    private readonly onUnreadable: OnUnreadable | undefined,
  ) {}

  /** How many were taken. Throws DecodeError with the record's place where nobody is told of it. */
  async pick(batch: ConsumedBatch): Promise<number> {
    tellDamage(batch, this.onUnreadable)
    await prepare(this.decoders, batch)
    const view = new RecordView(batch.topic, this.decoders, batch)
    const take = entryOf(this.takes, batch.topic)
    let taken = 0
    for (let i = 0; i < batch.count && this.left > 0; i++) {
      if (!readable(batch, i, this.onUnreadable, () => this.passes(view, batch, i, take))) continue
      this.lastOffset = offsetOf(batch, i)
      this.left--
      taken++
    }
    return taken
  }

  private passes(view: RecordView, batch: ConsumedBatch, i: number, take: Take): boolean {
    view.index = i
    if (this.filter !== undefined && !this.filter(view)) return false
    take(batch, i)
    return true
  }
}
