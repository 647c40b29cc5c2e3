import type { PartitionLog } from '../../../src/light/log/partition-log'
import type { RecordBatch } from '../../../src/light/log/record-batch'

export interface LogRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
}

/** What a reader that sees committed records alone finds in a log. Decoded here, by nothing of weir's. */
export function committedRecords(log: PartitionLog): LogRecord[] {
  const found: LogRecord[] = []
  /** Records of open transactions, by producer. */
  const open = new Map<number, LogRecord[]>()
  for (const batch of log.read(log.startOffset, log.endOffset, Number.MAX_SAFE_INTEGER, true)) {
    const records = parse(batch)
    if (batch.isControl) {
      const kept = open.get(batch.producerId) ?? []
      open.delete(batch.producerId)
      if (records[0]?.key?.charCodeAt(3) === 1) found.push(...kept)
    } else if (batch.isTransactional) open.set(batch.producerId, [...(open.get(batch.producerId) ?? []), ...records])
    else found.push(...records)
  }
  return found.filter(({ offset }) => offset >= log.startOffset).sort((a, b) => a.offset - b.offset)
}

function parse({ bytes, recordsStart, count, baseOffset, baseTimestamp, codec }: RecordBatch): LogRecord[] {
  if (codec !== 0) throw new RangeError('compressed records are not expected here')
  let at = recordsStart
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }
  const field = () => {
    const length = varint()
    if (length < 0) return null
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  return Array.from({ length: count }, () => {
    const end = varint() + at
    at++
    const timestamp = baseTimestamp + varint()
    const offset = baseOffset + varint()
    const record = { offset, timestamp, key: field(), value: field() }
    at = end
    return record
  })
}
