import { JsonError } from '../codecs/exact-json'
import type { Batch } from '../connectors/source'
import { DecodeError } from '../errors'

/** Told of what is passed over, with its place and why; `records` is how many it is. */
export type OnUnreadable = (error: DecodeError, records: number) => void

/** What `read` makes of a record; undefined, after `tell`, where it can't be read. Without `tell` it throws DecodeError with the record's place. */
export function readable<T>(batch: Batch, i: number, tell: OnUnreadable | undefined, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof JsonError)) throw error
    const { topic, partition, offsets } = batch
    const placed = new DecodeError(`${topic}-${partition} at offset ${offsets[i]}: ${error.message}`, { cause: error })
    if (tell === undefined) throw placed
    tell(placed, 1)
    return undefined
  }
}

/** Tells of what of a batch is damaged in the log: it has been passed over. Throws as `readable` does. */
export function tellDamage({ topic, partition, damaged = [] }: Batch, tell: OnUnreadable | undefined): void {
  for (const { firstOffset, lastOffset, reason } of damaged) {
    const offsets = firstOffset === lastOffset ? `offset ${firstOffset}` : `offsets ${firstOffset} to ${lastOffset}`
    const error = new DecodeError(`${topic}-${partition} at ${offsets}: ${reason}`)
    if (tell === undefined) throw error
    tell(error, lastOffset - firstOffset + 1)
  }
}
