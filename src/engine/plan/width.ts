import type { SubTopology } from './plan'

/** Number of tasks of a sub-topology: the most partitions that one of its topics has. */
export function partitionsOf(part: SubTopology, counts: ReadonlyMap<string, number>): number {
  return Math.max(0, ...part.sources.map(source => counts.get(source.spec.topic) ?? 0))
}
