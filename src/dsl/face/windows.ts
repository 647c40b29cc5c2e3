import { TopologyError } from '../../errors'
import type { SessionWindows, SlidingWindows, TimeWindows } from '../graph/windows'

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
