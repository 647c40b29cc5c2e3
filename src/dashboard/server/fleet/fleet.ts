import type { Batch } from '../../../connectors/source'
import type { Cluster } from '../../../ops/cluster'
import type { Registry } from '../../../ops/registry'
import type { SilentKeys } from '../../../vitals/diagnosis'
import { KeyStateCode, keyStates, type StandingOut } from '../../contract/fleet-frame'
import { Column } from './column'
import { KeyIndex } from './key-index'
import { KeyStates } from './key-states'
import { keyBytes, keyText } from './key-text'
import { type OnFigures, readFigures } from './record-figures'
import { samplePast } from './sample-past'
import { standingOut } from './standing-out'
import { TopicFollower } from './topic-follower'
import { ValueReader } from './value-reader'

export interface FleetOptions {
  readonly cluster: Cluster
  readonly registry: Pick<Registry, 'byId'>
  readonly topic: string
  /** A figure of the topic's values; empty: the first. */
  readonly field: string
}

/** Where the batch that is being read comes from, and when. */
interface Reading {
  readonly partition: number
  readonly isLive: boolean
  readonly nowMs: number
}

/** How often the keys' states are determined, ms: a picture changes no more often. Of many keys only every `slowTicks` times as often. */
const tickMs = 100
const slowTicks = 3
const manyKeys = 5_000
/** Ticks of a second. */
const ticksOfASecond = 1000 / tickMs
/** A reading is read so soon after it was written, ms. */
const lingerMs = 50
/** How much of the past is read at the start to learn what is usual, ms. */
const pastMs = 60_000
const mostOfPast = 600_000
/** A rate is measured over so many seconds, since batches come unevenly. */
const rateOverS = 5
/** For how many keys the reason is kept why their last record can't be read. */
const mostReasons = 1_000

/** All keys of a topic with the latest figure and state of each, kept up to date while somebody looks. Shared by all who look at the same figure. */
export class Fleet implements OnFigures {
  readonly index = new KeyIndex()
  readonly states = new KeyStates()
  readonly values: ValueReader
  sums: Uint32Array = new Uint32Array(keyStates.length)
  standing: readonly StandingOut[] = []
  /** Everything up to this time has been read, ms since 1970; 0 until the past is read. */
  atMs = 0
  perSecond = 0
  problem: string | null = null
  private readonly texts: string[] = []
  private readonly partitions = new Column()
  private readonly reasons = new Map<number, string>()
  private readonly listeners = new Set<() => void>()
  private readonly follower: TopicFollower
  private readonly timer: NodeJS.Timeout
  private ticks = 0
  /** Records that have come since the beginning, as they were each second. */
  private live = 0
  private measured: { readonly live: number; readonly atMs: number }[] = []
  /** Keys that a sample of the past has, and that haven't come since: when they fell silent is known only roughly. */
  private readonly found = new Set<number>()
  private readonly ended = new AbortController()
  private sampling: Promise<void> | undefined
  /** What is being read. */
  private batch: Reading = { partition: 0, isLive: false, nowMs: 0 }

  constructor(readonly options: FleetOptions) {
    const { cluster, registry, topic, field } = options
    this.values = new ValueReader(registry, field)
    this.follower = new TopicFollower({
      ...{ cluster, topic, mostOfPast, lingerMs, fromMs: Date.now() - pastMs },
      take: (batch, isLive) => this.take(batch, isLive),
      load: id => this.values.load(id),
      onProblem: problem => {
        this.problem = problem
      },
    })
    this.timer = setInterval(() => this.tick(), tickMs)
    this.timer.unref()
  }

  get count(): number {
    return this.index.count
  }

