import type { Batch } from './source'

// A batch's records are ranges of its buffer: here is what a record is, by its index, for all who don't count each nanosecond.

/** What decodes a range of a buffer; a start of -1 is null. */
interface Decoder<T> {
  decode(buffer: Buffer, start: number, end: number): T
}

export const offsetOf = (batch: Batch, index: number): number => batch.offsets[index]!

/** The Kafka timestamp, ms. */
export const timestampOf = (batch: Batch, index: number): number => batch.timestamps[index]!

/** Where a key or value stands in the batch's buffer: from its start, -1 for null, up to its end. */
export const keyStartOf = (batch: Batch, index: number): number => batch.keyStart[index]!
export const keyEndOf = (batch: Batch, index: number): number => batch.keyEnd[index]!
export const valueStartOf = (batch: Batch, index: number): number => batch.valueStart[index]!
export const valueEndOf = (batch: Batch, index: number): number => batch.valueEnd[index]!

export const decodeKey = <T>(codec: Decoder<T>, batch: Batch, index: number): T =>
  codec.decode(batch.buffer, keyStartOf(batch, index), keyEndOf(batch, index))

export const decodeValue = <T>(codec: Decoder<T>, batch: Batch, index: number): T =>
  codec.decode(batch.buffer, valueStartOf(batch, index), valueEndOf(batch, index))

const bytes: Decoder<Buffer | null> = {
  decode: (buffer, start, end) => (start < 0 ? null : buffer.subarray(start, end)),
}
const text: Decoder<string | undefined> = {
  decode: (buffer, start, end) => (start < 0 ? undefined : buffer.toString('utf8', start, end)),
}

/** The key's bytes, as a view of the batch's buffer; null for none. */
export const keyBytes = (batch: Batch, index: number): Buffer | null => decodeKey(bytes, batch, index)

/** The value's bytes, as a view of the batch's buffer; null for a tombstone. */
export const valueBytes = (batch: Batch, index: number): Buffer | null => decodeValue(bytes, batch, index)

export const isTombstone = (batch: Batch, index: number): boolean => valueStartOf(batch, index) < 0

/** The key as text; undefined for none. */
export const keyText = (batch: Batch, index: number): string | undefined => decodeKey(text, batch, index)

/** The value as text; undefined for a tombstone. */
export const valueText = (batch: Batch, index: number): string | undefined => decodeValue(text, batch, index)
