import { FencedError, SinkError } from '../../errors'
import type { SinkPosition, SinkTask } from '../sink'
import type { PostgresClient } from './postgres-client'
import { service } from './postgres-errors'
import { sql } from './sql-files'

const raiseEpochs = sql('raise-epochs')
const movePositions = sql('move-positions')
const readPositions = sql('read-positions')

interface Owned {
  readonly task: string
  readonly epoch: number
  /** Everything below is in the tables. */
  next: number
}

/** A row of `weir_positions`, as the statements above return it: a bigint comes as text. */
interface PositionRow {
  readonly topic: string
  readonly partition: number
  readonly next_offset: string
  readonly epoch: string
}

interface RaisedRow extends PositionRow {
  readonly topic_id: string
  /** Null where there was no row. */
  readonly former_id: string | null
}

export interface Scope {
  readonly application: string
  /** Kafka's cluster id: positions of another cluster's topics are others. */
  readonly clusterId: string
}

/** What a takeover has found, until it is committed. */
export interface Taken {
  /** Per task: the offset below which everything is in the tables. */
  readonly next: readonly number[]
  /** Topics that were deleted and made again: their former positions don't count. */
  readonly madeAgain: readonly string[]
  readonly owned: ReadonlyMap<string, Owned>
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) => `${topic}[${partition}]`

/** The positions of a worker's partitions: one row per (application, cluster, topic, partition), with an epoch each. */
export class Positions {
  private readonly owned = new Map<string, Owned>()

  constructor(private readonly options: Scope) {}

  has(task: string): boolean {
    for (const owned of this.owned.values()) if (owned.task === task) return true
    return false
  }

  /** The task that has opened the partition. */
  taskOf(at: { readonly topic: string; readonly partition: number }): string | undefined {
    return this.owned.get(keyOf(at))?.task
  }

  release(tasks: readonly string[]): void {
    for (const [key, { task }] of this.owned) if (tasks.includes(task)) this.owned.delete(key)
  }

  /**
   * Within a transaction: raises the epochs, which fences former owners, and returns the positions. A topic that was deleted and
   * made again starts at the committed offset. Throws SinkError for a position that can't be ours.
   */
  async take(client: PostgresClient, tasks: readonly SinkTask[]): Promise<Taken> {
    const { rows } = await client.query<RaisedRow>(raiseEpochs, [
      ...this.scope,
      tasks.map(task => task.topic),
      tasks.map(task => task.topicId),
      tasks.map(task => task.partition),
      tasks.map(task => task.offset),
    ])
    const isOther = (row: RaisedRow) => row.former_id && row.former_id !== row.topic_id
    const madeAgain = [...new Set(rows.filter(isOther).map(row => row.topic))]
    const found = new Map(rows.map(row => [keyOf(row), row]))
    const owned = new Map<string, Owned>()
    const next = tasks.map(task => {
      const row = found.get(keyOf(task))
      if (row === undefined)
        throw new SinkError(`Postgres position of ${keyOf(task)}: the takeover had no answer`, { service })
      const one = { task: task.task, epoch: Number(row.epoch), next: Number(row.next_offset) }
      this.check(task, one.next)
      owned.set(keyOf(task), one)
      return one.next
    })
    return { next, madeAgain, owned }
  }

  /** After the COMMIT of a takeover. */
  own({ owned }: Taken): void {
    for (const [key, one] of owned) this.owned.set(key, one)
  }

  /**
   * Moves the positions within the transaction. Throws FencedError when an epoch proves that another owner has taken over,
   * SinkError when a row is gone or not where this worker left it.
   */
  async move(client: PostgresClient, positions: readonly SinkPosition[]): Promise<void> {
    const owned = positions.map(position => this.ownedAt(position))
    const values = [
      ...this.scope,
      positions.map(position => position.topic),
      positions.map(position => position.partition),
      positions.map((position, i) => Math.max(position.next, owned[i]?.next ?? 0)),
      owned.map(one => one.epoch),
      owned.map(one => one.next),
    ]
    const statement = client.repeated('weir-move-positions', { text: movePositions, values })
    const { rows } = await client.query<PositionRow>(statement)
    if (rows.length === positions.length) return
    const moved = new Set(rows.map(keyOf))
    throw await this.whyNotMoved(
      client,
      positions.filter(position => !moved.has(keyOf(position))),
    )
  }

  /** After the COMMIT: the positions as they now are. */
  moved(positions: readonly SinkPosition[]): void {
    for (const position of positions) {
      const owned = this.owned.get(keyOf(position))
      if (owned) owned.next = Math.max(owned.next, position.next)
    }
  }

  private get scope(): [application: string, clusterId: string] {
    return [this.options.application, this.options.clusterId]
  }

  private ownedAt(position: SinkPosition): Owned {
    const owned = this.owned.get(keyOf(position))
    if (owned) return owned
    throw new SinkError(`Postgres position of ${keyOf(position)}: its task was not opened`, { fatal: true })
  }

  /** Only a higher epoch is proof of another owner. */
  private async whyNotMoved(
    client: PostgresClient,
    positions: readonly SinkPosition[],
  ): Promise<FencedError | SinkError> {
    const { rows } = await client.query<PositionRow>(readPositions, [
      ...this.scope,
      positions.map(position => position.topic),
      positions.map(position => position.partition),
    ])
    const fenced = rows.filter(row => Number(row.epoch) > this.ownedAt({ ...row, next: 0 }).epoch)
    if (fenced.length > 0) {
      return new FencedError(`Postgres position of ${fenced.map(keyOf).join(', ')}: another worker has taken over`)
    }
    const found = new Map(rows.map(row => [keyOf(row), row.next_offset]))
    const said = positions.map(position => {
      const next = found.get(keyOf(position))
      const left = this.ownedAt(position).next
      return `${keyOf(position)} ${next === undefined ? 'is gone' : `is ${next}`}, this worker left it at ${left}`
    })
    return new SinkError(`Postgres: somebody has changed weir_positions: ${said.join('; ')}; taking over again`, {
      service,
    })
  }

  /** What is behind the committed offset, or past the topic's end, was not written by this application from this topic. */
  private check(task: SinkTask, next: number): void {
    const { topic, partition, offset, endOffset } = task
    const fault =
      next < offset
        ? `is behind the committed offset ${offset}: the rows in between are missing, as after restoring an older backup of the database`
        : next > endOffset
          ? `is past the topic's end ${endOffset}: Kafka has lost records whose rows are here, or the topic is another one`
          : undefined
    if (fault === undefined) return
    const { application, clusterId } = this.options
    const where =
      `application = ${literal(application)} AND cluster_id = ${literal(clusterId)} ` +
      `AND topic = ${literal(topic)} AND partition = ${partition}`
    throw new SinkError(
      `Postgres position ${next} of ${keyOf(task)} ${fault}. To go on from the committed offset ${offset}: ` +
        `\`DELETE FROM weir_positions WHERE ${where}\`; to begin anew: \`weir topology reset ${application}\``,
      { task: task.task, position: { topic, partition, offset }, fatal: true },
    )
  }
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
