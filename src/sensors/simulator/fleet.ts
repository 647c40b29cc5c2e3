import { setTimeout as sleep } from 'node:timers/promises'
import { type FleetOptions, type FleetPlan, type FleetTarget, fleetOptions } from './fleet-options'
import { Outbox } from './outbox'
import { Pace } from './pace'
import { connectProducer, type ReadingProducer } from './reading-producer'
import { ReadingStream } from './reading-stream'

/** Live numbers of a fleet. Records are readings and their duplicates. */
export interface FleetCounters {
  /** Distinct readings made, of which so many late, and so many out of order. */
  readonly readings: number
  readonly late: number
  readonly outOfOrder: number
  /** Readings sent a second time. */
  readonly duplicates: number
  /** Records that the broker has acknowledged. */
  readonly acknowledged: number
  readonly inFlight: number
}

export interface FleetReport extends FleetCounters {
  /** Acknowledged records by partition. */
  readonly partitions: readonly number[]
  /** Event times (micros) of the earliest and the latest reading; undefined when there was none. */
  readonly firstEventTime: number | undefined
  readonly lastEventTime: number | undefined
  /** From the first reading to the last acknowledgement. */
  readonly elapsedMs: number
  readonly seed: number
}

export interface Fleet {
  readonly counters: FleetCounters
  /** Resolves when everything sent is acknowledged. Rejects with UnavailableError when that can't be known any more. */
  readonly done: Promise<FleetReport>
  /** Makes no more readings; resolves as `done`. */
  stop(): Promise<FleetReport>
}

/** Readings made at once, at most: bounds a batch after a pause, and the memory of the fastest pace. */
const maxBurst = 10_000
/** Bursts that are encoded ahead while the broker writes another. */
const maxFlushes = 2
/** Readings wait so long to share a request. */
const tickMs = 5

const nowMs = () => performance.timeOrigin + performance.now()

type Connect = (target: FleetTarget, signal: AbortSignal) => Promise<ReadingProducer>

class RunningFleet implements Fleet {
  readonly done: Promise<FleetReport>
  private readonly stopping = new AbortController()
  private readonly stream: ReadingStream
  private readonly pace: Pace
  private outbox: Outbox | undefined
  private startMs = 0
  private endMs = 0
  private firstEventTime: number | undefined
  private lastEventTime: number | undefined

  constructor(
    private readonly plan: FleetPlan & FleetTarget,
    private readonly connect: Connect,
  ) {
    this.pace = new Pace(plan)
    this.stream = new ReadingStream(plan, reading => {
      this.outbox?.add(reading)
      const { timestamp } = reading
      if (this.firstEventTime === undefined || timestamp < this.firstEventTime) this.firstEventTime = timestamp
      if (this.lastEventTime === undefined || timestamp > this.lastEventTime) this.lastEventTime = timestamp
    })
    this.done = this.run()
    // The owner may look at it only at the end.
    this.done.catch(() => {})
  }

  get counters(): FleetCounters {
    const acknowledged = this.outbox?.acknowledged.reduce((sum, count) => sum + count, 0) ?? 0
    return { ...this.stream.counters, acknowledged, inFlight: this.outbox?.inFlight ?? 0 }
  }

  stop(): Promise<FleetReport> {
    this.stopping.abort()
    return this.done
  }

  private async run(): Promise<FleetReport> {
    const producer = await this.connect(this.plan, this.stopping.signal).catch((error: unknown) => {
      if (this.stopping.signal.aborted) return undefined
      throw error
    })
    if (producer === undefined) return this.report()
    this.outbox = new Outbox(producer, this.plan.sensors, this.plan.keyed)
    try {
      this.startMs = nowMs()
      await this.send(this.outbox)
      this.endMs = nowMs()
    } finally {
      await producer.close()
    }
    return this.report()
  }

  private async send(outbox: Outbox): Promise<void> {
    const flushes = new Set<Promise<void>>()
    let failure: unknown
    const flush = () => {
      const flushed = outbox
        .flush()
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => flushes.delete(flushed))
      flushes.add(flushed)
    }
    while (failure === undefined && this.goesOn()) {
      if (this.makeDue(outbox)) flush()
      if (this.plan.rate !== 'max') await sleep(tickMs)
      if (flushes.size >= maxFlushes) await Promise.race(flushes)
    }
    // What fell due while this process waited for its turn still goes out; a fleet far behind does not go on for all of it.
    if (failure === undefined && this.plan.rate !== 'max' && !this.stopping.signal.aborted) this.makeDue(outbox)
    this.stream.finish()
    flush()
    await Promise.all(flushes)
    if (failure !== undefined) throw failure
  }

  private goesOn(): boolean {
    const { durationMs, startMs } = this.plan
    if (this.stopping.signal.aborted || this.pace.isDone(this.stream.counters.readings)) return false
    return durationMs === undefined || startMs !== undefined || nowMs() - this.startMs < durationMs
  }

  /** Makes the readings that are due; false when there is none. */
  private makeDue(outbox: Outbox): boolean {
    const { counters } = this.stream
    const ms = nowMs()
    const { startMs } = this.plan
    const due = Math.min(this.pace.due(ms - (startMs ?? this.startMs)), counters.readings + maxBurst)
    if (counters.readings >= due) return false
    outbox.at(Math.floor(ms))
    while (counters.readings < due)
      this.stream.next((startMs === undefined ? ms : startMs + this.pace.dueAt(counters.readings)) * 1000)
    return true
  }

  private report(): FleetReport {
    return {
      ...this.counters,
      partitions: this.outbox?.acknowledged ?? [],
      firstEventTime: this.firstEventTime,
      lastEventTime: this.lastEventTime,
      elapsedMs: this.endMs - this.startMs,
      seed: this.plan.seed,
    }
  }
}

/**
 * Starts a fleet of sensors that sends its readings to Kafka. The event time of a reading is the moment at which it is handed
 * to the producer, or what `startMs` and the pace say. Waits for Kafka and the registry when they are down. Throws ConfigError.
 */
export function startFleet(options: FleetOptions, connect: Connect = connectProducer): Fleet {
  return new RunningFleet(fleetOptions(options), connect)
}
