import type { PartitionEnd } from '../../connectors/source'
import { silentLog } from '../../log'
import type { Input, MissingSchema } from '../task/input'
import type { Opened, Slot, Surroundings } from './generation'
import { patiently } from './patience'
import { add } from './tally'

export interface LoopOptions {
  readonly commitIntervalMs: number
  /** How long a task waits for an input that has nothing, so that records of several inputs come in order of time, ms. */
  readonly maxTaskIdleMs: number
}

/** Records a task processes before another has its turn and I/O is let in: a few ms. */
const sliceRecords = 2_000
/** Batches that wait in a task beyond the one in hand; the reader holds more. */
const batchesAhead = 1
/** Processing waits when so many records aren't committed: bounds what a rollback repeats and the journal's size. */
const mostUncommitted = 200_000
/** A task whose sinks are slower than this waits for them, bytes. */
const mostSinkBytes = 1024 * 1024
/** How often processed records of repartition topics are deleted, ms: Kafka Streams' repartition.purge.interval.ms. */
const purgeMs = 30_000
/** How often the idle clock and wall-clock punctuators are looked at, ms. */
const lookMs = 50

/**
 * The loop of one generation: feeds tasks, processes slices, ships what they wrote, and commits every interval. The next
 * records are processed while the last ones are written and committed; one commit at a time.
 */
export class ProcessLoop {
  turnAt = 0
  committedAt = 0
  private stopped = false
  private failure: unknown
  private waking: (() => void) | undefined
  private readonly writing = new Map<string, Promise<void>>()
  private committing: Promise<void> | undefined
  private readonly loading = new Set<MissingSchema>()
  private readonly ended = new AbortController()
  private holdWrites = false
  private uncommitted = 0
  private commitStartedAt: number
  private lookedAt = 0
  /** Monotonic time (ms) since which an input has had nothing. */
  private readonly emptySince = new Map<Input, number>()
  private purgedAt: number
  private finished: Promise<void> = Promise.resolve()
  private onCommit: () => void = () => {}

  constructor(
    private readonly opened: Opened,
    private readonly around: Surroundings & LoopOptions,
  ) {
    this.commitStartedAt = this.turnAt = this.committedAt = this.purgedAt = around.clock.monotonic()
  }

  /** Runs until `stop` or `drain`; rejects with the first failure. `onCommit` is told of each commit that Kafka took. */
  run(onCommit: () => void): Promise<void> {
    this.onCommit = onCommit
    this.finished = this.turn().finally(() => this.ended.abort())
    return this.finished
  }

  wake(): void {
    this.waking?.()
  }

  fail(error: unknown): void {
    this.failure ??= error
    this.wake()
  }

  /** Ends the loop where it stands; what isn't committed is lost to this worker. */
  stop(): void {
    this.stopped = true
    this.ended.abort()
    this.wake()
  }

  /** Ends the loop and commits everything that was processed. */
  async drain(): Promise<void> {
    this.stop()
    await this.finished
    await this.committing
    if (this.failure !== undefined) throw this.failure
    for (const slot of this.slots) await this.ship(slot)
    await this.commit()
    if (this.failure !== undefined) throw this.failure
  }

  private get slots(): IterableIterator<Slot> {
    return this.opened.slots.values()
  }

  private async turn(): Promise<void> {
    const { clock } = this.around
    while (!this.stopped) {
      this.turnAt = clock.monotonic()
      let busy = false
      for (const slot of this.slots) {
        if (this.failure !== undefined) throw this.failure
        if (this.stopped) return
        if (await this.process(slot)) busy = true
      }
      if (this.failure !== undefined) throw this.failure
      this.look()
      this.purge()
      this.commitWhenDue()
      if (!busy) await this.pause()
    }
  }

  /** One slice of one task; false when there was nothing to do. */
  private async process(slot: Slot): Promise<boolean> {
    const { task } = slot
    if (this.uncommitted > mostUncommitted || task.sinkBytes > mostSinkBytes) {
      void this.ship(slot)
      return false
    }
    this.feed(slot)
    const done = task.process(sliceRecords)
    for (const { missingSchema } of task.inputs) if (missingSchema !== undefined) void this.load(missingSchema)
    if (done === 0 && task.sinkBytes === 0) return false
    this.uncommitted += done
    add(this.around.tally.processed, task.id, done)
    void this.ship(slot)
    // Lets sockets, heartbeats and timers in.
    await new Promise(setImmediate)
    return done > 0
  }

  /** Waits for a writer's schema; its input stands still meanwhile, the others go on. */
  private async load(missing: MissingSchema): Promise<void> {
    if (this.loading.has(missing)) return
    // The first that waits tells of it for all.
    const log = this.loading.size > 0 ? silentLog : this.around.log
    this.loading.add(missing)
    try {
      await patiently(`schema ${missing.id}`, log, this.ended.signal, () => missing.load())
      this.loading.delete(missing)
      this.wake()
    } catch (error) {
      if (!this.stopped) this.fail(error)
    }
  }

