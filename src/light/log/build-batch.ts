import { ByteWriter } from '../../connectors/kafka/protocol/byte-writer'
import { recordsOf } from './batch-records'
import { type RecordBatch, readBatches, writeChecksum } from './record-batch'

const MAGIC = 2
const LENGTH_AT = 8
const LENGTH_FROM = 12
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
const APPEND_TIME = 0x08
const LATER = 0
const NO_SEQUENCE = -1

interface Head {
  readonly attributes: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** A batch of records that are encoded already. */
function build(head: Head, records: readonly Buffer[]): RecordBatch {
  const to = new ByteWriter(128)
  to.int64(head.baseOffset).int32(LATER).int32(head.leaderEpoch).int8(MAGIC).int32(LATER).int16(head.attributes)
  to.int32(head.lastOffset - head.baseOffset)
    .int64(head.baseTimestamp)
    .int64(head.maxTimestamp)
  to.int64(head.producerId).int16(head.producerEpoch).int32(head.baseSequence).int32(records.length)
  for (const record of records) to.raw(record)
  const bytes = Buffer.from(to.buffer)
  bytes.writeInt32BE(bytes.length - LENGTH_FROM, LENGTH_AT)
  writeChecksum(bytes)
  const [batch] = readBatches(bytes)
  if (batch === undefined || typeof batch === 'string') throw new Error('a batch that was just built can be read')
  return batch
}

/** Of a transaction's end in one partition: who wrote, and how it ended. */
export interface Marker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
}

/** A control batch with the marker (KIP-98): its key says how the transaction ended, its value which coordinator says so. */
export function markerBatch({ producerId, producerEpoch, committed }: Marker, now: number): RecordBatch {
  const [attributes, timestampDelta, offsetDelta, keyLength, valueLength, headers] = [0, 0, 0, 4, 6, 0]
  const body = Buffer.from([attributes, timestampDelta, offsetDelta, keyLength * 2])
  const key = Buffer.from([0, 0, 0, committed ? 1 : 0])
  const value = Buffer.from([valueLength * 2, 0, 0, 0, 0, 0, 0, headers])
  const record = Buffer.concat([body, key, value])
  const head = {
    attributes: TRANSACTIONAL | CONTROL,
    ...{ baseOffset: 0, lastOffset: 0, leaderEpoch: 0, baseTimestamp: now, maxTimestamp: now },
    ...{ producerId, producerEpoch, baseSequence: NO_SEQUENCE },
  }
  return build(head, [Buffer.concat([Buffer.from([record.length * 2]), record])])
}

/** What a control batch says. */
export function markerOf(batch: RecordBatch): Marker {
  const { producerId, producerEpoch } = batch
  return { producerId, producerEpoch, committed: recordsOf(batch)[0]?.key?.[3] === 1 }
}

/** The batch with some of its records only, as a compacted log keeps it: at the same offsets, not compressed. */
export function rebuilt(batch: RecordBatch, records: readonly Buffer[]): RecordBatch {
  const attributes = (batch.isTransactional ? TRANSACTIONAL : 0) | (batch.isAppendTime ? APPEND_TIME : 0)
  return build({ ...batch, attributes }, records)
}
