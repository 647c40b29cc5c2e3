import { performance } from 'node:perf_hooks'
import { StreamError, TopicReplacedError } from '../../../errors'
import { log as defaultLog, type Log } from '../../../log'
import { Outages } from '../../../outages'
import type { Batch, DamagedRange, PartitionEnd, Reader, TopicPartition } from '../../source'
import { cureOf, ErrorCode, errorName, isPassing } from '../protocol/error-codes'
import type { FetchedPartition } from '../protocol/fetch'
import { EARLIEST, LATEST } from '../protocol/offsets'
import { BrokerFetcher } from './broker-fetcher'
import { ConsumedBatch } from './consumed-batch'
import { LeaderFinder } from './leader-finder'
import { offsetAt } from './offset-at'
import { PartitionQueue } from './partition-queue'
import { READER_DEFAULTS, type ReaderOptions } from './reader-options'
import { decodeRecordSet } from './record-batch-decoder'

const NOTHING = Buffer.alloc(0)

let readers = 0

/** Starts a reader over the cluster; it connects when the first partition is sought. */
export function createReader(options: ReaderOptions): Reader {
  return new KafkaReader(options)
}

class KafkaReader implements Reader {
  onReady: (() => void) | undefined
  onError: ((error: Error, at: TopicPartition) => void) | undefined
  private readonly settings: typeof READER_DEFAULTS
  private readonly log: Log
  private readonly outages: Outages
  private readonly lane = `fetch-${++readers}`
  private readonly queues = new Map<string, PartitionQueue>()
  private readonly brokers = new Map<number, BrokerFetcher>()
  private readonly leaders: LeaderFinder
  private queuedBytes = 0
  private pumping = false
  private timer: NodeJS.Timeout | undefined
  private closed = false

  constructor(private readonly options: ReaderOptions) {
    this.settings = { ...READER_DEFAULTS, ...options }
    this.log = options.log ?? defaultLog
    this.outages = options.outages ?? new Outages({ log: this.log })
    this.leaders = new LeaderFinder(options.cluster, this.queues, this.log, {
      found: () => {
        this.outages.back('Kafka')
        this.wake()
      },
      replaced: queue => this.replaced(queue),
      failed: error => this.failed('Kafka', error),
    })
  }

  seek(at: TopicPartition, offset: number, topicId?: string): void {
    this.remove(at)
    const { cluster } = this.options
    const queue = new PartitionQueue(at, offset, topicId)
    this.queues.set(keyOf(at), queue)
    // Where what is remembered is of another topic, the leader finder asks what there is now.
    queue.found(cluster.knownId(at.topic), cluster.knownLeader(at.topic, at.partition))
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
      // Where there is one alone, its absence is Kafka's.
      const service = this.options.cluster.brokerCount > 1 ? `Kafka's broker ${node}` : 'Kafka'
      broker = new BrokerFetcher(this.options.cluster, node, this.lane, this.settings, {
        fetched: (queue, answer, seenAtMs) => this.fetched(queue, answer, seenAtMs),
        answered: () => this.answered(service),
        failed: error => this.failed(service, error),
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
      const [damage] = this.settings.damage === 'fail' ? (batch.damaged ?? []) : []
      if (damage !== undefined) this.stop(queue, unreadable(damage))
      else if (queue.push(batch)) this.queuedBytes += batch.bytes
    } catch (error) {
      this.stop(queue, error as Error)
    }
  }

  private refused(queue: PartitionQueue, answer: FetchedPartition): void {
    const { topic, partition, offset } = queue
    const position = { topic, partition, offset }
    // What a broker can't explain it may not say again: Kafka's own consumer asks anew, too.
    if (isPassing(answer.errorCode) || answer.errorCode === ErrorCode.UNKNOWN_SERVER_ERROR) {
      this.log.debug(`${topic}-${partition}: ${errorName(answer.errorCode)}, asking for its leader`)
      this.options.cluster.forgetTopic(topic)
      queue.forgetLeader()
    } else if (answer.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) void this.passDeleted(queue)
    else {
      const advice = cureOf(answer.errorCode) === 'rights' ? ': the client needs the ACL Read on it' : ''
      const why = `${errorName(answer.errorCode)}${advice}`
      this.stop(queue, new StreamError(`${topic}-${partition} can't be read: ${why}`, { position }))
    }
  }

  /** The log begins behind the position: what lay between is lost to us, and said to be. */
  private async passDeleted(queue: PartitionQueue): Promise<void> {
    const { topic, partition, offset } = queue
    queue.fetchStarted()
    try {
      const start = await offsetAt(this.options, queue, EARLIEST)
      if (this.queues.get(keyOf(queue)) !== queue) return
      if (offset >= start || this.settings.damage === 'fail') {
        const why =
          offset < start
            ? `the log begins at ${start}: its records were deleted by retention or by hand`
            : `the log ends before it, at ${await offsetAt(this.options, queue, LATEST)}: its end was lost with a broker, or the offset was set by hand`
        const advice = `${why}; \`weir topology reset\` starts anew`
        const position = { topic, partition, offset }
        this.stop(queue, new StreamError(`${topic}-${partition} has no offset ${offset}: ${advice}`, { position }))
        return
      }
      const batch = new ConsumedBatch(queue, NOTHING, 0, start, 0)
      batch.deleted(offset, start - 1)
      queue.skipTo(batch)
      this.onReady?.()
    } catch (error) {
      if (this.queues.get(keyOf(queue)) === queue) this.stop(queue, error as Error)
    } finally {
      queue.fetchEnded()
      this.wake()
    }
  }

  private stop(queue: PartitionQueue, error: Error): void {
    queue.fail()
    this.onError?.(error, { topic: queue.topic, partition: queue.partition })
  }

  private replaced(queue: PartitionQueue): void {
    const { topic, partition, offset } = queue
    // A seek may have begun anew while the leader was looked for.
    if (this.queues.get(keyOf(queue)) !== queue) return
    const error = new TopicReplacedError(
      `topic ${topic} was deleted and made again while ${topic}-${partition} was read up to offset ${offset}`,
      { position: { topic, partition, offset } },
    )
    this.stop(queue, error)
  }

  private answered(service: string): void {
    if (this.closed) return
    this.outages.back(service)
    this.wake()
    this.onReady?.()
  }

  private failed(service: string, error: unknown): void {
    if (this.closed) return
    this.outages.lost(service, error instanceof Error ? error : new Error(String(error)))
    this.wake()
  }
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

function unreadable({ topic, partition, firstOffset: offset, reason }: DamagedRange): StreamError {
  const position = { topic, partition, offset }
  return new StreamError(`${topic}-${partition} at offset ${offset}: can't read ${reason}`, { position })
}