  private feed({ task }: Slot): void {
    const { reader } = this.around
    for (const input of task.inputs) {
      while (input.queued < batchesAhead) {
        const batch = reader.take(input)
        if (batch === undefined) break
        input.feed(batch)
      }
      if (task.inputs.length > 1) input.caughtUp = this.isWaitedFor(input)
    }
  }

  /** Whether an input is empty, and has been for as long as records of the others wait for it (KIP-353, KIP-695). */
  private isWaitedFor(input: Input): boolean {
    const { reader, clock, maxTaskIdleMs } = this.around
    const end = reader.end(input)
    const isEmpty = end !== undefined && reader.peek(input) === undefined && input.position >= end.endOffset
    if (!isEmpty) this.emptySince.delete(input)
    else if (!this.emptySince.has(input)) this.emptySince.set(input, clock.monotonic())
    return isEmpty && clock.monotonic() - this.emptySince.get(input)! >= maxTaskIdleMs
  }

  /** Hands what the task has for its sinks to them, unless they still have the last. */
  private async ship({ task }: Slot): Promise<void> {
    if (this.holdWrites || task.sinkBytes === 0 || this.writing.has(task.id)) return
    const write = this.opened.road.write(task.id, task.takeChunks()).then(
      () => this.shipped(task.id),
      error => {
        this.shipped(task.id)
        this.fail(error)
      },
    )
    this.writing.set(task.id, write)
    await write
  }

  private shipped(task: string): void {
    this.writing.delete(task)
    this.wake()
  }

  private commitWhenDue(): void {
    const now = this.around.clock.monotonic()
    if (this.committing !== undefined || now - this.commitStartedAt < this.around.commitIntervalMs) return
    this.commitStartedAt = now
    this.committing = this.commit().finally(() => {
      this.committing = undefined
      this.wake()
    })
  }

  private async commit(): Promise<void> {
    const { road, slots } = this.opened
    try {
      this.holdWrites = true
      await Promise.all(this.writing.values())
      if (this.failure !== undefined) return
      this.uncommitted = 0
      const startedAt = this.around.clock.monotonic()
      const commit = road.commit([...slots.values()].map(slot => slot.task))
      this.holdWrites = false
      const checkpoints = await commit
      for (const { task, offsets } of checkpoints)
        slots.get(task)!.sealed = new Map(
          offsets.map(({ topic, offset, metadata = '' }) => [topic, { offset, metadata }]),
        )
      this.committedAt = this.around.clock.monotonic()
      if (checkpoints.length > 0) this.around.tally.committed(this.committedAt - startedAt)
      this.onCommit()
    } catch (error) {
      this.fail(error)
    } finally {
      this.holdWrites = false
    }
  }

  /** The idle clocks and wall-clock punctuators. */
  private look(): void {
    const { clock } = this.around
    const now = clock.monotonic()
    if (now - this.lookedAt < lookMs) return
    this.lookedAt = now
    for (const slot of this.slots) {
      const { task, idle } = slot
      const due = task.time.nextWallClock
      if (due !== undefined && due <= clock.now()) task.time.punctuateWallClock()
      const time = idle?.look(inputs => this.endsOf(inputs))
      if (time !== undefined) task.time.advance(time)
    }
  }

  /** Deletes what was processed of repartition topics: they hold records only on their way. */
  private purge(): void {
    const { clock, broker, log } = this.around
    const now = clock.monotonic()
    if (now - this.purgedAt < purgeMs) return
    this.purgedAt = now
    for (const { task } of this.slots) task.state.touch().catch(error => this.fail(error))
    const passed = [...this.slots].flatMap(({ task, sealed }) =>
      task.inputs
        .filter(({ node: { spec } }) => spec.owner === 'weir')
        .map(({ topic, partition }) => ({ topic, partition, offset: sealed.get(topic)?.offset ?? 0 })),
    )
    // What isn't deleted now is the next time: nothing depends on it.
    if (passed.length > 0) broker.deleteRecordsBefore(passed).catch(error => log.debug(`purge: ${error.message}`))
  }

  /** The ends of inputs, when each of them stands at its own. */
  private endsOf(inputs: readonly Input[]): PartitionEnd[] | undefined {
    const ends: PartitionEnd[] = []
    for (const input of inputs) {
      const end = this.around.reader.end(input)
      if (end === undefined || input.position < end.endOffset || this.around.reader.peek(input) !== undefined)
        return undefined
      ends.push(end)
    }
    return ends
  }

  private pause(): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(done, Math.min(lookMs, this.around.commitIntervalMs))
      const self = this
      function done() {
        clearTimeout(timer)
        self.waking = undefined
        resolve()
      }
      this.waking = done
    })
  }
}
