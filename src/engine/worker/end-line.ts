import { type Chunk, kindOf, type Sink, type SinkPosition, type Target } from '../../connectors/sink'
import { FencedError, UnfitError } from '../../errors'
import { ofEnd } from './of-end'
import { isOutage, isPassing } from './passing'
import { add, type Tally } from './tally'

interface Step {
  readonly isCommit: boolean
  readonly run: () => void
  readonly reject: (error: unknown) => void
}

/** Whether an end may answer again by itself, as it did. */
export const isAway = (error: Error): boolean => isOutage(error) && isPassing(error) && !(error instanceof UnfitError)

/**
 * Resolves when all have, and rejects once all have settled. Another owner comes before whatever else has failed: to try again, as after the rest, would
 * fence that one.
 */
export async function settled(answers: readonly Promise<unknown>[]): Promise<void> {
  const errors = (await Promise.allSettled(answers)).flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
  const gravest = () => errors.find(error => error instanceof FencedError) ?? errors[0]
  if (errors.length > 0) throw gravest()
}

/**
 * What one end is given, in order: a commit begins when the one before it is done, and what is written behind a commit waits until that has begun, for it
 * is not to be in it. So an end may be several commits behind another. One that is away keeps its place, and whoever waits for it waits until it is given up.
 *
 *     write write commit  │ write commit │ write      the bars wait for the commit on their left but one
 */
export class EndLine {
  readonly kind: string
  /** Called once the end is away, if others may go on without it: false gives it up at once. */
  onAway: (error: Error) => boolean = () => false
  /** Why the end is away; undefined while it isn't. */
  private away: Error | undefined
  private isWaitedFor = false
  private owed = 0
  private isCommitting = false
  private readonly queue: Step[] = []
  /** Writes since the last commit. */
  private writes: Promise<void>[] = []
  /** Who waits for room: nobody, once it is left behind. */
  private readonly waiters = new Set<() => void>()
  private giveUpNow = () => {}
  private readonly givenUp = new Promise<void>(resolve => {
    this.giveUpNow = resolve
  })
  private over: { readonly error: unknown } | undefined

  constructor(
    readonly sink: Sink,
    private readonly tally: Tally | undefined,
  ) {
    this.kind = kindOf(sink)
  }

  /** Whether a commit is under way, or waits for its turn. */
  get owes(): boolean {
    return this.owed > 0
  }

  get outage(): Error | undefined {
    return this.away
  }

  /** Resolves when the end has room for more, or is left behind. Never rejects: the next commit does, and `failed` is told before it. */
  write(task: string, target: Target, chunk: Chunk, failed: (error: unknown) => void = () => {}): Promise<void> {
    const written = this.step(false, () => {
      this.count(target, chunk)
      return this.sink.write(task, target, chunk)
    })
    this.writes.push(written)
    return new Promise(resolve => {
      const leave = () => {
        this.waiters.delete(leave)
        resolve()
      }
      if (this.isLeftBehind) leave()
      else this.waiters.add(leave)
      written.catch(failed).finally(leave)
    })
  }

  /** Resolves when all that was written before the call is durable, with the positions. Where there is neither, the end isn't asked. */
  async commit(positions: readonly SinkPosition[]): Promise<void> {
    const { writes } = this
    // What a former task of the worker has broken is of no concern to those that have nothing for the end: nobody opens it again for them.
    if (writes.length === 0 && positions.length === 0) return
    this.writes = []
    this.owed++
    this.letWaiters()
    const committed = this.step(true, () => this.sink.commit(positions))
    await settled([...writes, committed])
    this.owed--
  }

  /** Whoever waits gets the error, or why the end is away: only another owner's takeover comes before that. Nothing more reaches the end. */
  giveUp(error: unknown): void {
    this.over ??= { error: error instanceof FencedError ? error : (this.away ?? error) }
    this.giveUpNow()
    for (const { reject } of this.queue.splice(0)) reject(this.over.error)
  }

  /** Whether it is away, or a commit waits for another one. */
  private get isLeftBehind(): boolean {
    return this.away !== undefined || this.owed > 1
  }

  private letWaiters(): void {
    if (this.isLeftBehind) for (const leave of this.waiters) leave()
  }

  private step(isCommit: boolean, work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const run = () => {
        if (isCommit) this.isCommitting = true
        this.asking(work).then(() => {
          resolve()
          if (isCommit) this.committed()
        }, reject)
      }
      const { away } = this
      const waits = this.queue.length > 0 || (isCommit && this.isCommitting)
      if (this.over !== undefined) reject(this.over.error)
      else if (away !== undefined && !this.isWaitedFor) reject(away)
      // Once it answers again, what has failed comes before what is new: by the next attempt.
      else if (away !== undefined || waits) this.queue.push({ isCommit, run, reject })
      else run()
    })
  }

  private count({ name }: Target, { count, bytes }: Chunk): void {
    if (this.tally === undefined) return
    add(this.tally.sinkRecords, name, count)
    add(this.tally.sinkBytes, name, bytes)
  }

  private committed(): void {
    this.isCommitting = false
    if (this.away !== undefined) return
    for (let [next] = this.queue; next !== undefined && !(next.isCommit && this.isCommitting); [next] = this.queue) {
      this.queue.shift()
      next.run()
    }
  }

  private async asking(work: () => Promise<void>): Promise<void> {
    const { kind, tally } = this
    try {
      await ofEnd(kind, tally === undefined ? work() : tally.end(kind).during(work()))
    } catch (error) {
      if (!(error instanceof Error && isAway(error) && this.mayWait(error))) throw error
      await this.givenUp
      throw this.over?.error
    }
  }

  private mayWait(error: Error): boolean {
    if (this.away === undefined) {
      this.away = error
      this.isWaitedFor = this.onAway(error)
      this.letWaiters()
    }
    return this.isWaitedFor
  }
}
