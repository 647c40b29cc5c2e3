import type { StreamRecord } from '../record'
import type { Stamped } from '../state/store'
import type { WindowEntry } from '../state/window-store'
import type { Emit } from './operator'

/** What the choice of sliding windows needs of its step. */
export interface SlidingUpdates {
  readonly timeDifferenceMs: number
  /** The key's windows with `from <= start <= to`, ascending. */
  fetch(key: unknown, from: number, to: number): WindowEntry[]
  /** Adds the record to the window at `start`, over `stored` (absent: the initial value), unless the window is closed. */
  update(record: StreamRecord, start: number, stored: Stamped<unknown> | undefined, emit: Emit): void
  /** Makes the record's window at `start`, with an aggregate as it is. */
  copy(record: StreamRecord, start: number, aggregate: Stamped<unknown>, emit: Emit): void
}

/** Takes a record that isn't early: windows from the newest down, then those that it is the first to need. */
export function updateInOrder(record: StreamRecord, windows: SlidingUpdates, emit: Emit): void {
  const { key, timestamp } = record
  const { timeDifferenceMs } = windows
  const found = windows.fetch(key, Math.max(0, timestamp - 2 * timeDifferenceMs), timestamp + 1)
  const starts = new Set<number>()
  let left: Stamped<unknown> | undefined
  let right: Stamped<unknown> | undefined
  let previous: number | undefined
  let hasLeft = false
  for (let i = found.length - 1; i >= 0; i--) {
    const window = found[i]!
    const end = window.start + timeDifferenceMs
    starts.add(window.start)
    if (window.start === timestamp + 1) continue
    if (end > timestamp) {
      right ??= window
      windows.update(record, window.start, window, emit)
    } else if (end === timestamp) {
      hasLeft = true
      windows.update(record, window.start, window, emit)
      if (window.timestamp >= timestamp) return
      previous = window.timestamp
    } else {
      left = window
      previous = window.timestamp
      break
    }
  }
  if (previous !== undefined && !starts.has(previous + 1) && previous + 1 + timeDifferenceMs >= timestamp)
    windows.update(record, previous + 1, undefined, emit)
  if (!hasLeft) {
    const inReach = previous !== undefined && previous >= timestamp - timeDifferenceMs
    windows.update(record, timestamp - timeDifferenceMs, inReach ? left : undefined, emit)
  }
  if (!starts.has(timestamp + 1) && right !== undefined && right.timestamp > timestamp)
    windows.copy(record, timestamp + 1, right, emit)
}

/** Takes a record below the time difference: its left window would start below 0, and `[0, difference]` stands for it. */
export function updateEarly(record: StreamRecord, windows: SlidingUpdates, emit: Emit): void {
  const { key, timestamp } = record
  let combined: Stamped<unknown> | undefined
  let right: Stamped<unknown> | undefined
  let previous: number | undefined
  const starts = new Set<number>()
  for (const window of windows.fetch(key, 0, timestamp + 1)) {
    starts.add(window.start)
    if (window.start === 0) {
      combined = window
      if (window.timestamp < timestamp) previous = window.timestamp
    } else if (window.start <= timestamp) {
      right = window
      windows.update(record, window.start, window, emit)
    }
  }
  if (right === undefined && combined !== undefined && combined.timestamp > timestamp) right = combined
  if (!starts.has(timestamp + 1) && right !== undefined && right.timestamp > timestamp)
    windows.copy(record, timestamp + 1, right, emit)
  if (previous !== undefined && !starts.has(previous + 1)) windows.update(record, previous + 1, undefined, emit)
  windows.update(record, 0, combined, emit)
}
