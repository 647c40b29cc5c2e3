import { setImmediate as turn } from 'node:timers/promises'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { Cluster } from './cluster'
import { openAll, Picker, type Take } from './consume'
import { compileFilter } from './filter/filter'
import type { Decoders, TopicFacts } from './record-json'
import { scan } from './scan'
import { partitionsOf } from './topics'
import type { OnUnreadable } from './unreadable'
import { locate, type Where } from './where'

export interface SearchOptions {
  readonly topic: string
  readonly partitions?: readonly number[]
  readonly from: Where
  /** See compileFilter; without it every record is a hit. */
  readonly filter?: string
  /** Ends after so many hits. */
  readonly limit: number
  readonly readCommitted: boolean
  readonly signal: AbortSignal
  readonly onUnreadable: OnUnreadable
}

export interface Searched {
  readonly found: number
  /** Offsets behind us, and in all. */
  readonly scanned: number
  readonly total: number
}

/** A batch takes no longer, as a rule; then others of this process have a turn, ms. */
const sliceMs = 8

/**
 * Looks through a topic as it is now, and hands each hit to what `open` returns. Yields after each batch how far it is, and goes on when the
 * caller does. Throws NotFoundError, UsageError (the filter).
 */
export async function* search(
  cluster: Cluster,
  options: SearchOptions,
  decoders: Decoders,
  open: (facts: TopicFacts) => Take,
): AsyncGenerator<Searched> {
  const { topic, from, limit, readCommitted, signal, onUnreadable } = options
  const filter = options.filter === undefined ? undefined : compileFilter(options.filter)
  const partitions = await partitionsOf(cluster, topic, options.partitions)
  const bounds = await locate(cluster, partitions, from, readCommitted)
  const total = bounds.reduce((sum, { from, last }) => sum + last - from, 0)
  const next = new Map(bounds.map(({ partition, from }) => [partition, from]))
  const picker = new Picker(await openAll(cluster, [topic], open), decoders, filter, limit, onUnreadable)
  const ranges = bounds.map(({ partition, from, last }) => ({ topic, partition, from, to: last }))
  let scanned = 0
  let turnedAt = performance.now()
  for await (const batch of scan(cluster, ranges, { readCommitted, signal })) {
    await picker.pick(batch as ConsumedBatch)
    scanned += batch.nextOffset - (next.get(batch.partition) ?? batch.nextOffset)
    next.set(batch.partition, batch.nextOffset)
    yield { found: limit - picker.left, scanned, total }
    if (picker.left === 0) return
    if (performance.now() - turnedAt < sliceMs) continue
    await turn()
    turnedAt = performance.now()
  }
  // What ends in offsets without records was behind us without a batch.
  if (!signal.aborted) yield { found: limit - picker.left, scanned: total, total }
}
