import { performance } from 'node:perf_hooks'
import { StreamError } from '../../../errors'
import { log as defaultLog, type Log } from '../../../log'
import type { Batch, PartitionEnd, Reader, TopicPartition } from '../../source'
import { cureOf, ErrorCode, errorName } from '../protocol/error-codes'
import type { FetchedPartition } from '../protocol/fetch'
import { BrokerFetcher } from './broker-fetcher'
import { LeaderFinder } from './leader-finder'
import { PartitionQueue } from './partition-queue'
import { READER_DEFAULTS, type ReaderOptions } from './reader-options'
import { decodeRecordSet } from './record-batch-decoder'

let readers = 0

/** Starts a reader over the cluster; it connects when the first partition is sought. */
export function createReader(options: ReaderOptions): Reader {
  return new KafkaReader(options)
}

class KafkaReader implements Reader {
  onReady: (() => void) | undefined
  onError: ((error: Error, at: TopicPartition) => void) | undefined
  lostAtMs: number | undefined
  private readonly settings: typeof READER_DEFAULTS
  private readonly log: Log
  private readonly lane = `fetch-${++readers}`
  private readonly queues = new Map<string, PartitionQueue>()
  private readonly brokers = new Map<number, BrokerFetcher>()
  private readonly leaders: LeaderFinder
  private queuedBytes = 0
  private pumping = false
  private timer: NodeJS.Timeout | undefined
  private down = false
  private closed = false

  constructor(private readonly options: ReaderOptions) {
    this.settings = { ...READER_DEFAULTS, ...options }
    this.log = options.log ?? defaultLog
    this.leaders = new LeaderFinder(options.cluster, this.queues, this.log, {
      found: () => this.wake(),
      failed: error => this.failed(error),
    })
  }

  seek(at: TopicPartition, offset: number): void {
    this.remove(at)
    const leader = this.options.cluster.knownLeader(at.topic, at.partition)
    this.queues.set(keyOf(at), new PartitionQueue(at, offset, leader))
    this.wake()
  }

  remove(at: TopicPartition): void {
    const queue = this.queues.get(keyOf(at))
    if (queue === undefined) return
    this.queuedBytes -= queue.bytes
    this.queues.delete(keyOf(at))
  }

  take(at: TopicPartition): Batch | undefined {
    const batch = this.queues.get(keyOf(at))?.shift()
    if (batch === undefined) return undefined
    this.queuedBytes -= batch.bytes
    this.wake()
    return batch
  }

  peek(at: TopicPartition): Batch | undefined {
    return this.queues.get(keyOf(at))?.head
  }

  end(at: TopicPartition): PartitionEnd | undefined {
    return this.queues.get(keyOf(at))?.end
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    this.queues.clear()
    await Promise.all([
      this.options.cluster.closeLane(this.lane),
      this.options.cluster.closeLane(`${this.lane}-2`),
      this.leaders.close(),
    ])
  }

  /** Seeks and takes come in bursts: one look at all partitions serves them all. */
  private wake(): void {
    if (this.pumping || this.closed) return
    this.pumping = true
    setImmediate(() => {
      this.pumping = false
      if (!this.closed) this.pump()
    })
  }

  private pump(): void {
    const room = this.settings.maxQueuedBytes - this.queuedBytes
    const wanted = new Map<number, PartitionQueue[]>()
    let lost = false
    for (const queue of this.queues.values()) {
      if (queue.failed || queue.fetching) continue
      if (queue.leader === undefined) lost = true
      else if (room > 0 && queue.bytes < this.settings.maxQueuedBytesPerPartition) {
        const known = wanted.get(queue.leader)
        if (known === undefined) wanted.set(queue.leader, [queue])
        else known.push(queue)
      }
    }
    if (lost) this.leaders.find()
    const now = performance.now()
    let pause = Number.POSITIVE_INFINITY
    for (const [node, queues] of wanted) {
      const broker = this.broker(node)
      if (broker.notBefore > now) pause = Math.min(pause, broker.notBefore - now)
      else broker.fetch(queues, room)
    }
    clearTimeout(this.timer)
    if (pause < Number.POSITIVE_INFINITY) this.timer = setTimeout(() => this.wake(), Math.ceil(pause))
  }

  private broker(node: number): BrokerFetcher {
    let broker = this.brokers.get(node)
    if (broker === undefined) {
      broker = new BrokerFetcher(this.options.cluster, node, this.lane, this.settings, {
        fetched: (queue, answer, seenAtMs) => this.fetched(queue, answer, seenAtMs),
        answered: () => this.answered(),
        failed: error => this.failed(error),
      })
      this.brokers.set(node, broker)
    }
    return broker
  }

  private fetched(queue: PartitionQueue, answer: FetchedPartition, seenAtMs: number): void {
    if (this.closed || this.queues.get(keyOf(queue)) !== queue) return
    if (answer.errorCode !== 0) this.refused(queue, answer)
    else this.accept(queue, answer, seenAtMs)
  }

  private accept(queue: PartitionQueue, answer: FetchedPartition, seenAtMs: number): void {
    const endOffset = this.settings.readCommitted ? answer.lastStableOffset : answer.highWatermark
    queue.saw({ endOffset, highWatermark: answer.highWatermark, seenAtMs })
    // Of the partitions of one answer, the first may have filled all the room when decompressed: the others come again.
    if (answer.end === answer.start || this.queuedBytes >= this.settings.maxQueuedBytes) return
    try {
      const batch = decodeRecordSet(queue, queue.offset, { ...answer, ...this.settings })
      if (queue.push(batch)) this.queuedBytes += batch.bytes
    } catch (error) {
      this.stop(queue, error as Error)
    }
  }

  private refused(queue: PartitionQueue, answer: FetchedPartition): void {
    const { topic, partition, offset } = queue
    const position = { topic, partition, offset }
    const name = `${topic}-${partition}`
    if (cureOf(answer.errorCode) === 'leader') {
      this.log.debug(`${name}: ${errorName(answer.errorCode)}, asking for its leader`)
      this.options.cluster.forgetTopic(topic)
      queue.ledBy(undefined)
    } else if (answer.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      const why =
        'its records were deleted (retention, truncation) or the topic was created anew; `weir topology reset` starts anew'
      this.stop(queue, new StreamError(`${name} has no offset ${offset}: ${why}`, { position }))
    } else this.stop(queue, new StreamError(`${name} can't be read: ${errorName(answer.errorCode)}`, { position }))
  }

  private stop(queue: PartitionQueue, error: Error): void {
    queue.fail()
    this.onError?.(error, { topic: queue.topic, partition: queue.partition })
  }

  private answered(): void {
    if (this.closed) return
    if (this.down) this.log.info('Kafka answers again: reading goes on')
    this.down = false
    this.wake()
    this.onReady?.()
  }

  private failed(error: unknown): void {
    if (this.closed) return
    this.lostAtMs = performance.now()
    if (!this.down)
      this.log.warn(`Kafka does not answer, trying again each second at the latest: ${(error as Error).message}`)
    this.down = true
    this.wake()
  }
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`
