import type { Cluster, TopicPartition } from './cluster'
import { UsageError } from './errors'
import { findOffsets, offsetsOfAll } from './offsets'
import { parseTime } from './time'

/** Where reading starts: an end of the log, an offset, so many records before the end, or a time (ms). */
export type Where =
  | 'earliest'
  | 'latest'
  | { readonly offset: number }
  | { readonly last: number }
  | { readonly timeMs: number }

/** `earliest`, `latest`, `1200`, `-10` (the last ten), `@time` (see parseTime). Throws UsageError. */
export function parseWhere(text: string, nowMs: number): Where {
  if (text === 'earliest' || text === 'beginning') return 'earliest'
  if (text === 'latest' || text === 'end') return 'latest'
  if (text.startsWith('@')) return { timeMs: parseTime(text.slice(1), nowMs) }
  const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return text.startsWith('-') ? { last: -number } : { offset: number }
  throw new UsageError(
    `"${text}" is no offset: write earliest, latest, 1200, -10 (the last ten) or @2026-11-22T15:00:00Z`,
  )
}

export interface Bounds extends TopicPartition {
  readonly first: number
  /** The last stable offset, or the high watermark for readers of uncommitted records. */
  readonly last: number
  /** Within `first` and `last`. */
  readonly from: number
  /** What was wanted comes after all that is there. */
  readonly isBeyond: boolean
}

/**
 * The ends of the partitions and where `where` is in each. Throws LeaderlessError when one has no leader for 5 s. What is no more is
 * left out.
 */
export const locate = (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  where: Where,
  readCommitted: boolean,
): Promise<Bounds[]> => boundsBy(offsetsOfAll, cluster, partitions, where, readCommitted)

/** The same of what has a leader now: for views that are looked at again in a moment. */
export const locateLed = (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  where: Where,
  readCommitted: boolean,
): Promise<Bounds[]> => boundsBy(findOffsets, cluster, partitions, where, readCommitted)

async function boundsBy(
  find: typeof findOffsets,
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  where: Where,
  readCommitted: boolean,
): Promise<Bounds[]> {
  const [first, last, timed] = await Promise.all([
    find(cluster, partitions, 'earliest'),
    find(cluster, partitions, readCommitted ? 'committed' : 'latest'),
    typeof where === 'object' && 'timeMs' in where ? find(cluster, partitions, where) : undefined,
  ])
  const bounds: Bounds[] = []
  for (const at of partitions) {
    const [low, high] = [first.get(at.topic, at.partition), last.get(at.topic, at.partition)]
    if (low === undefined || high === undefined) continue
    const wanted = aim(where, low, high, timed?.get(at.topic, at.partition))
    const from = Math.min(Math.max(wanted, low), high)
    bounds.push({ ...at, first: low, last: high, from, isBeyond: wanted > high })
  }
  return bounds
}

function aim(where: Where, low: number, high: number, timed: number | undefined): number {
  if (where === 'earliest') return low
  if (where === 'latest') return high
  if ('offset' in where) return where.offset
  if ('last' in where) return high - where.last
  return timed === undefined || timed < 0 ? high + 1 : timed
}
