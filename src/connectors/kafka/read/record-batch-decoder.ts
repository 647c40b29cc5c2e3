import type { Batch, TopicPartition } from '../../source'
import { ConsumedBatch } from './consumed-batch'
import { decodeRecords } from './decode-records'
import { type RecordSet, type Section, sectionsOf } from './record-set'

/**
 * Decodes the record batches that a Fetch brought for one partition into one Batch. Records below `fetchOffset`, markers and
 * aborted transactions are left out; a record batch cut off at the end is left for the next fetch. What can't be read is
 * passed over and stands in `damaged`.
 */
export function decodeRecordSet(at: TopicPartition, fetchOffset: number, set: RecordSet): Batch {
  const { sections, nextOffset } = sectionsOf(fetchOffset, set)
  let total = 0
  for (const { count } of sections) total += count
  const buffer = oneBuffer(sections, set.buffer)
  const fetched = set.end - set.start
  const batch = new ConsumedBatch(at, buffer, total, nextOffset, buffer === set.buffer ? fetched : buffer.length)
  for (const section of sections) {
    if (section.damage === undefined) decodeRecords(batch, section, fetchOffset)
    else batch.damage(section, section, Math.max(section.baseOffset, fetchOffset), section.lastOffset)
  }
  return batch
}

/** Uncompressed record batches share the fetch's buffer; as soon as one was compressed, all are copied into one buffer. */
function oneBuffer(sections: Section[], fetched: Buffer): Buffer {
  const [first] = sections
  if (first === undefined || sections.every(each => each.buffer === fetched)) return fetched
  if (sections.length === 1) return first.buffer
  const joined = Buffer.concat(sections.map(each => each.buffer.subarray(each.start, each.end)))
  let offset = 0
  for (const each of sections) {
    const length = each.end - each.start
    each.buffer = joined
    each.start = offset
    offset += length
    each.end = offset
  }
  return joined
}
