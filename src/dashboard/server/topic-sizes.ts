import type { Cluster } from '../../ops/cluster'
import { type ReplicaSizes, replicaSizes } from '../../ops/replica-sizes'

/** The least time between two requests for all sizes, ms: brokers take some time for one. */
const maxAgeMs = 5_000

/** The sizes of all replicas of the cluster, a few seconds old at most. */
export class TopicSizes {
  private latest: Promise<ReplicaSizes> | undefined
  private takenAtMs = 0

  constructor(private readonly cluster: Cluster) {}

  now(): Promise<ReplicaSizes> {
    if (this.latest !== undefined && performance.now() - this.takenAtMs < maxAgeMs) return this.latest
    this.takenAtMs = performance.now()
    const asked = replicaSizes(this.cluster, null)
    // A failure is not kept.
    asked.catch(() => {
      if (this.latest === asked) this.latest = undefined
    })
    this.latest = asked
    return asked
  }
}
