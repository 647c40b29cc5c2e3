import { entryOf } from '../required'
import type { Cluster } from './cluster'
import { offsetsOfAll } from './offsets'
import { scan } from './scan'
import { topicConfig } from './topic-config'
import { partitionsOf } from './topics'
import { warnOfDamage } from './warn-of-damage'

export interface PartitionCount {
  readonly topic: string
  readonly partition: number
  readonly first: number
  /** The last stable offset: open transactions are not counted. */
  readonly last: number
  readonly records: number
}

export interface TopicCount {
  readonly topic: string
  readonly records: number
  /** True when every record was read; otherwise `records` is the number of offsets. */
  readonly exact: boolean
  /** Why the number of offsets may be more than that of the records. Empty with `exact`. */
  readonly approximateBecause: readonly string[]
  readonly partitions: readonly PartitionCount[]
}

export interface CountOptions {
  readonly exact?: boolean
  readonly partitions?: readonly number[]
  /** Told now and then, while records are read, how many offsets of `total` are behind. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/**
 * How many records a topic has. Without `exact` from its offsets alone, which is quick and at times too much: compaction leaves
 * holes, and each transaction leaves a marker. Throws NotFoundError, LeaderlessError.
 */
export async function countRecords(cluster: Cluster, topic: string, options: CountOptions = {}): Promise<TopicCount> {
  const partitions = await partitionsOf(cluster, topic, options.partitions)
  const [first, last] = await Promise.all([
    offsetsOfAll(cluster, partitions, 'earliest'),
    offsetsOfAll(cluster, partitions, 'committed'),
  ])
  const ranges = partitions.map(({ partition }) => ({
    ...{ topic, partition },
    first: first.get(topic, partition) ?? 0,
    last: last.get(topic, partition) ?? 0,
  }))
  const counted = options.exact ? await readAll(cluster, ranges, options) : undefined
  const rows = ranges.map(range => ({
    ...range,
    records: counted === undefined ? range.last - range.first : (counted.get(range.partition) ?? 0),
  }))
  return {
    topic,
    records: rows.reduce((sum, row) => sum + row.records, 0),
    exact: options.exact === true,
    approximateBecause: options.exact ? [] : await whyApproximate(cluster, topic),
    partitions: rows,
  }
}

/** Why a topic may have fewer records than offsets. */
export async function whyApproximate(cluster: Cluster, topic: string): Promise<string[]> {
  const found = ['transactions leave markers, and aborted records']
  const policy = (await topicConfig(cluster, topic)).find(each => each.name === 'cleanup.policy')?.value ?? ''
  if (policy.includes('compact')) found.unshift('compaction leaves holes')
  return found
}

async function readAll(
  cluster: Cluster,
  ranges: readonly Omit<PartitionCount, 'records'>[],
  { onProgress, signal }: CountOptions,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  const total = ranges.reduce((sum, { first, last }) => sum + last - first, 0)
  const next = new Map(ranges.map(({ partition, first }) => [partition, first]))
  let done = 0
  const parts = ranges.map(({ topic, partition, first, last }) => ({ topic, partition, from: first, to: last }))
  for await (const batch of scan(cluster, parts, signal === undefined ? {} : { signal })) {
    warnOfDamage(batch)
    counts.set(batch.partition, (counts.get(batch.partition) ?? 0) + batch.count)
    done += batch.nextOffset - entryOf(next, batch.partition)
    next.set(batch.partition, batch.nextOffset)
    onProgress?.(done, total)
  }
  return counts
}
