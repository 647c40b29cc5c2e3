/** Fixed windows: tumbling (`advanceMs` = `sizeMs`) and hopping. `[start, start + size)`, starts are multiples of the advance. */
export interface TimeWindows {
  readonly type: 'time'
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
}

/** Windows around every record: `[t - difference, t]`, both ends inclusive (KIP-450). */
export interface SlidingWindows {
  readonly type: 'sliding'
  readonly timeDifferenceMs: number
  readonly graceMs: number
}

/** Windows that end when a key has been silent for the gap; ends are the first and the last record's timestamps. */
export interface SessionWindows {
  readonly type: 'session'
  readonly gapMs: number
  readonly graceMs: number
}

export type Windows = TimeWindows | SlidingWindows | SessionWindows

/** How the results of windows are emitted: each update, or one final result a window. */
export type Emit = 'onUpdate' | 'onWindowClose'

/** ms after a window's end at which it is closed. */
export function graceOf(windows: Windows): number {
  return windows.type === 'session' ? windows.gapMs + windows.graceMs : windows.graceMs
}

/** ms that a store has to keep windows at least. */
export function leastRetention(windows: Windows): number {
  if (windows.type === 'time') return windows.sizeMs + windows.graceMs
  return windows.type === 'sliding' ? 2 * windows.timeDifferenceMs + windows.graceMs : windows.gapMs + windows.graceMs
}
