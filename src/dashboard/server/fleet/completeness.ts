import type { FleetHistory } from '../../contract/fleet'

/** Fewer rows say nothing of what is usual. */
const fewestRows = 6

/**
 * Which share of a key's readings came: what most of its own full stretches hold is what was to be expected (the 90th percentile), so that no rate has to be
 * declared. A stretch without a row had none. Null where the rows don't say how many they hold.
 */
export function completenessOf(
  fromMs: readonly number[],
  counts: readonly number[],
  everyMs: number,
): FleetHistory['completeness'] {
  const [first, last] = [fromMs[0], fromMs.at(-1)]
  if (first === undefined || last === undefined || counts.length < fewestRows || everyMs <= 0) return null
  const sorted = [...counts].sort((a, b) => a - b)
  const expected = sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 0
  if (expected <= 0) return null
  const rows = Math.round((last - first) / everyMs) + 1
  const came = counts.reduce((sum, each) => sum + Math.min(each, expected), 0)
  return {
    share: Math.min(1, came / (expected * rows)),
    expected,
    everyMs,
    missingRows: Math.max(0, rows - counts.length),
  }
}
