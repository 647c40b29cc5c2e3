import type { RunStart } from '../../audit/run-start'
import { endsOf } from '../../audit/run-start'
import type { Job } from '../../audit/sensors-job'
import { type Cluster, readPartition } from '../../connectors/kafka'

/** Follows the stores' changelogs: how many windows are open. Reads only what is new with each look. */
export class OpenWindows {
  private readonly keys = new Map<string, Set<string>>()
  private readonly read = new Map<string, number>()

  constructor(
    private readonly cluster: Cluster,
    private readonly job: Job,
    private readonly start: RunStart,
  ) {
    for (const { changelog, sizeMs } of job.rollups) {
      for (const [partition, { open }] of start.beginnings.entries()) {
        const keys = (open.get(sizeMs) ?? []).map(window => JSON.stringify([String(window.sensor), window.start]))
        this.keys.set(`${changelog}/${partition}`, new Set(keys))
        this.read.set(`${changelog}/${partition}`, start.ends.get(changelog)![partition]!)
      }
    }
  }

  async count(): Promise<number> {
    let count = 0
    for (const { changelog } of this.job.rollups) {
      const ends = await endsOf(this.cluster, changelog, this.start.partitions)
      for (const [partition, end] of ends.entries()) count += await this.follow(changelog, partition, end)
    }
    return count
  }

  private async follow(topic: string, partition: number, end: number): Promise<number> {
    const name = `${topic}/${partition}`
    const keys = this.keys.get(name)!
    for await (const batch of readPartition(
      { cluster: this.cluster },
      { topic, partition },
      this.read.get(name)!,
      end,
    )) {
      for (let i = 0; i < batch.count; i++) {
        const key = batch.buffer.toString('utf8', batch.keyStart[i]!, batch.keyEnd[i]!)
        if (batch.valueStart[i]! < 0) keys.delete(key)
        else keys.add(key)
      }
    }
    this.read.set(name, end)
    return keys.size
  }
}
