import { createHash } from 'node:crypto'
import type { OutputRecord } from '../connectors/ledger'
import type { Batch } from '../connectors/source'

/** Where the bad records of a source topic go. */
export const deadLetterTopic = (topic: string) => `${topic}_dead_letters`

/** Room that a dead letter has beyond the source's largest record, for its headers. */
export const deadLetterRoomBytes = 64 * 1024

/**
 * A bad record as a dead letter: key, value and headers as they were, origin and error in headers. A value that would not fit is
 * cut, with its length and SHA-256 told.
 */
export function deadLetter(
  batch: Batch,
  index: number,
  step: string,
  error: unknown,
  maxValueBytes: number,
): OutputRecord {
  const slice = (start: number, end: number) => (start < 0 ? null : Buffer.from(batch.buffer.subarray(start, end)))
  const key = slice(batch.keyStart[index]!, batch.keyEnd[index]!)
  const whole = slice(batch.valueStart[index]!, batch.valueEnd[index]!)
  const headers: Record<string, Buffer> = { ...batch.headers(index) }
  const set = (name: string, value: string | number) => {
    headers[`weir.${name}`] = Buffer.from(String(value))
  }
  set('origin.topic', batch.topic)
  set('origin.partition', batch.partition)
  set('origin.offset', batch.offsets[index]!)
  set('origin.timestamp', batch.timestamps[index]!)
  set('step', step)
  set('error.class', error instanceof Error ? error.name : typeof error)
  set('error.message', (error instanceof Error ? error.message : String(error)).slice(0, 4096))
  let value = whole
  if (whole !== null && whole.length > maxValueBytes) {
    set('value.length', whole.length)
    set('value.sha256', createHash('sha256').update(whole).digest('hex'))
    value = whole.subarray(0, maxValueBytes)
  }
  return { key, value, timestamp: Math.max(0, batch.timestamps[index]!), headers }
}
