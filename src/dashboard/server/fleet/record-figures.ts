import { SchemaMissing } from '../../../codecs/codec'
import { keyEndOf, keyStartOf, timestampOf, valueEndOf, valueStartOf } from '../../../connectors/batch'
import type { Batch } from '../../../connectors/source'
import type { ValueReader } from './value-reader'

/** Called with the records of a batch. Times are Unix ms. */
export interface OnFigures {
  /** The key is in `from`, from `start` to `end`. `figure` is NaN where it is null, `timeMs` what the value says, or else Kafka; `loggedMs` what Kafka says. */
  reading(from: Buffer, start: number, end: number, figure: number, timeMs: number, loggedMs: number): void
  unreadable(from: Buffer, start: number, end: number, reason: string, loggedMs: number): void
}

/** For the text of a number that a value names its thing by, when a record has no key. */
const scratch = Buffer.alloc(32)

/**
 * Calls `to` with a batch's records one by one; nothing is allocated for a record. A record without a key belongs to what its value names (`sensor_id`),
 * and is left out where it names nothing; so are deletions. Throws SchemaMissing before the first call.
 */
export function readFigures(batch: Batch, values: ValueReader, to: OnFigures, only?: Buffer): void {
  const { buffer, count } = batch
  const missing = values.missingOf(batch)
  if (missing !== undefined) throw new SchemaMissing(missing)
  for (let i = 0; i < count; i++) {
    const start = valueStartOf(batch, i)
    if (start < 0) continue
    const from = keyStartOf(batch, i)
    const end = keyEndOf(batch, i)
    if (only !== undefined && from >= 0 && !isSame(only, buffer, from, end)) continue
    try {
      values.read(buffer, start, valueEndOf(batch, i))
    } catch (error) {
      if (from >= 0) to.unreadable(buffer, from, end, (error as Error).message, timestampOf(batch, i))
      continue
    }
    const loggedMs = timestampOf(batch, i)
    const timeMs = Number.isNaN(values.timeMs) ? loggedMs : values.timeMs
    if (from >= 0) to.reading(buffer, from, end, values.figure, timeMs, loggedMs)
    else if (!Number.isNaN(values.identity)) {
      const length = scratch.write(String(values.identity))
      if (only === undefined || isSame(only, scratch, 0, length))
        to.reading(scratch, 0, length, values.figure, timeMs, loggedMs)
    }
  }
}

function isSame(key: Buffer, from: Buffer, start: number, end: number): boolean {
  if (end - start !== key.length) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== from[start + i]) return false
  return true
}
