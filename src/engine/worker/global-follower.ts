import type { Broker } from '../../connectors/broker'
import type { Reader, TopicPartition } from '../../connectors/source'
import type { Store } from '../../state/store'
import type { GlobalState } from './global-state'

/** Keeps a worker's global tables up with their topics: read to the end before the first record, then followed. */
export class GlobalFollower {
  private reader: Reader | undefined
  private turning: Promise<void> = Promise.resolve()
  private at: TopicPartition[] = []

  constructor(
    private readonly state: GlobalState,
    private readonly broker: Broker,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Resolves when all partitions have been read to where they ended at the call, and are followed; at once where they are already. */
  async start(): Promise<void> {
    if (this.state.topics.length === 0 || this.reader !== undefined) return
    const counts = await this.broker.partitionCounts(this.state.topics)
    const next: number[] = []
    this.at = [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    )
    for (const [i, at] of this.at.entries()) {
      next[i] = 0
      for await (const batch of this.broker.readPartition(at, undefined, undefined, 'pass')) {
        await this.state.apply(batch)
        next[i] = batch.nextOffset
      }
    }
    const reader = this.broker.createReader({ damage: 'pass' })
    this.reader = reader
    reader.onError = this.onError
    reader.onReady = () => {
      this.turning = this.turning.then(() => this.turn(reader)).catch(this.onError)
    }
    for (const [i, at] of this.at.entries()) reader.seek(at, next[i]!)
  }

  /** A global table's store, by name; undefined where the topology has no such table. */
  store(name: string): Store | undefined {
    return this.state.stores.get(name)
  }

  async close(): Promise<void> {
    await this.reader?.close()
  }

  private async turn(reader: Reader): Promise<void> {
    for (const at of this.at)
      for (let batch = reader.take(at); batch !== undefined; batch = reader.take(at)) await this.state.apply(batch)
  }
}
