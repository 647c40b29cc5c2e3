import type { Finding } from './diagnosis'

/** What tells a finding from others, and stays the same while its sentence counts the seconds. */
export function findingKey({ kind, sinceMs, touches }: Pick<Finding, 'kind' | 'sinceMs' | 'touches'>): string {
  const { nodes, workers, ends, keys, topics } = touches
  return [kind, sinceMs ?? '', ...(workers ?? nodes ?? ends ?? keys ?? topics ?? []).slice(0, 1)].join(' ')
}
