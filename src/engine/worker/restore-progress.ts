import type { Broker } from '../../connectors/broker'
import type { TopicPartition } from '../../connectors/source'
import type { Log } from '../../log'
import type { Clock } from '../task/clock'

/** A restore that takes longer is told of, ms. */
const quietMs = 2_000
/** How often it is logged, ms. */
const everyMs = 5_000

/** How far a restore has come that takes longer than 2 s. */
export interface Restoring {
  /** Read from changelogs so far. */
  readonly records: number
  /** Of the offsets that there were to read when it began, 0 to 1. */
  readonly share: number
  /** How long the rest takes at this pace, ms. */
  readonly leftMs: number
}

/** What a worker counts while it restores. */
export interface RestoreTally {
  restored: number
  /** Set while a restore takes longer than 2 s. */
  restoring?: Restoring | undefined
}

/** A changelog on its way: the offsets below `done` are read. */
export interface Road extends TopicPartition {
  /** Where reading ends; Infinity for the log's end. */
  readonly to: number
  readonly done: () => number
}

/** `2,400,000 records, 31 %, about 9 s left` */
export function restoringText({ records, share, leftMs }: Restoring): string {
  const percent = Math.floor(share * 100)
  return `${records.toLocaleString('en-US')} records, ${percent} %, about ${Math.ceil(leftMs / 1000)} s left`
}

/** Tells how far a restore has come, in the log and to whoever looks at the tally, once it takes longer than 2 s. */
export class RestoreProgress {
  private readonly startedAt: number
  private readonly froms: readonly number[]
  private records = 0
  private nextLogAt = 0
  /** Where the logs end; asked for once it takes long. */
  private ends: readonly number[] | undefined
  private isAsking = false

  constructor(
    private readonly roads: readonly Road[],
    private readonly broker: Pick<Broker, 'endOffset'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly tally: RestoreTally,
  ) {
    this.startedAt = clock.monotonic()
    this.froms = roads.map(({ done }) => done())
  }

  /** Records were applied. */
  read(count: number): void {
    this.records += count
    this.tally.restored += count
    const now = this.clock.monotonic()
    if (now - this.startedAt < quietMs) return
    const { ends } = this
    if (ends === undefined) void this.ask()
    else this.tell(ends, now)
  }

  end(): void {
    this.tally.restoring = undefined
  }

  private tell(ends: readonly number[], now: number): void {
    let [all, left] = [0, 0]
    this.roads.forEach(({ done }, i) => {
      const [from = 0, end = 0] = [this.froms[i], ends[i]]
      all += Math.max(0, end - from)
      left += Math.max(0, end - Math.max(from, done()))
    })
    const read = all - left
    const restoring = {
      records: this.records,
      share: all === 0 ? 1 : read / all,
      leftMs: read === 0 ? 0 : ((now - this.startedAt) * left) / read,
    }
    this.tally.restoring = restoring
    if (now < this.nextLogAt) return
    this.nextLogAt = now + everyMs
    this.log.info(`restoring state: ${restoringText(restoring)}`)
  }

  private async ask(): Promise<void> {
    if (this.isAsking) return
    this.isAsking = true
    try {
      const { broker } = this
      this.ends = await Promise.all(
        this.roads.map(async ({ topic, partition, to }) => Math.min(to, await broker.endOffset({ topic, partition }))),
      )
    } catch (error) {
      this.log.debug(`restoring state: where the changelogs end isn't known: ${(error as Error).message}`)
    }
    this.isAsking = false
  }
}
