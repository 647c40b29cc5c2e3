import { randomUUID } from 'node:crypto'
import {
  type Chunk,
  FencedError,
  type Sink,
  SinkError,
  type SinkPosition,
  type SinkTask,
  type Target,
} from '../../src/ends'
import { CommitLog, type Entry, placeOf } from './commit-log'
import type { FileTarget, LinesChunk } from './file-end'

interface Gathered {
  readonly task: string
  readonly lines: readonly string[]
}

/**
 * A worker's sink to one folder. It gathers lines until a commit, which writes them aside and then appends one record to the
 * folder's log: from then on they count, together with the positions that they end at.
 */
export class FileSink implements Sink {
  private readonly log: CommitLog
  /** Epochs of the partitions that this worker owns, and their tasks. */
  private readonly owned = new Map<string, { readonly task: string; readonly epoch: number }>()
  private gathered: Gathered[] = []
  private broken: Error | undefined

  constructor(readonly targets: readonly FileTarget[]) {
    const folders = new Set(targets.map(({ folder }) => folder))
    if (folders.size !== 1)
      throw new SinkError(`files: one topology writes to one folder, not to ${[...folders].join(', ')}`, {
        fatal: true,
      })
    this.log = new CommitLog([...folders][0]!)
  }

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    await this.log.open()
    if (this.broken !== undefined) this.owned.clear()
    this.broken = undefined
    this.gathered = []
    let taken: Entry[] = []
    await this.log.append(() => {
      taken = tasks.map(task => this.takenOver(task))
      return { entries: taken }
    })
    for (const [i, { task }] of tasks.entries()) this.owned.set(placeOf(taken[i]!), { task, epoch: taken[i]!.epoch })
    return taken.map(({ next }) => next)
  }

  async write(task: string, _target: Target, chunk: Chunk): Promise<void> {
    this.check()
    const places = [...this.owned].filter(([, owned]) => owned.task === task)
    if (places.length === 0) throw this.fail(new SinkError(`files: task ${task} was not opened`, { task }))
    this.gathered.push({ task, lines: (chunk as LinesChunk).lines })
  }

  async commit(positions: readonly SinkPosition[]): Promise<void> {
    this.check()
    const gathered = this.gathered
    this.gathered = []
    const covered = new Set(positions.map(position => this.owned.get(placeOf(position))?.task))
    const open = gathered.find(({ task }) => !covered.has(task))
    if (open !== undefined)
      throw this.fail(new SinkError(`files: a commit without a position of task ${open.task}`, { fatal: true }))
    if (positions.length === 0) return
    const lines = gathered.flatMap(each => each.lines)
    try {
      const rows = lines.length > 0 ? await this.log.write(randomUUID(), `${lines.join('\n')}\n`) : undefined
      await this.log.append(() => {
        const entries = positions.map(position => this.moved(position))
        return rows === undefined ? { entries } : { entries, rows }
      })
    } catch (error) {
      throw this.fail(error instanceof FencedError ? error : new SinkError(`files: ${(error as Error).message}`))
    }
  }

  async abort(): Promise<void> {
    this.gathered = []
  }

  async release(tasks: readonly string[]): Promise<void> {
    for (const [place, { task }] of this.owned) if (tasks.includes(task)) this.owned.delete(place)
  }

  async close(): Promise<void> {
    this.owned.clear()
  }

  /** A partition as its new owner finds it. A topic that was made again is another one: its offsets begin anew. */
  private takenOver(task: SinkTask): Entry {
    const known = this.log.entry(placeOf(task))
    const topicId = task.topicId || (known?.topicId ?? '')
    const isOther = known !== undefined && known.topicId !== '' && known.topicId !== topicId
    const next = known === undefined || isOther ? task.offset : known.next
    if (next < task.offset || next > task.endOffset)
      throw new SinkError(
        `files: ${placeOf(task)} stands at ${next}, which is not within ${task.offset} … ${task.endOffset}; \`weir topology reset\` starts anew`,
        { task: task.task, fatal: true },
      )
    const { topic, partition } = task
    return { topic, partition, topicId, next, epoch: (known?.epoch ?? 0) + 1 }
  }

  /** Throws FencedError when the partition has another owner by now. */
  private moved(position: SinkPosition): Entry {
    const place = placeOf(position)
    const known = this.log.entry(place)
    if (known === undefined || known.epoch !== this.owned.get(place)?.epoch)
      throw new FencedError(`files: another worker has taken over ${place}`)
    return { ...known, next: Math.max(known.next, position.next) }
  }

  private check(): void {
    if (this.broken !== undefined) throw this.broken
  }

  private fail<E extends Error>(error: E): E {
    this.broken = error
    return error
  }
}
