import { ContentError, FencedError, SinkError, type StreamError, UnavailableError } from '../../errors'
import { entryOf } from '../../required'
import type { Chunk, Sink, SinkPosition, SinkTask, Target } from '../sink'
import type { MemoryEnd, MemoryRefusal, MemoryRow } from './memory-end'
import type { MemoryChunk, MemoryTarget } from './memory-target'

interface Owned {
  readonly task: string
  readonly epoch: number
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) => `${topic}[${partition}]`

/**
 * A worker's sink to a MemoryEnd, which behaves as a transactional database with positions and epochs; or, at least once, as a broker that
 * delivers at once what it is sent.
 */
export function createMemorySink(targets: readonly MemoryTarget[], end: MemoryEnd): Sink {
  return new MemorySink(targets, end)
}

class MemorySink implements Sink {
  onForgotten?: (task: string) => void
  private readonly owned = new Map<string, Owned>()
  private gathered: { readonly task: string; readonly row: MemoryRow }[] = []
  private broken: StreamError | undefined
  /** What was refused of rows that were delivered at once: the next commit tells. */
  private refused: StreamError | undefined
  private readonly isTransactional: boolean

  constructor(
    readonly targets: readonly MemoryTarget[],
    private readonly end: MemoryEnd,
  ) {
    this.isTransactional = targets.every(({ end: { guarantee } }) => guarantee === 'exactly_once')
  }

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    if (this.end.down) throw new UnavailableError('memory end: it is down')
    if (this.broken) await this.abort()
    this.broken = this.refused = undefined
    return tasks.map(task => this.take(task))
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    this.check()
    if (![...this.owned.values()].some(owned => owned.task === task)) {
      throw this.fail(new SinkError(`memory end: task ${task} was not opened`, { task }))
    }
    for (const { record, origin } of (chunk as MemoryChunk).rows) {
      const row = { target: target.name, record, origin }
      this.checkRow(row, 'write')
      if (this.isTransactional) this.gathered.push({ task, row })
      else this.deliver(row)
    }
  }

  async commit(positions: readonly SinkPosition[]): Promise<void> {
    this.check()
    const rows = this.gathered
    this.gathered = []
    const covered = new Set(positions.map(position => this.owned.get(keyOf(position))?.task))
    const open = rows.find(({ task }) => !covered.has(task))
    if (open)
      throw this.fail(new SinkError(`memory end: a commit without a position of task ${open.task}`, { fatal: true }))
    await this.end.commitTakes()
    this.store(
      rows.map(({ row }) => row),
      positions,
    )
  }

  async abort(): Promise<void> {
    this.gathered = []
    this.refused = undefined
  }

  async release(tasks: readonly string[]): Promise<void> {
    for (const [key, { task }] of this.owned) if (tasks.includes(task)) this.owned.delete(key)
  }

  async close(): Promise<void> {
    this.owned.clear()
    this.gathered = []
  }

  private take(task: SinkTask): number {
    const key = keyOf(task)
    const stored = this.end.positions.get(key)
    const topicId = task.topicId || (stored?.topicId ?? '')
    const isOther = stored !== undefined && stored.topicId !== '' && stored.topicId !== topicId
    const next = !this.isTransactional ? 0 : stored === undefined || isOther ? task.offset : stored.next
    const epoch = (stored?.epoch ?? 0) + 1
    this.end.positions.set(key, { topicId, next, epoch })
    if (this.isTransactional && (next < task.offset || next > task.endOffset)) {
      throw new SinkError(
        `memory end: position ${next} of ${key} is not within ${task.offset} … ${task.endOffset}; ` +
          '`weir topology reset` starts anew',
        { task: task.task, fatal: true },
      )
    }
    this.owned.set(key, { task: task.task, epoch })
    if (this.targets.some(target => target.retains)) this.onForgotten?.(task.task)
    return next
  }

  private store(rows: readonly MemoryRow[], positions: readonly SinkPosition[]): void {
    this.check()
    // Of rows too that were written since the call: an answer says no more than that something was refused.
    if (this.refused !== undefined) throw this.fail(this.refused)
    const { end } = this
    for (const position of positions) {
      const key = keyOf(position)
      if (this.owned.get(key)?.epoch !== end.positions.get(key)?.epoch) {
        throw this.fail(new FencedError(`memory end: another worker has taken over ${key}`))
      }
    }
    const failing = end.failNextCommit
    end.failNextCommit = undefined
    if (failing === 'before') throw this.fail(new SinkError('memory end: the commit failed'))
    for (const row of rows) this.checkRow(row, 'commit')
    for (const position of positions) {
      const stored = entryOf(end.positions, keyOf(position))
      end.positions.set(keyOf(position), { ...stored, next: Math.max(stored.next, position.next) })
    }
    for (const row of rows) end.rows.push(row)
    if (failing === 'after') throw this.fail(new SinkError('memory end: the commit was not answered'))
  }

  /** A broker has no transaction: the other rows of a refused commit are delivered all the same. */
  private deliver(row: MemoryRow): void {
    const refusal = this.refusalOf(row, 'commit')
    if (refusal === undefined) this.end.rows.push(row)
    else this.refused ??= refusal
  }

  private checkRow(row: MemoryRow, now: MemoryRefusal['at']): void {
    const refusal = this.refusalOf(row, now)
    if (refusal !== undefined) throw this.fail(refusal)
  }

  private refusalOf(row: MemoryRow, now: MemoryRefusal['at']): ContentError | undefined {
    const refusal = this.end.refuses(row)
    if (refusal === undefined || refusal.at !== now) return undefined
    return new ContentError(`memory end: ${refusal.reason}`, refusal.saysWhich ? { position: { ...row.origin } } : {})
  }

  private check(): void {
    if (this.broken) throw this.broken
    if (this.end.down) throw this.fail(new SinkError('memory end: it is down'))
  }

  private fail(error: StreamError): StreamError {
    this.broken ??= error
    return this.broken
  }
}
