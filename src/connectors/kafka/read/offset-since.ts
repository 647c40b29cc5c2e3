import type { TopicPartition } from '../../source'
import { LATEST } from '../protocol/offsets'
import type { Cluster } from '../wire/cluster'
import { offsetAt } from './offset-at'

/**
 * The first offset at or after `timestamp` (ms); past the last record where there is none. Retries for 30 s. The end is asked for first: asked
 * for afterwards, it would lie behind a record that came in between, and nobody would read that one.
 */
export async function offsetSince(cluster: Cluster, at: TopicPartition, timestamp: number): Promise<number> {
  const end = await offsetAt({ cluster, readCommitted: false }, at, LATEST)
  const since = await offsetAt({ cluster }, at, timestamp)
  return since >= 0 ? since : end
}
