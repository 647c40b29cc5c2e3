import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { Cluster, TopicPartition } from './cluster'
import { scan } from './scan'
import { type OnUnreadable, tellDamage } from './unreadable'
import { locateLed, type Where } from './where'

/** A place between records in each of some partitions: the offset behind it. */
export type Place = ReadonlyMap<number, number>

interface Placed {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
}

export interface BrowseOptions {
  readonly partitions: readonly TopicPartition[]
  readonly from: Where | Place
  readonly direction: 'older' | 'newer'
  /** Records at most. */
  readonly limit: number
  readonly readCommitted: boolean
  readonly signal?: AbortSignal
  readonly onUnreadable?: OnUnreadable
}

export interface Browsed<T> {
  /** In order of their times; within a partition by offset. */
  readonly records: readonly T[]
  /** Before the first of them; undefined where the log begins. */
  readonly older: Place | undefined
  /** Behind the last of them. */
  readonly newer: Place
  /** Nothing newer was there. */
  readonly atEnd: boolean
}

/** Offsets that are read of a partition at first; holes and short partitions make it more. */
const smallestWindow = 16
const largestWindow = 4_096

/** Decodes what the batch needs, and gives its readable records in order. */
export type Render<T> = (batch: ConsumedBatch) => Promise<readonly T[]>

/**
 * One page of a topic, over all its partitions as if they were one log: as Kafka has no order between partitions, that of the timestamps.
 * Nothing is joined or committed, and no more is read of a partition than the page needs. Throws NotFoundError, StreamError.
 */
export async function browse<T extends Placed>(
  cluster: Cluster,
  options: BrowseOptions,
  render: Render<T>,
): Promise<Browsed<T>> {
  const { partitions, from, direction, limit, readCommitted } = options
  const place = from instanceof Map ? from : undefined
  const bounds = await locateLed(cluster, partitions, place === undefined ? (from as Where) : 'latest', readCommitted)
  const window = Math.max(smallestWindow, Math.ceil(limit / Math.max(1, bounds.length)))
  const piles = bounds.map(({ topic, partition, first, last, from: located }) => {
    const wanted = place?.get(partition) ?? located
    const start = Math.min(Math.max(wanted, first), last)
    return new Pile<T>({ topic, partition }, { first, last, start }, direction, window)
  })
  const records: T[] = []
  while (records.length < limit) {
    const empty = piles.filter(pile => pile.needsMore)
    if (empty.length > 0) {
      await fill(cluster, empty, options, render)
      if (options.signal?.aborted) break
      continue
    }
    const next = soonest(piles, direction)
    if (next === undefined) break
    records.push(next.take())
  }
  if (direction === 'older') records.reverse()
  const starts = new Map(piles.map(pile => [pile.at.partition, pile.bounds.start]))
  const reached = new Map(piles.map(pile => [pile.at.partition, pile.reached]))
  const [older, newer] = direction === 'older' ? [reached, starts] : [starts, reached]
  return {
    ...{ records, newer },
    older: piles.some(pile => (older.get(pile.at.partition) ?? 0) > pile.bounds.first) ? older : undefined,
    atEnd: piles.every(pile => (newer.get(pile.at.partition) ?? 0) >= pile.bounds.last),
  }
}

interface PileBounds {
  readonly first: number
  readonly last: number
  readonly start: number
}

/** What was read of a partition in one direction and is not on the page yet. */
class Pile<T extends Placed> {
  /** The next one to take is the last. */
  private records: T[] = []
  private frontier: number
  private lastTaken: T | undefined

  constructor(
    readonly at: TopicPartition,
    readonly bounds: PileBounds,
    private readonly direction: 'older' | 'newer',
    private window: number,
  ) {
    this.frontier = bounds.start
  }

  get head(): T | undefined {
    return this.records.at(-1)
  }

  get needsMore(): boolean {
    return this.records.length === 0 && !this.isExhausted
  }

  /** The place behind the last that was taken, in the direction of reading. */
  get reached(): number {
    if (this.records.length === 0) return this.frontier
    if (this.lastTaken === undefined) return this.bounds.start
    return this.direction === 'newer' ? this.lastTaken.offset + 1 : this.lastTaken.offset
  }

  take(): T {
    const taken = this.records.pop()
    if (taken === undefined) throw new RangeError('nothing is left of the pile')
    this.lastTaken = taken
    return taken
  }

  /** The next range to read; it counts as read. */
  advance(): { readonly from: number; readonly to: number } {
    const { first, last } = this.bounds
    const { frontier, window } = this
    this.window = Math.min(window * 4, largestWindow)
    if (this.direction === 'newer') {
      this.frontier = Math.min(last, frontier + window)
      return { from: frontier, to: this.frontier }
    }
    this.frontier = Math.max(first, frontier - window)
    return { from: this.frontier, to: frontier }
  }

  /** Records of the range, in the order of the log. */
  add(found: readonly T[]): void {
    this.records = this.direction === 'newer' ? [...found].reverse() : [...found]
  }

  private get isExhausted(): boolean {
    return this.direction === 'newer' ? this.frontier >= this.bounds.last : this.frontier <= this.bounds.first
  }
}

async function fill<T extends Placed>(
  cluster: Cluster,
  piles: readonly Pile<T>[],
  { readCommitted, signal, onUnreadable }: BrowseOptions,
  render: Render<T>,
): Promise<void> {
  const ranges = piles.map(pile => ({ ...pile.at, ...pile.advance() }))
  const found = new Map(piles.map(pile => [pile.at.partition, [] as T[]]))
  for await (const batch of scan(cluster, ranges, { readCommitted, ...(signal === undefined ? {} : { signal }) })) {
    tellDamage(batch, onUnreadable)
    found.get(batch.partition)?.push(...(await render(batch as ConsumedBatch)))
  }
  for (const pile of piles) pile.add(found.get(pile.at.partition) ?? [])
}

function soonest<T extends Placed>(piles: readonly Pile<T>[], direction: 'older' | 'newer'): Pile<T> | undefined {
  let best: Pile<T> | undefined
  for (const pile of piles) {
    if (pile.head === undefined) continue
    if (best?.head === undefined || comesBefore(pile.head, best.head, direction)) best = pile
  }
  return best
}

function comesBefore(a: Placed, b: Placed, direction: 'older' | 'newer'): boolean {
  const order = a.timestampMs - b.timestampMs || a.partition - b.partition
  return direction === 'newer' ? order < 0 : order > 0
}
