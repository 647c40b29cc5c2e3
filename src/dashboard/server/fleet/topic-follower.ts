import { setImmediate as turn } from 'node:timers/promises'
import { SchemaMissing } from '../../../codecs/codec'
import { createReader } from '../../../connectors/kafka/read/reader'
import type { Batch, Reader, TopicPartition } from '../../../connectors/source'
import { UnavailableError } from '../../../errors'
import type { Cluster } from '../../../ops/cluster'
import { partitionsOf } from '../../../ops/topics'
import { locateLed } from '../../../ops/where'

export interface FollowOptions {
  readonly cluster: Cluster
  readonly topic: string
  /** Absent: all of them. */
  readonly partitions?: readonly number[]
  /** Reads from the first record of this time on, ms since 1970, and then what is written. */
  readonly fromMs: number
  /** The most records of the past that are read, over all partitions. */
  readonly mostOfPast: number
  /** The least time between two requests to a broker, ms: the longer, the less they cost, and the later a record is seen. */
  readonly lingerMs: number
  /** Takes a batch whole; when it throws SchemaMissing it is called again with the same batch once `load` has resolved. */
  readonly take: (batch: Batch, isLive: boolean) => void
  readonly load: (schemaId: number) => Promise<void>
  /** Called with the reason when nothing comes any more, and with null once something does again. */
  readonly onProblem: (sentence: string | null) => void
}

interface Followed extends TopicPartition {
  position: number
  /** The partition's end when the reading began: records below are of the past. */
  readonly liveFrom: number
  /** Everything up to this time has been read, ms since 1970; 0 until the end was reached. */
  readUntilMs: number
}

/** How often new partitions, and a topic that was made again, are looked for, ms. */
const lookMs = 10_000
/** The longest that reading keeps everything else of the server waiting, ms: a past of minutes is read while others ask. */
const sliceMs = 5
/** The pause before a registry that is away is asked again, ms. */
const againMs = 1_000

/** Reads a topic batch by batch, from a time in the past on. It joins no group and commits nothing. */
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

  /** Every partition has been read up to this time, ms since 1970. It doesn't advance while Kafka doesn't answer, and is 0 until the past is read. */
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
    const bounds = await locateLed(cluster, fresh, { timeMs: fromMs }, true)
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
    const { cluster, lingerMs } = this.options
    const reader = createReader({ cluster, damage: 'pass', maxWaitMs: 100, lingerMs })
    reader.onReady = () => void this.run()
    reader.onError = (error, { partition }) => {
      this.options.onProblem(error.message)
      reader.remove({ topic: this.options.topic, partition })
      this.followed.delete(partition)
    }
    return reader
  }

  /** Takes all batches that are there; one at a time, since a batch may have to wait for its schema. */
  private async run(): Promise<void> {
    if (this.isRunning) return
    this.isRunning = true
    let begunAt = performance.now()
    try {
      for (let found = true; found && !this.isClosed; ) {
        found = false
        for (const at of this.followed.values()) {
          const batch = this.reader?.take(at)
          if (batch === undefined) continue
          found = true
          await this.hand(batch, at)
          at.position = batch.nextOffset
          if (performance.now() - begunAt < sliceMs) continue
          await turn()
          begunAt = performance.now()
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
