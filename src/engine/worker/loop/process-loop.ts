import { ContentError, FencedError, SinkError, UnavailableError } from '../../../errors'
import { entryOf } from '../../../required'
import type { Task } from '../../task/task'
import { type Share, together } from '../../task/verdicts'
import type { OpenTasks, Slot, WorkerParts } from '../open-tasks'
import type { Quarantine } from '../quarantine'
import { add, noteDropped } from '../tally'
import { leastWrite, mostSinkBytes, mostUncommitted, mostUncommittedBytes } from './bounds'
import { CommitTimer } from './commit-timer'
import { Feeding } from './feeding'
import { InputWaiting } from './input-waiting'
import { Purge } from './purge'
import { SchemaLoading } from './schema-loading'
import { Shipping } from './shipping'
import { Slice } from './slice'
import { takeOut } from './take-out'
import { lookMs, TaskClocks } from './task-clocks'
import { WakeUp } from './wake-up'

export interface LoopOptions {
  readonly commitIntervalMs: number
  /** How long a task waits for an empty input, so that records of several inputs are processed in the order of time, ms. */
  readonly maxTaskIdleMs: number
}

export type LoopParts = Pick<
  WorkerParts,
  'reader' | 'looks' | 'broker' | 'clock' | 'log' | 'tally' | 'traces' | 'outages'
> &
  LoopOptions & { readonly quarantine: Quarantine }

/**
 * The loop over the tasks of one attempt: feeds tasks, processes slices, ships what they wrote, and commits every interval. The next
 * records are processed while the last ones are written and committed; one commit at a time.
 */
export class ProcessLoop {
  private turnedAt: number
  private committed: number
  private stopped = false
  private failure: unknown
  private committing: readonly Share[] = []
  /** Tasks that process nothing more: what they have is committed, and they go. */
  private leaving: ReadonlySet<string> = new Set()
  private uncommitted = 0
  private uncommittedBytes = 0
  private finished: Promise<void> = Promise.resolve()
  private onCommit: () => void = () => {}
  private readonly wakeUp = new WakeUp()
  private readonly feeding: Feeding
  private readonly purge: Purge
  private readonly clocks: TaskClocks
  private readonly schemas: SchemaLoading
  private readonly slice: Slice
  private readonly shipping: Shipping
  private readonly commits: CommitTimer

  constructor(
    private readonly open: OpenTasks,
    private readonly parts: LoopParts,
  ) {
    const { reader, broker, clock, log, outages, maxTaskIdleMs, commitIntervalMs } = parts
    this.turnedAt = this.committed = clock.monotonic()
    this.feeding = new Feeding(reader, new InputWaiting(reader, clock, maxTaskIdleMs), parts.traces)
    this.slice = new Slice(clock)
    this.purge = new Purge(broker, clock, log)
    this.clocks = new TaskClocks(reader, clock, parts.looks)
    const failed = (error: unknown) => this.fail(error)
    this.schemas = new SchemaLoading(outages, { loaded: () => this.wake(), failed })
    const write = ({ task }: Slot) => open.road.write(task.id, task.takeChunks())
    this.shipping = new Shipping(write, { shipped: () => this.wake(), failed: error => this.writeFailed(error) })
    this.commits = new CommitTimer(clock, commitIntervalMs, () => this.commit().finally(() => this.wake()))
  }

  /** Monotonic time (ms) of the last turn. */
  get turnAt(): number {
    return this.turnedAt
  }

  /** Monotonic time (ms) of the last commit. */
  get committedAt(): number {
    return this.committed
  }

  /** Runs until `stop` or `drain`; rejects with the first failure. `onCommit` is called after each commit that Kafka took. */
  run(onCommit: () => void): Promise<void> {
    this.onCommit = onCommit
    this.finished = this.turn().finally(() => this.schemas.close())
    return this.finished
  }

  wake(): void {
    this.wakeUp.wake()
  }

  /** The first failure counts; but a FencedError replaces any other: the tasks are another worker's then. */
  fail(error: unknown): void {
    if (this.failure === undefined || (error instanceof FencedError && !(this.failure instanceof FencedError)))
      this.failure = error
    this.wake()
  }

  /** A write ahead of the next commit has failed: any task may have had a share in it, also by what the commit in progress has. */
  private writeFailed(error: unknown): void {
    try {
      if (error instanceof ContentError && this.failure === undefined)
        this.refused(together([...this.committing, ...[...this.slots].map(({ task }) => task.share)]), error)
      this.fail(error)
    } catch (fatal) {
      this.fail(fatal)
    }
  }

  /** Ends the loop at once; what isn't committed is processed again by the next owner. */
  stop(): void {
    this.stopped = true
    this.schemas.close()
    this.wake()
  }

  /** Ends the loop and commits everything that was processed. */
  async drain(): Promise<void> {
    this.stop()
    await this.finished
    await this.commits.settled()
    this.throwFailure()
    for (const slot of this.slots) await this.ship(slot)
    await this.commit()
    this.throwFailure()
  }

  /** Begins no commit until `goOn`; resolves when none is under way. Processing goes on, within its bounds. */
  async hold(): Promise<void> {
    await this.commits.hold()
    this.throwFailure()
  }

  goOn(): void {
    this.commits.goOn()
    this.wake()
  }

  /** Lets tasks go: resolves once all that they have processed is committed and they are none of this loop's. Rejects with its failure. */
  async leave(tasks: ReadonlySet<string>): Promise<void> {
    this.leaving = tasks
    try {
      // An end that lost its retained values may have given one of them something to do once more.
      for (let isOut = false; !isOut; )
        await this.quietly(async () => {
          isOut = takeOut(tasks, this.open.slots, this.parts.reader)
        })
    } finally {
      this.leaving = new Set()
    }
  }

