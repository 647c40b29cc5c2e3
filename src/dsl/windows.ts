import { TopologyError } from '../errors'

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

/** Windows of `sizeMs` side by side. A record later than `graceMs` behind its window's end is dropped. */
export function tumbling(options: { sizeMs: number; graceMs: number }): TimeWindows {
  return hopping({ ...options, advanceMs: options.sizeMs })
}

/** Windows of `sizeMs` that start every `advanceMs`. */
export function hopping({
  sizeMs,
  advanceMs,
  graceMs,
}: {
  sizeMs: number
  advanceMs: number
  graceMs: number
}): TimeWindows {
  positive('sizeMs', sizeMs)
  positive('advanceMs', advanceMs)
  if (advanceMs > sizeMs)
    throw new TopologyError(
      `hopping: advanceMs ${advanceMs} is larger than sizeMs ${sizeMs}, records between the windows would be lost`,
    )
  return Object.freeze({ type: 'time', sizeMs, advanceMs, graceMs: grace(graceMs) })
}

/** Windows of `timeDifferenceMs` around every record of a key. */
export function sliding({ timeDifferenceMs, graceMs }: { timeDifferenceMs: number; graceMs: number }): SlidingWindows {
  positive('timeDifferenceMs', timeDifferenceMs)
  return Object.freeze({ type: 'sliding', timeDifferenceMs, graceMs: grace(graceMs) })
}

/** Sessions: a key's records no further apart than `gapMs`. */
export function session({ gapMs, graceMs }: { gapMs: number; graceMs: number }): SessionWindows {
  positive('gapMs', gapMs)
  return Object.freeze({ type: 'session', gapMs, graceMs: grace(graceMs) })
}

function positive(name: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms <= 0)
    throw new TopologyError(`${name} has to be a whole number of ms above 0, and is ${ms}`)
}

function grace(ms: number): number {
  if (!Number.isSafeInteger(ms) || ms < 0)
    throw new TopologyError(`graceMs has to be a whole number of ms, 0 or more, and is ${ms}`)
  return ms
}

/** How the results of windows are emitted: each update, or one final result a window. */
export type Emit = 'onUpdate' | 'onWindowClose'

/** Throws TopologyError for windows or a way to emit that there aren't. */
export function checkWindowing(windows: Windows | undefined, emit: Emit): void {
  if (!['time', 'sliding', 'session'].includes(windows?.type as string))
    throw new TopologyError('windowedBy: give it windows, made by tumbling(), hopping(), sliding() or session()')
  if (emit !== 'onUpdate' && emit !== 'onWindowClose')
    throw new TopologyError(`windowedBy: emit is 'onUpdate' or 'onWindowClose', and is ${JSON.stringify(emit)}`)
}

/** ms after a window's end at which it is closed. */
export function graceOf(windows: Windows): number {
  return windows.type === 'session' ? windows.gapMs + windows.graceMs : windows.graceMs
}

/** ms that a store has to keep windows at least. */
export function leastRetention(windows: Windows): number {
  if (windows.type === 'time') return windows.sizeMs + windows.graceMs
  return windows.type === 'sliding' ? 2 * windows.timeDifferenceMs + windows.graceMs : windows.gapMs + windows.graceMs
}
