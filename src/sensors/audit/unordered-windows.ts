import { entryOf, itemAt } from '../../required'
import { type Window, windowKey } from './oracle'
import type { RunStart } from './run-start'

/**
 * Windows of partitions whose readings came by several topics: the log doesn't tell in which order those were processed. Every
 * reading counts, none is late, and a sum is right but for its last digits.
 */
export class UnorderedWindows {
  private readonly windows = new Map<number, Map<string, Window>[]>()

  constructor(
    private readonly sizesMs: readonly number[],
    start: RunStart,
    partitions: readonly number[],
  ) {
    for (const partition of partitions) {
      const { open } = itemAt(start.beginnings, partition)
      const bySize = sizesMs.map(size =>
        (open.get(size) ?? []).map(window => [windowKey(window), { ...window }] as const),
      )
      this.windows.set(
        partition,
        bySize.map(entries => new Map(entries)),
      )
    }
  }

  get partitions(): number[] {
    return [...this.windows.keys()]
  }

  of(partition: number, sizeMs: number): ReadonlyMap<string, Window> {
    return itemAt(entryOf(this.windows, partition), this.sizesMs.indexOf(sizeMs))
  }

  /** Counts a reading whose sensor belongs to `partition`, wherever it was sent to. */
  add(partition: number, sensor: number, temperature: number, timestampMicros: number): void {
    const bySize = this.windows.get(partition)
    if (bySize === undefined) return
    for (const [i, windows] of bySize.entries()) {
      const size = itemAt(this.sizesMs, i)
      const start = Math.floor(timestampMicros / 1000 / size) * size
      const key = windowKey({ sensor, start })
      const window = windows.get(key)
      if (window === undefined) {
        const figures = { count: 1, sum: temperature, min: temperature, max: temperature, mean: temperature }
        windows.set(key, { sensor, start, end: start + size, ...figures })
        continue
      }
      window.count++
      window.sum += temperature
      window.min = Math.min(window.min, temperature)
      window.max = Math.max(window.max, temperature)
      window.mean = window.sum / window.count
    }
  }
}
