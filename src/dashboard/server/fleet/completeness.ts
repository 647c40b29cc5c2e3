import type { FleetHistory } from '../../contract/fleet'

/** From fewer rows nothing can be learnt. */
const fewestRows = 6

/**
 * The share of a key's expected readings that came. The 90th percentile of its own rows is what a row is expected to hold, so that no rate has to be
 * declared. A stretch of time without a row had no readings. Null where the rows don't say how many readings they hold.
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
