import { SchemaMissing } from '../../../codecs/codec'
import type { Batch } from '../../../connectors/source'
import type { ValueReader } from './value-reader'

/** What is done with the records of a batch. Times are Unix ms. */
export interface OnFigures {
  /** The key stands in `from` between `start` and `end`. `figure` is NaN where it is null, `timeMs` what the value says, or else Kafka. */
  reading(from: Buffer, start: number, end: number, figure: number, timeMs: number, index: number): void
  unreadable(from: Buffer, start: number, end: number, reason: string, index: number): void
}

/** So long a text is a number of something that a value names, when a record has no key. */
const scratch = Buffer.alloc(32)

/**
 * Hands on a batch's records one by one; nothing is made for a record. A record without a key is of what its value names (`sensor_id`), and left out
 * where it names nothing; so are deletions. Throws SchemaMissing before it has handed on anything.
 */
export function readFigures(batch: Batch, values: ValueReader, to: OnFigures, only?: Buffer): void {
  const { buffer, keyStart, keyEnd, valueStart, valueEnd, timestamps, count } = batch
  const missing = values.missingOf(batch)
  if (missing !== undefined) throw new SchemaMissing(missing)
  for (let i = 0; i < count; i++) {
    const start = valueStart[i]!
    if (start < 0) continue
    const from = keyStart[i]!
    const end = keyEnd[i]!
    if (only !== undefined && from >= 0 && !isSame(only, buffer, from, end)) continue
    try {
      values.read(buffer, start, valueEnd[i]!)
    } catch (error) {
      if (from >= 0) to.unreadable(buffer, from, end, (error as Error).message, i)
      continue
    }
    const timeMs = Number.isNaN(values.timeMs) ? timestamps[i]! : values.timeMs
    if (from >= 0) to.reading(buffer, from, end, values.figure, timeMs, i)
    else if (!Number.isNaN(values.identity)) {
      const length = scratch.write(String(values.identity))
      if (only === undefined || isSame(only, scratch, 0, length))
        to.reading(scratch, 0, length, values.figure, timeMs, i)
    }
  }
}

function isSame(key: Buffer, from: Buffer, start: number, end: number): boolean {
  if (end - start !== key.length) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== from[start + i]) return false
  return true
}
