import { FencedError, SinkError, type StreamError, UnavailableError } from '../../errors'
import type { Chunk, Sink, SinkPosition, SinkTask, Target } from '../sink'
import type { MemoryEnd, MemoryRow } from './memory-end'
import type { MemoryChunk, MemoryTarget } from './memory-target'

interface Owned {
  readonly task: string
  readonly epoch: number
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) => `${topic}[${partition}]`

/** A worker's sink to a MemoryEnd, which behaves as a transactional database with positions and epochs. */
export function createMemorySink(targets: readonly MemoryTarget[], end: MemoryEnd): Sink {
  return new MemorySink(targets, end)
}

class MemorySink implements Sink {
  onForgotten?: (task: string) => void
  private readonly owned = new Map<string, Owned>()
  private gathered: { readonly task: string; readonly row: MemoryRow }[] = []
  private broken: StreamError | undefined

  constructor(
    readonly targets: readonly MemoryTarget[],
    private readonly end: MemoryEnd,
  ) {}

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    if (this.end.down) throw new UnavailableError('memory end: it is down')
    if (this.broken) await this.abort()
    this.broken = undefined
    return tasks.map(task => this.take(task))
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    this.check()
    if (![...this.owned.values()].some(owned => owned.task === task)) {
      throw this.fail(new SinkError(`memory end: task ${task} was not opened`, { task }))
    }
    for (const { record, origin } of (chunk as MemoryChunk).rows) {
      this.gathered.push({ task, row: { target: target.name, record, origin } })
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
    // As a database does it while the next rows are gathered.
    await new Promise(resolve => setImmediate(resolve))
    this.store(
      rows.map(({ row }) => row),
      positions,
    )
  }

  async abort(): Promise<void> {
    this.gathered = []
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
    const next = stored === undefined || isOther ? task.offset : stored.next
    const epoch = (stored?.epoch ?? 0) + 1
    this.end.positions.set(key, { topicId, next, epoch })
    if (next < task.offset || next > task.endOffset) {
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
    for (const position of positions) {
      const stored = end.positions.get(keyOf(position))!
      end.positions.set(keyOf(position), { ...stored, next: Math.max(stored.next, position.next) })
    }
    for (const row of rows) end.rows.push(row)
    if (failing === 'after') throw this.fail(new SinkError('memory end: the commit was not answered'))
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
