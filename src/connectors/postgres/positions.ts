import type { Client } from 'pg'
import { FencedError, SinkError } from '../../errors'
import type { SinkPosition, SinkTask } from '../sink'
import { sql } from './sql-files'

const raiseEpochs = sql('raise-epochs')
const movePositions = sql('move-positions')

interface Owned {
  readonly task: string
  readonly epoch: number
  /** Everything below is in the tables. */
  next: number
}

interface Scope {
  readonly application: string
  readonly clusterId: string
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) => `${topic}[${partition}]`

/** The positions of a worker's partitions: one row per (application, cluster, topic, partition), with an epoch each. */
export class Positions {
  private readonly owned = new Map<string, Owned>()

  constructor(private readonly scope: Scope) {}

  has(task: string): boolean {
    for (const owned of this.owned.values()) if (owned.task === task) return true
    return false
  }

  release(tasks: readonly string[]): void {
    for (const [key, { task }] of this.owned) if (tasks.includes(task)) this.owned.delete(key)
  }

  /** Raises the epochs, which fences former owners, and returns the positions. Throws SinkError for one that can't be ours. */
  async take(client: Client, tasks: readonly SinkTask[]): Promise<number[]> {
    if (tasks.length === 0) return []
    const { rows } = await client.query(raiseEpochs, [
      this.scope.application,
      this.scope.clusterId,
      tasks.map(task => task.topic),
      tasks.map(task => task.partition),
      tasks.map(task => task.offset),
    ])
    const found = new Map(rows.map(row => [keyOf(row), { next: Number(row.next_offset), epoch: Number(row.epoch) }]))
    for (const task of tasks) this.check(task, found.get(keyOf(task))!.next)
    return tasks.map(task => {
      const { next, epoch } = found.get(keyOf(task))!
      this.owned.set(keyOf(task), { task: task.task, epoch, next })
      return next
    })
  }

  /** Moves the positions within the transaction. Throws FencedError when another owner has raised an epoch. */
  async move(client: Client, positions: readonly SinkPosition[]): Promise<void> {
    const owned = positions.map(position => this.owned.get(keyOf(position)))
    const foreign = positions.find((_, i) => owned[i] === undefined)
    if (foreign) throw new SinkError(`Postgres position of ${keyOf(foreign)}: its task was not opened`, { fatal: true })
    const { rows } = await client.query({
      name: 'move-positions',
      text: movePositions,
      values: [
        this.scope.application,
        this.scope.clusterId,
        positions.map(position => position.topic),
        positions.map(position => position.partition),
        positions.map((position, i) => Math.max(position.next, owned[i]!.next)),
        owned.map(one => one!.epoch),
      ],
    })
    if (rows.length === positions.length) return
    const moved = new Set(rows.map(keyOf))
    const lost = positions.map(keyOf).filter(key => !moved.has(key))
    throw new FencedError(`Postgres position of ${lost.join(', ')}: another worker has taken over`)
  }

  /** After the COMMIT: the positions as they now are. */
  moved(positions: readonly SinkPosition[]): void {
    for (const position of positions) {
      const owned = this.owned.get(keyOf(position))
      if (owned) owned.next = Math.max(owned.next, position.next)
    }
  }

  private check(task: SinkTask, next: number): void {
    const { topic, partition, offset, endOffset } = task
    const where = `Postgres position ${next} of ${topic}[${partition}]`
    const reset = `\`weir topology reset ${this.scope.application}\` starts anew`
    const detail = { task: task.task, position: { topic, partition, offset }, fatal: true }
    if (next < offset) {
      throw new SinkError(
        `${where} is behind the committed offset ${offset}: rows are missing in between; ${reset}`,
        detail,
      )
    }
    if (next > endOffset) {
      throw new SinkError(
        `${where} is past the topic's end ${endOffset}: it belongs to another topic; ${reset}`,
        detail,
      )
    }
  }
}
