import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../log'
import { ErrorCode } from '../protocol/error-codes'
import type { Cluster } from '../wire/cluster'
import type { PartitionQueue } from './partition-queue'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 1_000

/** Finds the leaders of partitions that have none, for as long as it takes. */
export class LeaderFinder {
  private finding: Promise<void> | undefined
  private readonly stop = new AbortController()
  /** Topics whose absence was logged. */
  private readonly missing = new Set<string>()

  constructor(
    private readonly cluster: Cluster,
    private readonly queues: ReadonlyMap<string, PartitionQueue>,
    private readonly log: Log,
    private readonly events: { found(): void; replaced(queue: PartitionQueue): void; failed(error: unknown): void },
  ) {}

  find(): void {
    this.finding ??= this.run().finally(() => {
      this.finding = undefined
    })
  }

  async close(): Promise<void> {
    this.stop.abort()
    await this.finding
  }

  private async run(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (!this.stop.signal.aborted) {
      const lost = [...this.queues.values()].filter(queue => queue.leader === undefined && !queue.failed)
      if (lost.length === 0) return
      await this.ask(lost)
      if (lost.every(queue => queue.leader !== undefined)) pause = FIRST_PAUSE_MS
      // Even where all were found: the broker just named may be the one that has just failed.
      await sleep(pause, undefined, { signal: this.stop.signal }).catch(() => {})
      pause = Math.min(pause * 2, LAST_PAUSE_MS)
    }
  }

  private async ask(lost: readonly PartitionQueue[]): Promise<void> {
    try {
      const topics = await this.cluster.metadata([...new Set(lost.map(queue => queue.topic))])
      for (const { topic, errorCode } of topics)
        if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && !this.missing.has(topic)) {
          this.missing.add(topic)
          this.log.warn(`topic ${topic} does not exist: waiting for it`)
        }
      for (const queue of lost) {
        const leader = this.cluster.knownLeader(queue.topic, queue.partition)
        if (!queue.found(this.cluster.knownId(queue.topic), leader)) this.events.replaced(queue)
      }
      this.events.found()
    } catch (error) {
      if (!this.stop.signal.aborted) this.events.failed(error)
    }
  }
}
