import type { ConsumedBatch } from './consumed-batch'
import type { Section } from './record-set'

/**
 * The hot loop: a varint of one byte, the usual case, is read in place. Lengths are in zigzag, where the odd ones are negative:
 * of a key or a value that is null, as Java's consumer has it; of a record, damage. Positions stay integers: a single length that may be NaN makes
 * all of them doubles, and the loop half as fast.
 */
export function decodeRecords(batch: ConsumedBatch, section: Section, fetchOffset: number): void {
  const { buffer, count, baseOffset, lastOffset, baseTimestamp, maxTimestamp, isAppendTime, end: sectionEnd } = section
  const { offsets, timestamps, keyStart, keyEnd, valueStart, valueEnd } = batch
  let index = batch.count
  for (let i = 0, p = section.start, previous = baseOffset - 1; i < count; i++) {
    const start = p
    let length = buffer[p++]!
    if (length > 0x7f) {
      length = lengthAt(buffer, p - 1)
      p = after
    }
    const end = (length & 1) === 0 ? p + (length >> 1) : -1
    let delta = buffer[++p]!
    if (delta > 0x7f) {
      delta = uvarint64(buffer, p)
      p = after
    } else p++
    let offsetDelta = buffer[p++]!
    if (offsetDelta > 0x7f) {
      offsetDelta = uvarint32(buffer, p - 1)
      p = after
    }
    let keyLength = buffer[p++]!
    if (keyLength > 0x7f) {
      keyLength = lengthAt(buffer, p - 1)
      p = after
    }
    const key = (keyLength & 1) === 1 ? -1 : p
    const afterKey = key === -1 ? p : p + (keyLength >> 1)
    p = afterKey
    let valueLength = buffer[p++]!
    if (valueLength > 0x7f) {
      valueLength = lengthAt(buffer, p - 1)
      p = after
    }
    const value = (valueLength & 1) === 1 ? -1 : p
    if (value !== -1) p += valueLength >> 1
    const offset = baseOffset + offsetDelta / 2
    const isNext = (offsetDelta & 1) === 0 && offset > previous && offset <= lastOffset
    const areWithin = (keyLength | valueLength) >= 0 && p < end && end <= sectionEnd
    if (!(isNext && areWithin && (buffer[p] === 0 ? p + 1 === end : headersFit(buffer, p, end)))) {
      batch.count = index
      previous = isNext ? offset : previous + 1
      if (!passDamage(batch, section, { start, end }, previous, fetchOffset)) return
      p = end
      continue
    }
    previous = offset
    if (offset >= fetchOffset) {
      offsets[index] = offset
      timestamps[index] = isAppendTime ? maxTimestamp : baseTimestamp + unzigzag(delta)
      keyStart[index] = key
      keyEnd[index] = afterKey
      valueStart[index] = value
      valueEnd[index++] = p
    }
    p = end
  }
  batch.count = index
}

/**
 * Passes over one damaged record where its own length still leads to the next one; else over all that follow in its record
 * batch, and false comes back.
 */
function passDamage(
  batch: ConsumedBatch,
  section: Section,
  { start, end }: { readonly start: number; readonly end: number },
  offset: number,
  fetchOffset: number,
): boolean {
  const isBounded = end > start + 1 && end <= section.end
  const last = isBounded ? offset : section.lastOffset
  const place = { start, end: isBounded ? end : section.end }
  if (last >= fetchOffset) batch.damage(section, place, Math.max(offset, fetchOffset), last)
  return isBounded
}

const unzigzag = (value: number) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

/** Where the varint read last ends: a second result without an object for it. */
let after = 0

/** A length, still in zigzag; below 0 where it is larger than anything that a fetch brings. An integer of 31 bits keeps the hot loop one of integers. */
function lengthAt(buffer: Buffer, start: number): number {
  const value = uvarint32(buffer, start)
  return value <= 0x7fffffff ? value : -1
}

/** Unsigned varint of at most 5 bytes, still in zigzag: an int32. NaN where it is longer, which compares to nothing. */
function uvarint32(buffer: Buffer, start: number): number {
  const value = uvarint64(buffer, start)
  return after - start > 5 ? Number.NaN : value
}

/** Unsigned varint, still in zigzag; exact below 2^53. */
function uvarint64(buffer: Buffer, start: number): number {
  let p = start
  let byte = buffer[p++]!
  let value = byte & 0x7f
  for (let scale = 128; byte > 0x7f; scale *= 128) {
    byte = buffer[p++]!
    value += (byte & 0x7f) * scale
  }
  after = p
  return value
}

/** Whether the headers that start at `start` end exactly at `end`, where their record does. */
function headersFit(buffer: Buffer, start: number, end: number): boolean {
  const count = uvarint32(buffer, start)
  if (count % 2 !== 0) return false
  let p = after
  for (let left = count / 2; left > 0; left--) {
    const nameLength = uvarint32(buffer, p)
    if (nameLength % 2 !== 0) return false
    p = after + nameLength / 2
    if (!(p < end)) return false
    const valueLength = uvarint32(buffer, p)
    if (Number.isNaN(valueLength)) return false
    // A negative length is null, as it is of a key or a value.
    p = after + (valueLength % 2 === 0 ? valueLength / 2 : 0)
    if (!(p <= end)) return false
  }
  return p === end
}
