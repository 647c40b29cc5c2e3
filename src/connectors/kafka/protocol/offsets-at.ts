import type { Api } from './api'

export interface OffsetAt {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** -1 when no record is that young. */
  readonly offset: number
  /** Of the record found, ms; -1 for the first and the last offset. */
  readonly timestamp: number
}

/**
 * ListOffsets v2 for many partitions that one broker leads. `at` is -2 (first), -1 (last) or a time in ms: the first record
 * that is not older. `committed` makes the last one the last stable offset instead of the high watermark.
 */
export function offsetsAt(
  partitions: ReadonlyMap<string, readonly number[]>,
  at: number,
  committed: boolean,
): Api<OffsetAt[]> {
  return {
    key: 2,
    version: 2,
    name: 'ListOffsets',
    write: to => {
      to.int32(-1).int8(committed ? 1 : 0)
      to.array([...partitions], ([topic, list]) => {
        to.string(topic).array(list, partition => to.int32(partition).int64(at))
      })
    },
    read: from => {
      from.int32()
      const perTopic = from.array(() => {
        const topic = from.string()
        return from.array(() => {
          const head = { topic, partition: from.int32(), errorCode: from.int16() }
          return { ...head, timestamp: from.int64(), offset: from.int64() }
        })
      })
      return perTopic.flat()
    },
  }
}
