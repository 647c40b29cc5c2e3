import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import type { AbortedTransaction } from '../../../src/connectors/kafka/protocol/fetch'
import {
  type BatchContext,
  cutRecords,
  writeRecordBatch,
} from '../../../src/connectors/kafka/protocol/record-batch-encoder'
import { decodeRecordSet } from '../../../src/connectors/kafka/read/record-batch-decoder'
import type { OutputRecord } from '../../../src/connectors/ledger'

export const PLAIN: BatchContext = { transactional: false, producerId: -1, epoch: -1, baseSequence: -1 }

/** One record batch as the broker would keep it: with its base offset set. */
export function encodeBatch(records: readonly OutputRecord[], baseOffset = 0, context = PLAIN): Buffer {
  const out = new ByteWriter()
  for (const run of cutRecords(records, 1e9)) writeRecordBatch(out, run, context)
  const bytes = Buffer.from(out.buffer)
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  return bytes
}

/** The marker with which a transaction ends: a control batch of one record. */
export function encodeMarker(producerId: number, baseOffset: number, commit: boolean): Buffer {
  const key = Buffer.from([0, 0, 0, commit ? 1 : 0])
  const context = { transactional: true, producerId, epoch: 0, baseSequence: -1 }
  const bytes = encodeBatch([{ key, value: Buffer.alloc(6), timestamp: 1 }], baseOffset, context)
  bytes.writeInt16BE(bytes.readInt16BE(21) | 0x20, 21)
  return bytes
}

export interface DecodeOptions {
  fetchOffset?: number
  aborted?: AbortedTransaction[]
  readCommitted?: boolean
  checkCrc?: boolean
  maxBatchBytes?: number
  maxDecodedBytes?: number
  highWatermark?: number
}

export function decode(bytes: Buffer, options: DecodeOptions = {}) {
  const { fetchOffset = 0, aborted = [], readCommitted = true, checkCrc = false } = options
  // Not at the start of its buffer, as in an answer of several partitions.
  const buffer = Buffer.concat([Buffer.alloc(7, 0xff), bytes, Buffer.alloc(5, 0xff)])
  const { maxBatchBytes = 1e6, maxDecodedBytes = 1e6, highWatermark = 1e6 } = options
  const place = { buffer, start: 7, end: 7 + bytes.length, highWatermark }
  const set = { ...place, aborted, readCommitted, checkCrc, maxBatchBytes, maxDecodedBytes }
  return decodeRecordSet({ topic: 't', partition: 3 }, fetchOffset, set)
}

/** The batch as one object a record. */
export function unpack(batch: ReturnType<typeof decode>) {
  return Array.from({ length: batch.count }, (_, i) => {
    const part = (start: number, end: number) => (start === -1 ? null : Buffer.from(batch.buffer.subarray(start, end)))
    return {
      offset: batch.offsets[i]!,
      timestamp: batch.timestamps[i]!,
      key: part(batch.keyStart[i]!, batch.keyEnd[i]!),
      value: part(batch.valueStart[i]!, batch.valueEnd[i]!),
      headers: batch.headers(i),
    }
  })
}

export const record = (value: string): OutputRecord => ({ key: null, value: Buffer.from(value), timestamp: 1000 })

export const values = (batch: ReturnType<typeof decode>) => unpack(batch).map(each => `${each.value}`)
