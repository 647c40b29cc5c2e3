import type { Broker } from '../connectors/broker'
import type { Topology } from '../dsl/graph'
import { copartitioned } from '../engine/plan/passes/copartition'
import { homed } from '../engine/plan/passes/homed'
import { type Plan, planOf, sourceTopics } from '../engine/plan/plan'
import { type Manifest, readManifest } from '../engine/plan/state-manifest'

export interface Planned {
  readonly plan: Plan
  /** Topics that it was grown for. */
  readonly grown: readonly string[]
  /** What the application has kept of its state: it is read once a start, since its topic may be long. */
  readonly manifest: Manifest
}

/** The plan of a topology on the topics that it has, and on those of them that it was grown for. */
export async function planFor(topology: Topology, broker: Broker): Promise<Planned> {
  const existing = await broker.partitionCounts(sourceTopics(topology))
  const manifest = await readManifest(topology.name, broker)
  const { grown } = manifest
  return { plan: planOf(copartitioned(homed(topology, grown), existing)), grown, manifest }
}
