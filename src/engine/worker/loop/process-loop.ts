import type { Sink } from '../../../connectors/sink'
import { FencedError, UnavailableError } from '../../../errors'
import { AwayEnd } from '../away-end'
import type { OpenTasks, Slot } from '../open-tasks'
import { add } from '../tally'
import { leastWrite, mostSinkBytes } from './bounds'
import { Committing } from './committing'
import { Feeding } from './feeding'
import { InputWaiting } from './input-waiting'
import type { LoopParts } from './loop-parts'
import { Purge } from './purge'
import { SchemaLoading } from './schema-loading'
import { Shipping } from './shipping'
import { Slice } from './slice'
import { takeOut } from './take-out'
import { lookMs, TaskClocks } from './task-clocks'
import { WakeUp } from './wake-up'

/**
 * The loop over the tasks of one attempt: feeds tasks, processes slices, ships what they wrote, and commits every interval. The next
 * records are processed while the last ones are written and committed. An end that is away holds up nothing before the backlog is full. Once it answers
 * again, or tasks have to be let go, the attempt is given up, and the next one begins from the last commit.
 */
export class ProcessLoop {
  private turnedAt: number
  private stopped = false
  private failure: unknown
  /** Tasks that process nothing more: what they have is committed, and they go. */
  private leaving: ReadonlySet<string> = new Set()
  private finished: Promise<void> = Promise.resolve()
  private onCommit: () => void = () => {}
  private readonly wakeUp = new WakeUp()
  private readonly feeding: Feeding
  private readonly purge: Purge
  private readonly clocks: TaskClocks
  private readonly schemas: SchemaLoading
  private readonly slice: Slice
  private readonly shipping: Shipping
  private readonly commits: Committing
  private readonly away: AwayEnd

  constructor(
    private readonly open: OpenTasks,
    private readonly parts: LoopParts,
  ) {
    const { reader, broker, clock, log, outages, maxTaskIdleMs } = parts
    this.turnedAt = clock.monotonic()
    this.feeding = new Feeding(reader, new InputWaiting(reader, clock, maxTaskIdleMs), parts.traces)
    this.slice = new Slice(clock)
    this.purge = new Purge(broker, clock, log)
    this.clocks = new TaskClocks(reader, clock, parts.looks)
    const failed = (error: unknown) => this.fail(error)
    this.schemas = new SchemaLoading(outages, { loaded: () => this.wake(), failed })
    const write = ({ task }: Slot) => open.road.write(task.id, task.takeChunks())
    this.shipping = new Shipping(write, () => this.wake())
    const hasFailed = () => this.failure !== undefined
    const committed = () => this.onCommit()
    this.commits = new Committing(open, parts, { hasFailed, failed, committed, over: () => this.wake() })
    this.away = new AwayEnd(open, parts, failed)
    open.road.tell({ failed: error => this.commits.writeFailed(error), away: (sink, error) => this.lost(sink, error) })
  }

  /** Monotonic time (ms) of the last turn. */
  get turnAt(): number {
    return this.turnedAt
  }

  /** Monotonic time (ms) of the last commit. */
  get committedAt(): number {
    return this.commits.committedAt
  }

  /** Why an end is away that others go on without; undefined where none is. */
  get outage(): Error | undefined {
    return this.open.road.outage
  }

  /** Runs until `stop` or `drain`; rejects with the first failure. `onCommit` is called after each commit that Kafka took. */
  run(onCommit: () => void): Promise<void> {
    this.onCommit = onCommit
    this.finished = this.turn()
    return this.finished
  }

  wake(): void {
    this.wakeUp.wake()
  }

  /** The first failure counts; but a FencedError replaces any other: the tasks are another worker's then. */
  fail(error: unknown): void {
    if (this.failure === undefined || (error instanceof FencedError && !(this.failure instanceof FencedError)))
      this.failure = error
    this.open.road.giveUp(error)
    this.wake()
  }

  /** An end is away: the others go on without it, unless what one of them refuses is searched for. */
  private lost(sink: Sink, error: Error): boolean {
    if (this.stopped || this.commits.isHeld || this.parts.quarantine.isSearching) return false
    this.away.await(sink, error)
    return true
  }

  /** What can't wait for an end that is away ends the attempt. */
  private giveUpOutage(): void {
    if (this.outage !== undefined) this.fail(this.outage)
  }

  /** Ends the loop at once; what isn't committed is processed again by the next owner. */
  stop(): void {
    this.stopped = true
    this.schemas.close()
    this.away.close()
    this.wake()
  }

  /** Nothing more reaches an end, and what waits for one fails. Resolves once none is being asked whether it is back. */
  close(): Promise<void> {
    this.stop()
    this.open.road.giveUp(this.failure ?? new UnavailableError('the tasks are given up'))
    return this.away.closed()
  }

  /** Ends the loop and commits everything that was processed. */
  async drain(): Promise<void> {
    this.stop()
    await this.finished
    this.giveUpOutage()
    await this.commits.settled()
    this.throwFailure()
    for (const slot of this.slots) await this.ship(slot)
    await this.commits.commit()
    this.throwFailure()
  }

  /** Begins no commit until `goOn`; resolves when none is under way. Processing goes on, within its bounds. */
  async hold(): Promise<void> {
    this.giveUpOutage()
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
      await this.commits.commit()
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
      if (!this.commits.backlog.isFull) this.lookAtClocks()
      if (this.purge.look(this.slots)) this.touch()
      this.commits.look()
      if (!busy) await this.wakeUp.pause(Math.min(lookMs, this.parts.commitIntervalMs))
    }
  }

  /** Time may close windows and run punctuators: what they make waits for a commit too. */
  private lookAtClocks(): void {
    const staying = [...this.slots].filter(({ task }) => !this.leaving.has(task.id))
    const gathered = () => staying.reduce((sum, { task }) => sum + task.gatheredBytes, 0)
    const before = gathered()
    this.clocks.look(staying)
    this.commits.backlog.add(0, gathered() - before)
  }

  /** One slice of one task; false when there was nothing to do. */
  private async process(slot: Slot): Promise<boolean> {
    const { task } = slot
    const { backlog } = this.commits
    if (this.leaving.has(task.id)) return false
    if (backlog.isFull || task.sinkBytes > mostSinkBytes) {
      void this.ship(slot)
      return false
    }
    const room = this.parts.quarantine.limitOf(task.id) - task.share.records
    if (room <= 0) return false
    const fed = this.feeding.feed(task)
    const { gatheredBytes, processed } = task
    const done = this.slice.run(task, room)
    backlog.add(done, fed + task.gatheredBytes - gatheredBytes)
    for (const { missingSchema } of task.inputs) if (missingSchema !== undefined) void this.schemas.load(missingSchema)
    if (done === 0 && task.sinkBytes === 0) return false
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

  /** Notes in the copies on disk that they lack nothing, also where nothing changed: a copy without such a note for 20 h is restored in full. */
  private touch(): void {
    for (const { task } of this.slots) task.state.touch().catch(error => this.fail(error))
  }
}
