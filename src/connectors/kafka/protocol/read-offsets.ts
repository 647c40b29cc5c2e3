import { type AdminBroker, type Api, adminCall } from './admin-call'

const LIST_OFFSETS: Api = { name: 'ListOffsets', key: 2, min: 2, max: 5, flexibleFrom: 6 }

export const EARLIEST = -2
export const LATEST = -1

export interface FoundOffset {
  readonly topic: string
  readonly partition: number
  readonly error: number
  /** -1: no record is that young. */
  readonly offset: number
  /** Of the record found, ms; -1 for earliest and latest. */
  readonly timestamp: number
}

/**
 * Offsets of many partitions that this broker leads, in one request. `at` is EARLIEST, LATEST or a time in ms: the first record
 * that is not older. `committed` makes LATEST the last stable offset instead of the high watermark.
 */
export async function readOffsets(
  broker: AdminBroker,
  partitions: ReadonlyMap<string, readonly number[]>,
  at: number,
  committed: boolean,
): Promise<FoundOffset[]> {
  const perTopic = await adminCall(
    broker,
    LIST_OFFSETS,
    (to, version) => {
      to.int32(-1).int8(committed ? 1 : 0)
      to.array([...partitions], ([topic, list]) => {
        to.string(topic).array(list, partition => {
          to.int32(partition)
          if (version >= 4) to.int32(-1)
          to.int64(at)
        })
      })
    },
    (from, version) => {
      from.int32()
      return from.structs(() => {
        const topic = from.string()
        return from.structs(() => {
          const found = {
            topic,
            partition: from.int32(),
            error: from.int16(),
            timestamp: from.int64(),
            offset: from.int64(),
          }
          if (version >= 4) from.int32()
          return found
        })
      })
    },
  )
  return perTopic.flat()
}
