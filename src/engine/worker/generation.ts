import { setTimeout as sleep } from 'node:timers/promises'
import type { Membership } from '../../connectors/ledger'
import {
  ContentError,
  DecodeError,
  FencedError,
  InDoubtError,
  ProcessError,
  SinkError,
  TopologyError,
  UnavailableError,
  UnfitError,
} from '../../errors'
import { UnknownTopic } from '../task/output-topics'
import type { Lifecycle } from './lifecycle'
import { type LoopOptions, ProcessLoop } from './loop/process-loop'
import { type OpenTasks, openTasks, type Slot, type WorkerParts } from './open-tasks'
import { Quarantine } from './quarantine'
import type { WantedTask } from './wanted-task'

const firstPauseMs = 100
const longestPauseMs = 5_000
/** A failure so long after the same one is a new one, ms. */
const sameFailureMs = 60_000

export interface GenerationParts extends WorkerParts, LoopOptions {
  readonly life: Lifecycle<Generation>
  readonly membership: Membership
  readonly wanted: readonly WantedTask[]
  /** Tasks of former generations, whose state may still be the committed one. */
  readonly known: Map<string, Slot>
  /** Called before the first record: reads global tables, and the settings of the topics that are written to. */
  readonly prepare: () => Promise<void>
  readonly opened: (slots: Map<string, Slot>) => void
  /** A commit went well, or a check found nothing to commit. */
  readonly healthy: () => void
}

/** The tasks of one attempt. */
interface Attempt {
  readonly open: OpenTasks
  readonly loop: ProcessLoop
}

/**
 * A worker's time as the owner of some tasks, from one assignment to the next: opens and runs them, and does both again after a
 * failure, whichever service it was.
 */
export class Generation {
  private readonly over = new AbortController()
  private readonly quarantine = new Quarantine()
  private attempt: Attempt | undefined
  private released: Promise<void> | undefined
  /** Tasks that weren't open yet when ends lost their retained values, and the kinds of those ends. */
  private readonly forgotten = new Map<string, Set<string>>()
  /** Services for which an attempt has failed: a commit shows that they are back. */
  private readonly missed = new Set<string>()
  /** What has to be mended at an end, as it was logged last. */
  private unfit: string | undefined
  /** What it failed for last that is neither an outage nor a record's fault, and when (monotonic ms). */
  private failed = { kind: '', atMs: Number.NEGATIVE_INFINITY }
  /** Commits that ends have refused since the search began. */
  private refusals = 0

  constructor(private readonly parts: GenerationParts) {}

  /** The tasks at work. */
  get slots(): ReadonlyMap<string, Slot> {
    return this.attempt?.open.slots ?? new Map()
  }

  /** The tasks that were assigned, at work or not. */
  get wanted(): readonly WantedTask[] {
    return this.parts.wanted
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
          error instanceof ContentError || error instanceof UnknownTopic
            ? 0
            : Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2))
        await this.pause(pauseMs)
        this.parts.life.continue({ state: 'opening', generation: this })
      }
    }
  }

  /** Ends the generation: no further attempt begins, and only `drain` may still write. */
  end(): void {
    this.over.abort()
    this.attempt?.loop.stop()
  }

  /** Finishes and commits what was begun. */
  async drain(): Promise<void> {
    this.over.abort()
    await this.attempt?.loop.drain()
  }

  /** Resolves after `ms`, or once the generation is over. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.over.signal }).catch(() => undefined)
  }

  get isReleased(): boolean {
    return this.released !== undefined
  }

  /** Releases the tasks at the ends, also those of a failed attempt: an end that kept one would fail for it again and again. Does so once. */
  release(): Promise<void> {
    const tasks = this.parts.wanted.map(({ id }) => id)
    const sinks = () => Promise.allSettled(this.parts.sinks.map(sink => sink.release(tasks)))
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
    const { life, wanted, known, membership } = parts
    await parts.prepare()
    const open = await openTasks(wanted, known, membership, parts, () => this.isOver)
    for (const { task } of open.slots.values()) task.judgeBy(this.quarantine.verdictsOf(task.id))
    const loop = new ProcessLoop(open, { ...parts, quarantine: this.quarantine })
    this.attempt = { open, loop }
    parts.opened(open.slots)
    for (const [task, kinds] of this.forgotten) for (const kind of kinds) open.slots.get(task)?.task.writeRetained(kind)
    this.forgotten.clear()
    if (this.isOver) return
    life.continue({ state: 'running', generation: this })
    await loop.run(() => {
      for (const service of this.missed) parts.outages.back(service)
      this.missed.clear()
      this.unfit = undefined
      if (!this.quarantine.isSearching) this.refusals = 0
      committed()
      parts.healthy()
    })
  }

  /** Rolled back: the next attempt begins from the last commit. */
  private async recover(error: Error): Promise<void> {
    const { life, tally, outages, log } = this.parts
    life.continue({ state: 'waiting', generation: this, error })
    tally.rollbacks++
    if (!(error instanceof ContentError)) this.quarantine.interrupt()
    if (error instanceof ContentError) this.noteSearch(error)
    else if (error instanceof UnknownTopic) log.debug(error.message)
    else if (error instanceof UnfitError) this.warnOfUnfit(error)
    else if (isOutage(error)) {
      const { service = 'Kafka' } = error
      this.missed.add(service)
      outages.lost(service, error)
    } else this.logFailure(error)
    await this.close()
  }

  /** Logs once what attempts fail for, until they have not for a while: there is one every few seconds, for as long as nobody looks. */
  private logFailure(error: Error): void {
    const { log, clock } = this.parts
    // Figures differ from attempt to attempt.
    const kind = `${error.name} ${error.message.replace(/\d+/g, '0')}`
    const atMs = clock.monotonic()
    const isSame = this.failed.kind === kind && atMs - this.failed.atMs < sameFailureMs
    const line = `${error.message}; rolled back, trying again`
    if (isSame) log.debug({ err: error }, line)
    else log.error({ err: error }, line)
    this.failed = { kind, atMs }
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
    const { attempt } = this
    const { reader, sinks } = this.parts
    this.attempt = undefined
    for (const { task } of attempt?.open.slots.values() ?? []) for (const input of task.inputs) reader.remove(input)
    await Promise.allSettled([...sinks.map(sink => sink.abort()), attempt?.open.ledger.close()])
  }
}

/** Whether another attempt may succeed. After a fencing it can't: the tasks are another worker's. */
function isPassing(error: unknown): boolean {
  if (error instanceof FencedError) return false
  if (error instanceof TopologyError || error instanceof ProcessError || error instanceof DecodeError) return false
  return !(error instanceof SinkError && error.fatal)
}

/** A service that isn't there; a commit in doubt is one whose answer was lost. */
const isOutage = (error: Error): error is UnavailableError | SinkError | InDoubtError =>
  error instanceof UnavailableError || error instanceof SinkError || error instanceof InDoubtError
