import { checkOptions, kind, oneOf } from '../../checked-options'
import { TopologyError } from '../../errors'
import type { Windowed } from '../../record'
import type { Mistake } from './mistakes'

/** Until when a table's updates are held back. */
export type Suppression = UntilWindowCloses | UntilTimeLimit

/** One final result a window. */
export interface UntilWindowCloses {
  readonly until: 'windowCloses'
}

/** The latest update of a key, once the first that is held is so old. */
export interface UntilTimeLimit extends BufferLimits {
  readonly until: 'timeLimit'
  readonly timeLimitMs: number
}

/** How much may be held; no limit unless given. */
export interface BufferLimits {
  readonly maxRecords?: number
  /** Bytes of keys, values and what belongs to them, as JSON. */
  readonly maxBytes?: number
  /** 'emit' (the default): the first in line go out early. 'shutDown': the task stops. */
  readonly whenFull?: 'emit' | 'shutDown'
}

/** What a table with such keys can be suppressed with: only windows can close. */
export type SuppressionOf<K> =
  K extends Windowed<unknown>
    ? Suppression
    : UntilTimeLimit | Mistake<'only windows close: use untilTimeLimit(), or aggregate by windowedBy() first'>

/**
 * Holds a windowed table's updates back until their window has closed: one final result a window (KIP-328).
 * @example
 * payments
 *   .groupByKey()
 *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
 *   .count({ name: 'counted' })
 *   .suppress(untilWindowCloses, { name: 'final' })
 *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
 *   .to('final', out)
 * // payments a 7 @1
 * // payments a 7 @10
 * //   → final a@0 1 @1
 */
export const untilWindowCloses: UntilWindowCloses = Object.freeze({ until: 'windowCloses' })

const most = kind('0 or more', value => typeof value === 'number' && value >= 0)

/**
 * Holds updates back until `timeLimitMs` of event time after the first that is held, or until the buffer is full. Throws TopologyError
 * for limits that are no numbers of 0 or more.
 * @example
 * customers.suppress(untilTimeLimit(10, { maxRecords: 1000 }), { name: 'calm' }).mapValues(({ name }) => name).toStream().to('calm', out)
 * // customers ann {"name":"Ann","country":"no"} @0
 * // customers ann {"name":"Anna","country":"no"} @5
 * // customers bob {"name":"Bob","country":"fi"} @10
 * //   → calm ann "Anna" @5
 */
export function untilTimeLimit(timeLimitMs: number, limits: BufferLimits = {}): UntilTimeLimit {
  if (!Number.isSafeInteger(timeLimitMs) || timeLimitMs < 0)
    throw new TopologyError(
      `untilTimeLimit: the limit has to be a whole number of ms, 0 or more, and is ${timeLimitMs}`,
    )
  checkOptions('untilTimeLimit', limits, { maxRecords: most, maxBytes: most, whenFull: oneOf('emit', 'shutDown') })
  return Object.freeze({ until: 'timeLimit', timeLimitMs, ...limits })
}
