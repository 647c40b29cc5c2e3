import type { Figure } from './store-log'

/** What a figure's places amount to, by its kind; those of other kinds are shown as they are. */
const results: Readonly<Record<string, (places: readonly number[]) => unknown>> = {
  mean: ([sum = 0, count = 0]) => sum / count,
  first: ([, value]) => value,
  last: ([, value]) => value,
  stddev: ([count = 0, , squares = 0]) => (count < 2 ? 0 : Math.sqrt(squares / (count - 1))),
}

/** An aggregate of named figures with its names, as the topology's author sees it. */
export function namedFigures(state: readonly unknown[], figures: readonly Figure[]): Record<string, unknown> {
  const named: [string, unknown][] = []
  let at = 0
  for (const { name, places, kind = '' } of figures) {
    const own = state.slice(at, at + places)
    at += places
    const result = Object.hasOwn(results, kind) ? results[kind] : undefined
    named.push([name, result?.(own as number[]) ?? (places === 1 ? own[0] : own)])
  }
  return Object.fromEntries(named)
}
