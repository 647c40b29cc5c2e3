import { ContentError, SinkError } from '../../../errors'
import { entryOf } from '../../../required'
import type { Task } from '../../task/task'
import { type Share, together } from '../../task/verdicts'
import type { OpenTasks } from '../open-tasks'
import { noteDropped } from '../tally'
import { Backlog } from './backlog'
import { CommitTimer } from './commit-timer'
import type { LoopParts } from './loop-parts'

/** Whom it tells what comes of a commit. */
interface CommitEvents {
  readonly hasFailed: () => boolean
  readonly failed: (error: unknown) => void
  /** Kafka has taken a commit, or there was nothing to take. */
  readonly committed: () => void
  /** A commit is over, whatever came of it. */
  readonly over: () => void
}

/**
 * When the tasks of an attempt commit, and what comes of it. One commit at a time, but for this: while one end holds the last commit up and another has made it, that one
 * goes on with the next. Not while a refused record is searched for, whose commit has to come before any other.
 */
export class Committing {
  readonly backlog = new Backlog()
  private readonly timer: CommitTimer
  /** What the commits under way have. */
  private readonly underWay = new Set<readonly Share[]>()
  /** How many of them end with a refused record: an end's position stays before it until Kafka has its dead letter. */
  private held = 0
  private committed: number

  constructor(
    private readonly open: OpenTasks,
    private readonly parts: LoopParts,
    private readonly on: CommitEvents,
  ) {
    const { clock, commitIntervalMs, quarantine } = parts
    this.committed = clock.monotonic()
    const mayOverlap = () => open.road.isUneven && !quarantine.isSearching && this.held === 0
    this.timer = new CommitTimer(clock, commitIntervalMs, () => this.commit(), mayOverlap, on.over)
  }

  /** Monotonic time (ms) of the last commit. */
  get committedAt(): number {
    return this.committed
  }

  /** Starts a commit when it is time, or as soon as it can be: where nothing more is processed before it. */
  look(): void {
    // A task with a refused record has nothing more to do before a commit.
    const isHeldUp = [...this.open.slots.values()].some(({ task }) => task.held.isThere)
    const { quarantine } = this.parts
    this.timer.look(this.backlog.isFull || isHeldUp || quarantine.isReady(this.open.slots.values()))
  }

  /** Whether none begins by itself. */
  get isHeld(): boolean {
    return this.timer.isHeld
  }

  hold(): Promise<void> {
    return this.timer.hold()
  }

  goOn(): void {
    this.timer.goOn()
  }

  settled(): Promise<void> {
    return this.timer.settled()
  }

  /** Commits what is there; never rejects. */
  async commit(): Promise<void> {
    const { quarantine, clock } = this.parts
    if (this.on.hasFailed()) return
    const done = this.backlog.cut()
    try {
      const tasks = [...this.open.slots.values()].map(({ task }) => task)
      let made = 0
      for (const part of quarantine.partsOf(tasks)) made += await this.commitPart(part)
      // That there is nothing new says nothing of what is on its way.
      if (made === 0 && this.underWay.size > 0) return
      this.committed = clock.monotonic()
      quarantine.look(this.committed)
      this.on.committed()
    } catch (error) {
      this.on.failed(error)
    } finally {
      done()
    }
  }

  /** A write ahead of the next commit has failed: any task may have had a share in it, also by what the commits under way have. */
  writeFailed(error: unknown): void {
    try {
      if (error instanceof ContentError && !this.on.hasFailed()) {
        const shares = [...this.open.slots.values()].map(({ task }) => task.share)
        this.refused(together([...[...this.underWay].flat(), ...shares]), error)
      }
      this.on.failed(error)
    } catch (fatal) {
      this.on.failed(fatal)
    }
  }

  /** Returns how many tasks had something new. */
  private async commitPart(tasks: readonly Task[]): Promise<number> {
    const { road, slots } = this.open
    const { clock, tally, traces, quarantine, log } = this.parts
    const startedAt = clock.monotonic()
    const shares = tasks.filter(({ isDirty }) => isDirty).map(({ share }) => share)
    this.underWay.add(shares)
    const held = tasks.some(task => task.held.isThere) ? 1 : 0
    this.held += held
    try {
      const checkpoints = await road.commit(tasks)
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
      return checkpoints.length
    } catch (error) {
      // Beside others it may be what one of those was refused for.
      const suspects = this.underWay.size > 1 ? together([...this.underWay].flat()) : shares
      if (error instanceof ContentError && !this.on.hasFailed()) this.refused(suspects, error)
      throw error
    } finally {
      this.held -= held
      this.underWay.delete(shares)
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
}
