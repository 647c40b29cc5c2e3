import { setTimeout as sleep } from 'node:timers/promises'
import { ContentError, UnfitError } from '../../errors'
import { UnknownTopic } from '../task/output-topics'
import { changeTasks, type NextTasks } from './change-tasks'
import { FailureLog } from './failure-log'
import { Hold } from './hold'
import type { Lifecycle } from './lifecycle'
import type { LoopOptions } from './loop/loop-parts'
import { ProcessLoop } from './loop/process-loop'
import { type OpenTasks, openTasks, type Slot, type WorkerParts } from './open-tasks'
import { isOutage, isPassing, ReopenError } from './passing'
import { Quarantine } from './quarantine'
import type { WantedTask } from './wanted-task'

const firstPauseMs = 100
const longestPauseMs = 5_000

export interface GenerationParts extends WorkerParts, LoopOptions {
  readonly life: Lifecycle<Generation>
  readonly first: NextTasks
  /** Tasks of former generations, whose state may still be the committed one. */
  readonly known: Map<string, Slot>
  /** Tasks that were to go have gone: others may have them. */
  readonly left: () => void
  /** A commit went well, or a check found nothing to commit. */
  readonly healthy: () => void
}

/** The tasks of one attempt. */
type Attempt = { readonly open: OpenTasks; readonly loop: ProcessLoop }

/**
 * A worker's time as the owner of tasks, over as many generations of its group as it goes on through: opens and runs them, and does both again
 * after a failure, whichever service it was.
 */
export class Generation {
  private readonly over = new AbortController()
  private readonly quarantine = new Quarantine()
  private attempt: Attempt | undefined
  private released: Promise<void> | undefined
  /** Tasks that weren't open yet when ends lost their retained values, and the kinds of those ends. */
  private readonly forgotten = new Map<string, Set<string>>()
  /** What has to be mended at an end, as it was logged last. */
  private unfit: string | undefined
  private readonly failures: FailureLog
  /** Commits that ends have refused since the search began. */
  private refusals = 0
  private tasks: NextTasks
  /** Tasks that others are to have, and that the ends still have. */
  private readonly dropped = new Set<string>()
  /** Set while the group rebalances: nothing is committed and nothing opened. */
  private held: Hold | undefined
  /** What is being restored isn't waited for. */
  private isCutShort = false
  private changing: Promise<void> = Promise.resolve()

  constructor(private readonly parts: GenerationParts) {
    this.tasks = parts.first
    this.failures = new FailureLog(parts.log, parts.clock)
  }

  /** The tasks at work. */
  get slots(): ReadonlyMap<string, Slot> {
    return this.attempt?.open.slots ?? new Map()
  }

  /** The tasks that were assigned, at work or not. */
  get wanted(): readonly WantedTask[] {
    return this.tasks.wanted
  }

  /** Whether it waits for what the group's rebalance brings. */
  get isHeld(): boolean {
    return this.held !== undefined
  }

  get loop(): ProcessLoop | undefined {
    return this.attempt?.loop
  }

  /** Whether an end has refused something of the task, and it isn't found yet. */
  isSearched(task: string): boolean {
    return this.quarantine.isSuspect(task)
  }

  get isOver(): boolean {
    return this.over.signal.aborted
  }