  /** Works while no commit is under way and the ends hold nothing that isn't committed. Rejects with the loop's failure. */
  async quietly(work: () => Promise<void>): Promise<void> {
    await this.hold()
    if (this.stopped) throw new UnavailableError('the tasks are given up')
    try {
      this.shipping.quiet(true)
      await this.commit()
      this.throwFailure()
      await work()
      this.throwFailure()
    } finally {
      this.shipping.quiet(false)
      this.goOn()
    }
  }

  get hasFailed(): boolean {
    return this.failure !== undefined
  }

  private get slots(): IterableIterator<Slot> {
    return this.open.slots.values()
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure
  }

  private async turn(): Promise<void> {
    while (!this.stopped) {
      this.turnedAt = this.parts.clock.monotonic()
      let busy = false
      for (const slot of this.slots) {
        this.throwFailure()
        if (this.stopped) return
        if (await this.process(slot)) busy = true
      }
      this.throwFailure()
      this.clocks.look([...this.slots].filter(({ task }) => !this.leaving.has(task.id)))
      if (this.purge.look(this.slots)) this.touch()
      this.commits.look(this.isFull || this.isHeldUp || this.parts.quarantine.isReady(this.slots))
      if (!busy) await this.wakeUp.pause(Math.min(lookMs, this.parts.commitIntervalMs))
    }
  }

  /** Whether so much waits for a commit that nothing more is processed before it. */
  private get isFull(): boolean {
    return this.uncommitted > mostUncommitted || this.uncommittedBytes > mostUncommittedBytes
  }

  /** Whether a task has nothing more to do before a commit, which then doesn't wait for the interval. */
  private get isHeldUp(): boolean {
    return [...this.slots].some(({ task }) => task.held.isThere)
  }

  /** One slice of one task; false when there was nothing to do. */
  private async process(slot: Slot): Promise<boolean> {
    const { task } = slot
    if (this.leaving.has(task.id)) return false
    if (this.isFull || task.sinkBytes > mostSinkBytes) {
      void this.ship(slot)
      return false
    }
    const room = this.parts.quarantine.limitOf(task.id) - task.share.records
    if (room <= 0) return false
    this.uncommittedBytes += this.feeding.feed(task)
    const { gatheredBytes, processed } = task
    const done = this.slice.run(task, room)
    this.uncommittedBytes += task.gatheredBytes - gatheredBytes
    for (const { missingSchema } of task.inputs) if (missingSchema !== undefined) void this.schemas.load(missingSchema)
    if (done === 0 && task.sinkBytes === 0) return false
    this.uncommitted += done
    add(this.parts.tally.processed, task.id, task.processed - processed)
    if (done === 0 || task.sinkBytes >= leastWrite || !this.feeding.hasMore(task)) void this.ship(slot)
    // Lets sockets, heartbeats and timers in.
    await new Promise(setImmediate)
    return done > 0
  }

  /** While what an end refuses is searched for, nothing reaches it ahead of its own commit. */
  private async ship(slot: Slot): Promise<void> {
    if (!this.parts.quarantine.isSearching) await this.shipping.ship(slot)
  }

  private async commit(): Promise<void> {
    const { quarantine, clock } = this.parts
    try {
      await this.shipping.hold()
      if (this.failure !== undefined) return
      this.uncommitted = this.uncommittedBytes = 0
      for (const part of quarantine.partsOf([...this.slots].map(({ task }) => task))) await this.commitPart(part)
      this.committed = clock.monotonic()
      quarantine.look(this.committed)
      this.onCommit()
    } catch (error) {
      this.fail(error)
    } finally {
      this.shipping.release()
    }
  }

  private async commitPart(tasks: readonly Task[]): Promise<void> {
    const { road, slots } = this.open
    const { clock, tally, traces, quarantine, log } = this.parts
    const startedAt = clock.monotonic()
    const shares = tasks.filter(({ isDirty }) => isDirty).map(({ share }) => share)
    this.committing = shares
    try {
      const commit = road.commit(tasks)
      if (!quarantine.isSearching) this.shipping.release()
      const checkpoints = await commit
      for (const { task, offsets } of checkpoints)
        entryOf(slots, task).sealed = new Map(
          offsets.map(({ topic, offset, metadata = '' }) => [topic, { offset, metadata }]),
        )
      if (checkpoints.length > 0) {
        const { last } = shares[0] ?? {}
        tally.committed(clock.monotonic() - startedAt, last, traces?.lastTraceId)
      }
      quarantine.pass(shares)
      for (const { dropped } of shares) noteDropped(dropped, tally, log)
    } catch (error) {
      if (error instanceof ContentError && this.failure === undefined) this.refused(shares, error)
      throw error
    } finally {
      this.committing = []
    }
  }

  private refused(shares: readonly Share[], error: ContentError): void {
    if (this.parts.quarantine.refuse(shares, error)) return
    const tasks = shares.map(({ task }) => task).join(' ')
    throw new SinkError(
      `tasks ${tasks}: everything that could be left out was, and the commit is still refused: ${error.message}`,
      {
        ...{ cause: error, fatal: true },
      },
    )
  }

  /** Notes in the copies on disk that they lack nothing, also where nothing changed: a copy without such a note for 20 h is restored in full. */
  private touch(): void {
    for (const { task } of this.slots) task.state.touch().catch(error => this.fail(error))
  }
}
