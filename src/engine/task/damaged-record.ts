import type { Batch, DamagedRange } from '../../connectors/source'
import { DecodeError } from '../../errors'

/**
 * Makes a bad record of a part of the log that can't be read: its bytes are the value, its first offset is the record's. A range of
 * several offsets is one bad record, since nobody can say where one ends.
 */
export function damagedRecord(range: DamagedRange): { batch: Batch; index: number; error: DecodeError } {
  const { topic, partition, firstOffset, lastOffset, timestamp, bytes, reason } = range
  const batch: Batch = {
    topic,
    partition,
    count: 1,
    buffer: bytes,
    offsets: Float64Array.of(firstOffset),
    timestamps: Float64Array.of(timestamp),
    keyStart: Int32Array.of(-1),
    keyEnd: Int32Array.of(0),
    valueStart: Int32Array.of(0),
    valueEnd: Int32Array.of(bytes.length),
    nextOffset: lastOffset + 1,
    bytes: bytes.length,
    headers: () => undefined,
  }
  const offsets = firstOffset === lastOffset ? `offset ${firstOffset}` : `offsets ${firstOffset} to ${lastOffset}`
  const detail = { position: { topic, partition, offset: firstOffset } }
  return { batch, index: 0, error: new DecodeError(`${offsets}: can't read ${reason}`, detail) }
}