  /** Resolves when the generation is over; throws FencedError when others have its tasks, and what trying again can't cure. */
  async run(): Promise<void> {
    let pauseMs = 0
    while (!this.isOver) {
      try {
        await this.work(() => {
          pauseMs = 0
        })
        return
      } catch (error) {
        if (this.isOver) return
        if (!isPassing(error)) throw error
        await this.recover(error as Error)
        // A search asks the end again at once, and a topic is looked for at once: they answer.
        pauseMs =
          error instanceof ContentError || error instanceof UnknownTopic || error instanceof ReopenError
            ? 0
            : Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2))
        await this.pause(pauseMs)
        await this.held?.over
        await this.letDropped()
        this.parts.life.continue({ state: 'opening', generation: this })
      }
    }
  }

  /** A rebalance begins: nothing is committed until `change`. False where the tasks aren't at work: they have to be given up before the group goes on. */
  async hold(): Promise<boolean> {
    this.isCutShort = true
    await this.changing
    const { attempt } = this
    if (this.isOver || attempt === undefined) return false
    this.held = new Hold()
    try {
      await attempt.loop.hold()
      return true
    } catch {
      this.letGo()
      return false
    }
  }

  /** The next generation of the group, after `hold`: goes on with the tasks that stay. What fails of it is a new attempt at all of them. */
  change(next: NextTasks): void {
    for (const { id } of this.tasks.wanted) if (!next.wanted.some(each => each.id === id)) this.dropped.add(id)
    for (const { id } of next.wanted) this.dropped.delete(id)
    this.tasks = next
    this.isCutShort = false
    const { attempt } = this
    if (attempt === undefined || attempt.loop.hasFailed) this.letGo()
    else this.changing = this.carryOver(attempt, next)
  }

  /** Never rejects. */
  private async carryOver(attempt: Attempt, next: NextTasks): Promise<void> {
    const { parts, quarantine } = this
    const { loop } = attempt
    let isHeld = true
    const goOn = () => {
      if (isHeld) loop.goOn()
      isHeld = false
      this.letGo()
    }
    try {
      await changeTasks(attempt, next, parts.known, parts, {
        goOn,
        left: () => this.letDropped(),
        arrived: slots => {
          for (const { task } of slots.values()) task.judgeBy(quarantine.verdictsOf(task.id))
          this.remind(slots)
        },
        isOver: () => this.isOver || this.isCutShort || loop.hasFailed,
      })
    } catch (error) {
      loop.fail(error)
    }
    goOn()
  }

  /** Releases the tasks that have gone, and says so. */
  private async letDropped(): Promise<void> {
    if (this.dropped.size === 0 || this.isOver) return
    const tasks = [...this.dropped]
    this.dropped.clear()
    await Promise.allSettled(this.parts.sinks.map(sink => sink.release(tasks)))
    this.parts.left()
  }

  private letGo(): void {
    this.held?.end()
    this.held = undefined
  }

  /** Ends the generation: no further attempt begins, and only `drain` may still write. */
  end(): void {
    this.over.abort()
    this.attempt?.loop.stop()
    this.letGo()
  }

  /** Finishes and commits what was begun. What a rebalance brings meanwhile comes too late for it. */
  async drain(): Promise<void> {
    this.over.abort()
    this.letGo()
    await this.changing
    await this.attempt?.loop.drain()
  }

  /** Resolves after `ms`, or once the generation is over. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.over.signal }).catch(() => undefined)
  }

  /** Releases the tasks at the ends, also those of a failed attempt: an end that kept one would fail for it again and again. Does so once. */
  release(): Promise<void> {
    const tasks = () => [...this.wanted.map(({ id }) => id), ...this.dropped]
    const sinks = () => Promise.allSettled(this.parts.sinks.map(sink => sink.release(tasks())))
    this.released ??= this.close()
      .then(sinks)
      .then(() => undefined)
    return this.released
  }

  /** An end has lost a task's retained values: they are written again, now or as soon as the task is open. */
  forgot(task: string, kind: string): void {
    const slot = this.slots.get(task)
    if (slot === undefined) this.forgotten.set(task, (this.forgotten.get(task) ?? new Set()).add(kind))
    else slot.task.writeRetained(kind)
    this.loop?.wake()
  }

  private async work(committed: () => void): Promise<void> {
    const { parts } = this
    const { life, known } = parts
    const { wanted, membership, prepare, opened } = this.tasks
    await prepare()
    const open = await openTasks(wanted, known, membership, parts, () => this.isOver)
    for (const { task } of open.slots.values()) task.judgeBy(this.quarantine.verdictsOf(task.id))
    const loop = new ProcessLoop(open, { ...parts, quarantine: this.quarantine })
    this.attempt = { open, loop }
    opened(open.slots)
    this.remind(open.slots)
    if (this.isOver) return
    life.continue({ state: 'running', generation: this })
    await loop.run(() => {
      for (const service of parts.missed) parts.outages.back(service)
      parts.missed.clear()
      this.unfit = undefined
      if (!this.quarantine.isSearching) this.refusals = 0
      committed()
      parts.healthy()
    })
  }

  /** Has retained values written again that an end lost while the tasks were being opened. */
  private remind(slots: ReadonlyMap<string, Slot>): void {
    for (const [task, { task: opened }] of slots) {
      for (const kind of this.forgotten.get(task) ?? []) opened.writeRetained(kind)
      this.forgotten.delete(task)
    }
  }

  /** Rolled back: the next attempt begins from the last commit. */
  private async recover(error: Error): Promise<void> {
    const { life, tally, outages, missed, log } = this.parts
    life.continue({ state: 'waiting', generation: this, error })
    tally.rollbacks++
    if (!(error instanceof ContentError)) this.quarantine.interrupt()
    if (error instanceof ContentError) this.noteSearch(error)
    else if (error instanceof UnknownTopic || error instanceof ReopenError) log.debug(error.message)
    else if (error instanceof UnfitError) this.warnOfUnfit(error)
    else if (isOutage(error)) {
      const { service = 'Kafka' } = error
      missed.add(service)
      outages.lost(service, error)
    } else this.failures.note(error)
    await this.close()
  }

  /** Logs once what somebody has to mend (a table, a right), until it is something else. */
  private warnOfUnfit({ message }: UnfitError): void {
    if (this.unfit !== message) this.parts.log.warn(`${message}; nothing is written until it is mended`)
    this.unfit = message
  }

  /** One line for each search; what is found has its own. */
  private noteSearch({ message }: ContentError): void {
    const { log } = this.parts
    if (this.refusals++ === 0) log.warn(`${message}; looking for the record that it is about`)
    else log.debug(message)
  }

  /** Ends what the attempt holds; the tasks keep their sealed state for the next one. */
  private async close(): Promise<void> {
    // What a change has begun ends with its loop.
    await this.changing
    const { attempt, parts } = this
    this.attempt = undefined
    for (const { task } of attempt?.open.slots.values() ?? [])
      for (const input of task.inputs) parts.reader.remove(input)
    const closed = [attempt?.loop.close(), attempt?.open.ledger.close()]
    await Promise.allSettled([...closed, ...parts.sinks.map(sink => sink.abort())])
  }
}
