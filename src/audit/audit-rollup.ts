import { partitionOf } from '../connectors/kafka'
import { compareWindows, type Difference, sumOf } from './compare'
import { type Recomputed, type Window, windowKey } from './oracle'
import { tableWindows, topicWindows } from './read-rollups'
import type { AuditEnds, RunStart } from './run-start'
import type { Job, RollupSpec } from './sensors-job'
import { storedWindows } from './store-state'

export interface RollupAudit {
  readonly name: string
  /** Closed windows that there must be. */
  readonly expected: number
  /** Readings that came after their window had closed. */
  readonly late: number
  readonly inKafka: Difference
  readonly inPostgres: Difference
  /** Windows that are still open, and what the engine's store has of them. */
  readonly open: number
  readonly inStore: Difference
}

/** Where each partition of a topic ends. */
export type Until = (topic: string) => readonly number[]

/** One rollup: what the log says, by partition, against Kafka, Postgres and the store. */
export async function auditRollup(
  ends: AuditEnds,
  job: Job,
  rollup: RollupSpec,
  start: RunStart,
  partitions: ReadonlyMap<number, Recomputed>,
  until: Until,
): Promise<RollupAudit> {
  const { topic, changelog, sizeMs } = rollup
  const all = new Map<string, Window>()
  const inKafka: Difference[] = []
  const inStore: Difference[] = []
  const totals = { late: 0, open: 0 }
  for (const [partition, { bySize, timeMs }] of partitions) {
    const { closed, open, late } = bySize.get(sizeMs)!
    for (const [key, window] of closed) all.set(key, window)
    totals.late += late
    totals.open += open.size
    const from = start.ends.get(topic)![partition]!
    inKafka.push(compareWindows(closed, await topicWindows(ends, rollup, partition, from, until(topic)[partition]!)))
    const stored = await storedWindows(ends.cluster, rollup, partition, until(changelog)[partition]!)
    // The store may keep a closed window for a while.
    const stillOpen = stored.filter(window => window.end > timeMs - job.graceMs)
    inStore.push(compareWindows(open, stillOpen))
  }
  const closedBefore = (partition: number) => start.beginnings[partition]!.timeMs - job.graceMs
  const earliest = Math.min(...[...partitions.keys()].map(closedBefore))
  const inTable = await tableWindows(ends, rollup, Math.max(0, earliest))
  // What had closed before is of earlier runs.
  const rows = inTable.filter(window => {
    const partition = partitionOf(String(window.sensor), start.partitions)
    return partitions.has(partition) && (all.has(windowKey(window)) || window.end > closedBefore(partition))
  })
  return {
    name: rollup.name,
    expected: all.size,
    ...totals,
    inKafka: sumOf(inKafka),
    inPostgres: compareWindows(all, rows),
    inStore: sumOf(inStore),
  }
}
