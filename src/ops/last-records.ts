import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { entryOf, itemAt } from '../required'
import type { Cluster } from './cluster'
import { scan } from './scan'
import type { Bounds } from './where'

/**
 * Where the last `count` records of each partition begin. Offsets alone don't say it: markers, aborted transactions and
 * compaction leave fewer records than offsets, and then it looks further back.
 */
export async function lastStarts(
  cluster: Cluster,
  bounds: readonly Bounds[],
  count: number,
  readCommitted: boolean,
): Promise<Bounds[]> {
  if (count === 0) return [...bounds]
  const found = new Map<number, number>()
  let open = bounds.filter(({ first, last }) => first < last)
  for (let back = count; open.length > 0; back *= 4) {
    const ranges = open.map(({ topic, partition, first, last }) => ({
      ...{ topic, partition, to: last },
      from: Math.max(first, last - back),
    }))
    const offsets = new Map(ranges.map(({ partition }) => [partition, [] as number[]]))
    for await (const batch of scan(cluster, ranges, { readCommitted })) {
      const own = entryOf(offsets, batch.partition)
      own.push(...(batch as ConsumedBatch).offsets.subarray(0, batch.count))
      if (own.length > 2 * count) own.splice(0, own.length - count)
    }
    for (const { partition, from } of ranges) found.set(partition, entryOf(offsets, partition).at(-count) ?? from)
    open = open.filter(
      ({ partition, first }, i) => entryOf(offsets, partition).length < count && itemAt(ranges, i).from > first,
    )
  }
  return bounds.map(each => ({ ...each, from: found.get(each.partition) ?? each.from }))
}
