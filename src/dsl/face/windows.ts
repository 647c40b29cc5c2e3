import { checkOptions, needed, whole } from '../../checked-options'
import { TopologyError } from '../../errors'
import type { SessionWindows, SlidingWindows, TimeWindows } from '../graph/windows'

const length = needed(whole(1, 'ms'))
const grace = needed(whole(0, 'ms'))

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
  checkOptions('tumbling', options, { sizeMs: length, graceMs: grace })
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
export function hopping(options: { sizeMs: number; advanceMs: number; graceMs: number }): TimeWindows {
  checkOptions('hopping', options, { sizeMs: length, advanceMs: length, graceMs: grace })
  const { sizeMs, advanceMs, graceMs } = options
  if (advanceMs > sizeMs)
    throw new TopologyError(
      `hopping: advanceMs ${advanceMs} is larger than sizeMs ${sizeMs}, records between the windows would be lost`,
    )
  return Object.freeze({ type: 'time', sizeMs, advanceMs, graceMs })
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
export function sliding(options: { timeDifferenceMs: number; graceMs: number }): SlidingWindows {
  checkOptions('sliding', options, { timeDifferenceMs: length, graceMs: grace })
  const { timeDifferenceMs, graceMs } = options
  return Object.freeze({ type: 'sliding', timeDifferenceMs, graceMs })
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
export function session(options: { gapMs: number; graceMs: number }): SessionWindows {
  checkOptions('session', options, { gapMs: length, graceMs: grace })
  const { gapMs, graceMs } = options
  return Object.freeze({ type: 'session', gapMs, graceMs })
}
