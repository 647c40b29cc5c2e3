import { SchemaMissing } from '../../../codecs/codec'
import { createReader } from '../../../connectors/kafka/read/reader'
import type { Batch, Reader, TopicPartition } from '../../../connectors/source'
import { UnavailableError } from '../../../errors'
import type { Cluster } from '../../../ops/cluster'
import { partitionsOf } from '../../../ops/topics'
import { locate } from '../../../ops/where'

export interface FollowOptions {
  readonly cluster: Cluster
  readonly topic: string
  /** All where it is absent. */
  readonly partitions?: readonly number[]
  /** Records that are younger than this come first; then what is written. ms since 1970. */
  readonly fromMs: number
  /** No more than so many records of the past, over all partitions. */
  readonly mostOfPast: number
  /** Takes a batch whole; when it throws SchemaMissing it is called again with the same batch once `load` has resolved. */
  readonly take: (batch: Batch, isLive: boolean) => void
  readonly load: (schemaId: number) => Promise<void>
  /** Told why nothing comes, and null once it does again. */
  readonly onProblem: (sentence: string | null) => void
}

interface Followed extends TopicPartition {
  position: number
  /** What was there when the reading began ends here. */
  readonly liveFrom: number
  /** Up to this time everything has been read, ms since 1970; 0 before. */
  readUntilMs: number
}

/** Partitions may be added, and a topic made again: looked at so often, ms. */
const lookMs = 10_000
/** A registry that is away is asked again after so long, ms. */
const againMs = 1_000

/** Reads a topic without a group, batch by batch, from some time ago on. Nothing is joined, committed or moved. */
export class TopicFollower {
  private reader: Reader | undefined
  private readonly followed = new Map<number, Followed>()
  private isRunning = false
  private isClosed = false
  private timer: NodeJS.Timeout | undefined
  private opening: Promise<void>

  constructor(private readonly options: FollowOptions) {
    this.opening = this.look()
  }

  /** Up to this time every partition has been read, ms since 1970; it stands still while Kafka doesn't answer. 0 until the past is read. */
  get readUntilMs(): number {
    const behind = Date.now() - performance.now()
    let least = Number.POSITIVE_INFINITY
    for (const at of this.followed.values()) {
      const end = this.reader?.end(at)
      if (end !== undefined && at.position >= end.endOffset) at.readUntilMs = behind + end.seenAtMs
      least = Math.min(least, at.readUntilMs)
    }
    return Number.isFinite(least) ? least : 0
  }

  async close(): Promise<void> {
    this.isClosed = true
    clearTimeout(this.timer)
    await this.opening
    await this.reader?.close()
  }

  private async look(): Promise<void> {
    try {
      await this.seekNew()
      this.options.onProblem(null)
    } catch (error) {
      this.options.onProblem((error as Error).message)
    }
    if (this.isClosed) return
    const next = this.followed.size === 0 ? againMs : lookMs
    this.timer = setTimeout(() => {
      this.opening = this.look()
    }, next)
    this.timer.unref()
  }

  private async seekNew(): Promise<void> {
    const { cluster, topic, fromMs, mostOfPast, partitions: only } = this.options
    const all = await partitionsOf(cluster, topic)
    const fresh = all.filter(
      ({ partition }) => !this.followed.has(partition) && (only === undefined || only.includes(partition)),
    )
    if (fresh.length === 0 || this.isClosed) return
    const bounds = await locate(cluster, fresh, { timeMs: fromMs }, true)
    if (this.isClosed) return
    const most = Math.floor(mostOfPast / Math.max(1, only?.length ?? all.length))
    this.reader ??= this.open()
    for (const { partition, from, last } of bounds) {
      const position = Math.max(from, last - most)
      this.followed.set(partition, { topic, partition, position, liveFrom: last, readUntilMs: 0 })
      this.reader.seek({ topic, partition }, position)
    }
  }

  private open(): Reader {
    // A picture that is a tenth of a second old is new: larger answers cost less.
    const reader = createReader({ cluster: this.options.cluster, damage: 'pass', maxWaitMs: 100, lingerMs: 100 })
    reader.onReady = () => void this.run()
    reader.onError = (error, { partition }) => {
      this.options.onProblem(error.message)
      reader.remove({ topic: this.options.topic, partition })
      this.followed.delete(partition)
    }
    return reader
  }

  /** Takes what there is; one at a time, since a batch may have to wait for its schema. */
  private async run(): Promise<void> {
    if (this.isRunning) return
    this.isRunning = true
    try {
      for (let found = true; found && !this.isClosed; ) {
        found = false
        for (const at of this.followed.values()) {
          const batch = this.reader?.take(at)
          if (batch === undefined) continue
          found = true
          await this.hand(batch, at)
          at.position = batch.nextOffset
        }
      }
    } finally {
      this.isRunning = false
    }
  }

  private hand(batch: Batch, at: Followed): Promise<void> | undefined {
    try {
      this.options.take(batch, at.position >= at.liveFrom)
      return undefined
    } catch (error) {
      if (!(error instanceof SchemaMissing)) throw error
      return this.load(error.id).then(() => this.hand(batch, at))
    }
  }

  private async load(id: number): Promise<void> {
    for (let wasAway = false; !this.isClosed; wasAway = true) {
      try {
        await this.options.load(id)
        if (wasAway) this.options.onProblem(null)
        return
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error
        this.options.onProblem(error.message)
        await new Promise(resolve => setTimeout(resolve, againMs))
      }
    }
  }
}
