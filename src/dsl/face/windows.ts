import { TopologyError } from '../../errors'
import type { SessionWindows, SlidingWindows, TimeWindows } from '../graph/windows'

/**
 * Windows of `sizeMs` side by side. A record later than `graceMs` behind its window's end is dropped. Throws TopologyError for sizes that are no whole ms.
 * @example
 * payments
 *   .groupByKey()
 *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
 *   .count({ name: 'count' })
 *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}-${window.end}` })
 *   .to('counts', out)
 * // payments a 7 @9
 * //   → counts a@0-10 1 @9
 * // payments a 7 @11
 * //   → counts a@10-20 1 @11
 */
export function tumbling(options: { sizeMs: number; graceMs: number }): TimeWindows {
  return hopping({ ...options, advanceMs: options.sizeMs })
}

/**
 * Windows of `sizeMs` that start every `advanceMs`. Throws TopologyError for sizes that are no whole ms.
 * @example
 * payments
 *   .groupByKey()
 *   .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
 *   .count({ name: 'count' })
 *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}-${window.end}` })
 *   .to('counts', out)
 * // payments a 7 @7
 * //   → counts a@0-10 1 @7
 * //   → counts a@5-15 1 @7
 */
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

/**
 * Windows of `timeDifferenceMs` around every record of a key. Throws TopologyError for sizes that are no whole ms.
 * @example
 * payments
 *   .groupByKey()
 *   .windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 30 }))
 *   .count({ name: 'count' })
 *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}-${window.end}` })
 *   .to('counts', out)
 * // payments a 7 @20
 * //   → counts a@10-20 1 @20
 * // payments a 7 @25
 * //   → counts a@21-31 1 @25
 * //   → counts a@15-25 2 @25
 */
export function sliding({ timeDifferenceMs, graceMs }: { timeDifferenceMs: number; graceMs: number }): SlidingWindows {
  positive('timeDifferenceMs', timeDifferenceMs)
  return Object.freeze({ type: 'sliding', timeDifferenceMs, graceMs: grace(graceMs) })
}

/**
 * Sessions: a key's records no further apart than `gapMs`. Throws TopologyError for sizes that are no whole ms.
 * @example
 * payments
 *   .groupByKey()
 *   .windowedBy(session({ gapMs: 10, graceMs: 30 }))
 *   .count({ name: 'count' })
 *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}-${window.end}` })
 *   .to('counts', out)
 * // payments a 7 @10
 * //   → counts a@10-10 1 @10
 * // payments a 7 @18
 * //   → counts a@10-10 null @10
 * //   → counts a@10-18 2 @18
 */
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
