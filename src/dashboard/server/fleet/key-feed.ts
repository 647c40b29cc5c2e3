import { partitionOf } from '../../../connectors/kafka/write/partitioner'
import { partitionsOf } from '../../../ops/topics'
import { encodePoints } from '../../contract/fleet-frame'
import type { Feed } from '../live/feed'
import type { Fleet } from './fleet'
import { readFigures } from './record-figures'
import { TopicFollower } from './topic-follower'
import { ValueReader } from './value-reader'

/** How far back the log is read for one key, ms. */
const longestPastMs = 3_600_000
/** The most past records of the partition that are read; few of them are the key's. */
const mostOfPast = 1_000_000
/** How much older a reading may be than its Kafka timestamp, ms. */
const slackMs = 5_000
/** The most readings in one frame: 32 kB. */
const mostAtOnce = 2_000
/** The most readings that wait for a slow client; then the oldest are dropped. */
const mostWaiting = 20_000
/** One partition is read for whoever looks at one line: it may cost more, and comes at once. */
const lingerMs = 20
/** How often it is looked whether all of the past is read, ms. */
const everyMs = 250

/**
 * All readings of one key from a given time on, in the order of the log, and then live. It has a reader of its own for the key's partition, so that
 * no reading is missing, and the readings follow those in the tables without a gap.
 */
export class KeyFeed implements Feed {
  private times: number[] = []
  private figures: number[] = []
  private readonly values: ValueReader
  private readonly timer: NodeJS.Timeout
  private follower: TopicFollower | undefined
  private isClosed = false
  private isFirst = true

  constructor(
    private readonly fleet: Fleet,
    private readonly wanted: { readonly key: string; readonly fromMs: number },
    private readonly changed: () => void,
    failed: (error: unknown) => void,
    private readonly release: () => void,
  ) {
    const { registry, field } = fleet.options
    this.values = new ValueReader(registry, field)
    this.timer = setInterval(() => this.changed(), everyMs)
    this.timer.unref()
    this.follow().catch(failed)
  }

  take(): Uint8Array | undefined {
    // The first frame may be empty: it says that all of the past has been sent.
    const isRead = (this.follower?.readUntilMs ?? 0) > 0
    if (this.times.length === 0 && !(this.isFirst && isRead)) return undefined
    this.isFirst = false
    const times = this.times.splice(0, mostAtOnce)
    const frame = encodePoints(this.follower?.readUntilMs ?? 0, times, this.figures.splice(0, mostAtOnce))
    if (this.times.length > 0) setImmediate(this.changed)
    return frame
  }

  close(): void {
    this.isClosed = true
    clearInterval(this.timer)
    void this.follower?.close()
    this.release()
  }

  private async follow(): Promise<void> {
    const { cluster, topic } = this.fleet.options
    const known = this.fleet.find(this.wanted.key)
    const key = known?.key ?? Buffer.from(this.wanted.key)
    const partition = known?.partition ?? partitionOf(key, (await partitionsOf(cluster, topic)).length)
    if (this.isClosed) return
    const fromMs = Math.max(this.wanted.fromMs, Date.now() - longestPastMs)
    this.follower = new TopicFollower({
      ...{ cluster, topic, partitions: [partition], fromMs: fromMs - slackMs, mostOfPast, lingerMs },
      load: id => this.values.load(id),
      onProblem: () => undefined,
      take: batch => {
        readFigures(
          batch,
          this.values,
          { reading: (_, __, ___, figure, timeMs) => this.add(figure, timeMs, fromMs), unreadable: () => {} },
          key,
        )
        if (this.times.length > 0) this.changed()
      },
    })
  }

  private add(figure: number, timeMs: number, fromMs: number): void {
    if (timeMs < fromMs) return
    this.times.push(timeMs)
    this.figures.push(figure)
    if (this.times.length < mostWaiting) return
    this.times.splice(0, mostAtOnce)
    this.figures.splice(0, mostAtOnce)
  }
}
