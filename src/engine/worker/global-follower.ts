import type { Broker } from '../../connectors/broker'
import type { Reader, TopicPartition } from '../../connectors/source'
import { itemAt } from '../../required'
import type { Store } from '../../state/store'
import type { GlobalState } from './global-state'

/** Keeps a worker's global tables up to date: their topics are read to the end before the first record, then followed. */
export class GlobalFollower {
  private reader: Reader | undefined
  private turning: Promise<void> = Promise.resolve()
  private at: readonly TopicPartition[] = []

  constructor(
    private readonly state: GlobalState,
    private readonly broker: Broker,
    private readonly onError: (error: Error) => void,
  ) {}

  get topics(): readonly string[] {
    return this.state.topics
  }

  /** Resolves when all partitions are read to where they ended at the call, and are followed from there; at once where they already are. */
  async start(): Promise<void> {
    if (this.topics.length === 0) return
    const counts = await this.broker.partitionCounts(this.topics)
    const isNew = (at: TopicPartition) =>
      !this.at.some(each => each.topic === at.topic && each.partition === at.partition)
    const added = [...counts]
      .flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })))
      .filter(isNew)
    const next: number[] = []
    for (const [i, at] of added.entries()) {
      next[i] = 0
      for await (const batch of this.broker.readPartition(at, undefined, undefined, 'pass')) {
        await this.state.apply(batch)
        next[i] = batch.nextOffset
      }
    }
    this.reader ??= this.open()
    for (const [i, at] of added.entries()) this.reader.seek(at, itemAt(next, i))
    this.at = [...this.at, ...added]
  }

  /** A global table's store, by name; undefined where the topology has no such table. */
  store(name: string): Store | undefined {
    return this.state.stores.get(name)
  }

  async close(): Promise<void> {
    await this.reader?.close()
  }

  private open(): Reader {
    const reader = this.broker.createReader({ damage: 'pass' })
    reader.onError = this.onError
    reader.onReady = () => {
      this.turning = this.turning.then(() => this.turn(reader)).catch(this.onError)
    }
    return reader
  }

  private async turn(reader: Reader): Promise<void> {
    for (const at of this.at)
      for (let batch = reader.take(at); batch !== undefined; batch = reader.take(at)) await this.state.apply(batch)
  }
}
