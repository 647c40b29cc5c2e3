import { performance } from 'node:perf_hooks'
import { type FetchedPartition, fetch } from '../protocol/fetch'
import type { Cluster } from '../wire/cluster'
import type { PartitionQueue } from './partition-queue'
import type { READER_DEFAULTS } from './reader-options'

/** An answer with less brings the pause of `lingerMs`. */
const SMALL_ANSWER = 64 * 1024
/** With more partitions than that in a fetch the pause grows with them, up to `LONGEST_LINGER_MS`. */
const FEW_PARTITIONS = 32
const LONGEST_LINGER_MS = 40
/** A second poll beside a long one is short, so that the two merge again. */
const SECOND_WAIT_MS = 20
const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 1_000

interface LaneState {
  readonly name: string
  busy: boolean
  /** When the long poll under way ends at the latest. */
  deadline: number
}

/** What the fetcher tells the reader. */
export interface FetchEvents {
  /** One partition of an answer; `seenAtMs` is the time of the answer. */
  fetched(queue: PartitionQueue, answer: FetchedPartition, seenAtMs: number): void
  /** The whole answer was handed over. */
  answered(): void
  failed(error: unknown): void
}

/**
 * Fetches from one broker: at most two requests under way, each on a connection of its own, so that a partition which gets
 * room need not wait for the end of the others' long poll.
 */
export class BrokerFetcher {
  private readonly lanes: [LaneState, LaneState]
  private turn = 0
  private failures = 0
  /** Before this time (ms, monotonic) nothing is sent. */
  notBefore = 0

  constructor(
    private readonly cluster: Cluster,
    private readonly node: number,
    lane: string,
    private readonly settings: typeof READER_DEFAULTS,
    private readonly events: FetchEvents,
  ) {
    this.lanes = [
      { name: lane, busy: false, deadline: 0 },
      { name: `${lane}-2`, busy: false, deadline: 0 },
    ]
  }

  /** Sends a fetch for `wanted` when a lane is free; otherwise the end of the one under way brings the next chance. */
  fetch(wanted: readonly PartitionQueue[], roomBytes: number): void {
    const [main, second] = this.lanes
    if (!main.busy) this.start(main, wanted, this.settings.maxWaitMs, roomBytes)
    else if (!second.busy) {
      const urgent = wanted.filter(each => !each.merging)
      if (urgent.length > 0) this.start(second, urgent, Math.min(SECOND_WAIT_MS, this.settings.maxWaitMs), roomBytes)
    }
  }

  private start(lane: LaneState, wanted: readonly PartitionQueue[], maxWaitMs: number, roomBytes: number): void {
    lane.busy = true
    const sentAt = performance.now()
    lane.deadline = sentAt + maxWaitMs
    const queues = this.inTurn(wanted)
    for (const queue of queues) queue.fetchStarted()
    const request = fetch(
      queues.map(({ topic, topicId = '', partition, offset }) => ({
        topic,
        topicId,
        partition,
        offset,
        maxBytes: this.settings.maxBytesPerPartition,
      })),
      {
        maxWaitMs,
        minBytes: 1,
        maxBytes: Math.min(this.settings.maxBytesPerFetch, roomBytes),
        readCommitted: this.settings.readCommitted,
      },
    )
    this.cluster.send(this.node, request, lane.name).then(
      answer => {
        this.failures = 0
        this.finish(lane, queues)
        this.take(queues, answer.partitions, sentAt)
        if (lane === this.lanes[1]) this.merge(queues)
        this.events.answered()
      },
      error => {
        this.finish(lane, queues)
        this.notBefore = performance.now() + Math.min(FIRST_PAUSE_MS * 2 ** this.failures++, LAST_PAUSE_MS)
        for (const queue of queues) queue.forgetLeader()
        this.events.failed(error)
      },
    )
  }

  private take(queues: readonly PartitionQueue[], answers: readonly FetchedPartition[], sentAt: number): void {
    const seenAtMs = performance.now()
    let bytes = 0
    // The answer keeps the order of the request, so the search is short; any other order works too.
    answers.forEach((answer, i) => {
      const same = (queue: PartitionQueue | undefined) =>
        queue !== undefined && queue.partition === answer.partition && queue.topic === answer.topic
      const queue = same(queues[i]) ? queues[i] : queues.find(same)
      if (queue === undefined) return
      bytes += answer.end - answer.start
      this.events.fetched(queue, answer, seenAtMs)
    })
    if (bytes === 0 || bytes >= SMALL_ANSWER) return
    // Each partition costs its part of request and answer, a batch, a slice and writes at every end: many gather longer.
    const crowd = Math.max(1, queues.length / FEW_PARTITIONS)
    this.notBefore = sentAt + Math.min(this.settings.lingerMs * crowd ** 2, LONGEST_LINGER_MS)
  }

  private finish(lane: LaneState, queues: readonly PartitionQueue[]): void {
    lane.busy = false
    for (const queue of queues) queue.fetchEnded()
  }

  /** What the second lane found at its end waits for the main lane when that ends soon. */
  private merge(queues: readonly PartitionQueue[]): void {
    const main = this.lanes[0]
    if (!main.busy || main.deadline - performance.now() > SECOND_WAIT_MS) return
    for (const queue of queues) queue.mergeWhenIdle()
  }

  /** A broker fills its answer from the front, so each fetch starts with another partition. */
  private inTurn(wanted: readonly PartitionQueue[]): PartitionQueue[] {
    const start = this.turn++ % wanted.length
    const rotated = [...wanted.slice(start), ...wanted.slice(0, start)]
    if (!rotated.some(each => each.hungry)) return rotated
    return [...rotated.filter(each => each.hungry), ...rotated.filter(each => !each.hungry)]
  }
}