  /** Calls `listener` after the states were determined; returns a function that ends it. */
  onTick(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  text(key: number): string {
    return (this.texts[key] ??= keyText(this.index.key(key)))
  }

  /** Keys that have fallen silent while they were followed: what a sample of the past has may have been taken away long ago. Undefined for none. */
  get silent(): SilentKeys | undefined {
    const { code } = this.states
    let count = 0
    for (let key = 0; key < this.count; key++) if (code.of(key) === KeyStateCode.silent && !this.found.has(key)) count++
    if (count === 0) return undefined
    const keys = this.standing
      .filter(({ state, isRough }) => state === 'silent' && !isRough)
      .map(({ key, sinceMs, usualMs }) => ({ key, lastMs: sinceMs, usuallyEveryMs: usualMs ?? undefined }))
    return { topic: this.options.topic, count, keys }
  }

  /** The bytes of a key with such a text, and the partition that its last record was in. */
  find(text: string): { readonly key: Buffer; readonly index: number; readonly partition: number } | undefined {
    const key = keyBytes(text, each => this.index.find(each) >= 0)
    if (key === undefined) return undefined
    const index = this.index.find(key)
    return { key, index, partition: this.partitions.of(index) }
  }

  async close(): Promise<void> {
    clearInterval(this.timer)
    this.listeners.clear()
    this.ended.abort()
    await Promise.all([this.follower.close(), this.sampling])
  }

  reading(from: Buffer, start: number, end: number, figure: number, _timeMs: number, loggedMs: number): void {
    const key = this.keyOf(from, start, end)
    if (this.found.size > 0) this.found.delete(key)
    this.states.take(key, figure, loggedMs, this.seenMsOf(loggedMs))
  }

  unreadable(from: Buffer, start: number, end: number, reason: string, loggedMs: number): void {
    const key = this.keyOf(from, start, end)
    this.states.refuse(key, this.seenMsOf(loggedMs))
    if (this.reasons.size < mostReasons || this.reasons.has(key)) this.reasons.set(key, reason)
  }

  private take(batch: Batch, isLive: boolean): void {
    this.batch = { partition: batch.partition, isLive, nowMs: Date.now() }
    if (isLive) this.live += batch.count
    readFigures(batch, this.values, this)
  }

  /** A live record was seen now, by this machine's clock; one of the past when Kafka's timestamp says. */
  private seenMsOf(loggedMs: number): number {
    const { isLive, nowMs } = this.batch
    return isLive ? nowMs : Math.min(loggedMs, nowMs)
  }

  /** The number of the key of a record that is being read. */
  private keyOf(from: Buffer, start: number, end: number): number {
    const key = this.index.add(from, start, end)
    this.partitions.set(key, this.batch.partition)
    return key
  }

  private tick(): void {
    this.atMs = this.follower.readUntilMs
    if (this.atMs > 0) this.sampling ??= this.sample()
    const tick = this.ticks++
    const isWholeSecond = tick % ticksOfASecond === 0
    if (!isWholeSecond && this.count > manyKeys && tick % slowTicks !== 0) return
    if (isWholeSecond) this.states.compare()
    const before = this.sums
    this.sums = this.states.judge(this.atMs)
    // A key that has fallen silent is named at once, and so is one that is back.
    if (isWholeSecond || this.sums[KeyStateCode.silent] !== before[KeyStateCode.silent])
      this.standing = standingOut(this.states, this.count, {
        textOf: key => this.text(key),
        reasons: this.reasons,
        isRough: key => this.found.has(key),
      })
    if (isWholeSecond) this.measure()
    for (const listener of this.listeners) listener()
  }

  private measure(): void {
    const { measured, live } = this
    measured.push({ live, atMs: performance.now() })
    if (measured.length > rateOverS + 1) measured.shift()
    const [first, last] = [measured[0], measured.at(-1)]
    if (first !== undefined && last !== undefined && last.atMs > first.atMs)
      this.perSecond = Math.round(((last.live - first.live) / (last.atMs - first.atMs)) * 1000)
  }

  /** Finds the keys that have been silent since before the past that was read. */
  private async sample(): Promise<void> {
    const { cluster, topic } = this.options
    // Each sample is older than the one before: only keys that aren't known yet are taken from it.
    let known = this.count
    try {
      await samplePast(
        cluster,
        { topic, beforeMs: this.atMs - pastMs, signal: this.ended.signal },
        {
          next: () => {
            known = this.count
          },
          take: batch => this.takePast(batch, known),
          load: id => this.values.load(id),
        },
      )
    } catch {
      // They are what they were before: not known. The follower says why Kafka can't be read.
    }
  }

  /** Takes the keys that aren't among the first `known`. */
  private takePast(batch: Batch, known: number): void {
    this.batch = { partition: batch.partition, isLive: false, nowMs: 0 }
    const seen = (from: Buffer, start: number, end: number): number | undefined => {
      const key = this.keyOf(from, start, end)
      if (key < known) return undefined
      this.found.add(key)
      return key
    }
    readFigures(batch, this.values, {
      reading: (from, start, end, figure, _timeMs, loggedMs) => {
        const key = seen(from, start, end)
        if (key !== undefined) this.states.take(key, figure, loggedMs, loggedMs)
      },
      unreadable: (from, start, end, _reason, loggedMs) => {
        const key = seen(from, start, end)
        if (key !== undefined) this.states.refuse(key, loggedMs)
      },
    })
  }
}
