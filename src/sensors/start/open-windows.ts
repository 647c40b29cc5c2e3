import { keyText, valueText } from '../../connectors/batch'
import { type Cluster, readPartition } from '../../connectors/kafka'
import { entryOf, itemAt, required } from '../../required'
import type { RunStart } from '../audit/run-start'
import { endsOf } from '../audit/run-start'
import type { Job, RollupSpec } from '../audit/sensors-job'

/** One rollup's store in one partition. */
interface Followed {
  readonly rollup: RollupSpec
  readonly partition: number
  /** Ends of its windows, by their keys in the changelog. */
  readonly ends: Map<string, number>
  /** Up to when its windows have closed. */
  closedTo: number
}

/** Follows the stores' changelogs and times: how many windows are open. Reads only what is new with each look. */
export class OpenWindows {
  private readonly stores: Followed[]
  /** Where the next look goes on, by topic and partition. */
  private readonly read = new Map<string, number>()

  constructor(
    private readonly cluster: Cluster,
    private readonly job: Job,
    private readonly start: RunStart,
  ) {
    this.stores = job.rollups.flatMap(rollup =>
      start.beginnings.map(({ open }, partition) => {
        const windows = open.get(rollup.sizeMs) ?? []
        const ends = new Map(windows.map(({ sensor, start, end }) => [JSON.stringify([String(sensor), start]), end]))
        return { rollup, partition, ends, closedTo: -1 }
      }),
    )
  }

  async count(): Promise<number> {
    for (const { changelog } of this.job.rollups)
      await this.follow(changelog, (partition, key, value) => {
        const store = this.stores.find(each => each.partition === partition && each.rollup.changelog === changelog)
        const { ends, rollup } = required(store, `partition ${partition} of ${changelog}`)
        if (value === undefined) ends.delete(key)
        else ends.set(key, (JSON.parse(key) as [string, number])[1] + rollup.sizeMs)
      })
    await this.follow(this.job.times, (partition, key, value) => {
      for (const store of this.stores)
        if (store.partition === partition && store.rollup.closedKey === key) store.closedTo = Number(value ?? -1)
    })
    let count = 0
    for (const { ends, closedTo } of this.stores) {
      for (const [key, end] of ends) if (end <= closedTo) ends.delete(key)
      count += ends.size
    }
    return count
  }

  /** Reads what a topic has got since the last look. */
  private async follow(
    topic: string,
    take: (partition: number, key: string, value: string | undefined) => void,
  ): Promise<void> {
    const ends = await endsOf(this.cluster, topic, this.start.partitions)
    for (const [partition, end] of ends.entries()) {
      const from = this.read.get(`${topic}/${partition}`) ?? itemAt(entryOf(this.start.ends, topic), partition)
      const batches = readPartition({ cluster: this.cluster }, { topic, partition }, from, end)
      for await (const batch of batches)
        for (let i = 0; i < batch.count; i++) take(partition, keyText(batch, i) ?? '', valueText(batch, i))
      this.read.set(`${topic}/${partition}`, end)
    }
  }
}
