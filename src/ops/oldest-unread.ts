import type { Cluster } from './cluster'
import type { GroupRow } from './describe-group'
import { scan } from './scan'

/** So many partitions are looked at, those with the largest lag. */
const maxPartitions = 16
/** A look takes no longer, ms. */
const limitMs = 3_000

/**
 * The Kafka timestamp (ms) of the oldest record that a group hasn't read, of the partitions that are furthest behind; undefined where there is none, or where
 * compaction has taken it.
 */
export async function oldestUnread(
  cluster: Cluster,
  partitions: readonly Pick<GroupRow, 'topic' | 'partition' | 'currentOffset' | 'lag'>[],
): Promise<number | undefined> {
  const ranges = [...partitions]
    .sort((a, b) => (b.lag ?? 0) - (a.lag ?? 0))
    .slice(0, maxPartitions)
    .flatMap(({ topic, partition, currentOffset, lag }) =>
      currentOffset === null || !lag ? [] : [{ topic, partition, from: currentOffset, to: currentOffset + 1 }],
    )
  let oldest: number | undefined
  for await (const { count, timestamps } of scan(cluster, ranges, { signal: AbortSignal.timeout(limitMs) })) {
    for (let i = 0; i < count; i++) oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, timestamps[i] ?? 0)
  }
  return oldest
}
