import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { recordsOf } from './batch-records'
import type { RecordBatch } from './record-batch'

/** What a topic's settings ask of its logs. */
export interface LogRules {
  readonly maxBatchBytes: number
  /** `message.timestamp.type=LogAppendTime` */
  readonly appendTime: boolean
  /** How far before and after now a record's own time may be, ms. */
  readonly timestampBeforeMs: number
  readonly timestampAfterMs: number
  readonly deletes: boolean
  readonly compacts: boolean
  /** -1: without a limit. */
  readonly retentionMs: number
  readonly retentionBytes: number
  /** `delete.retention.ms`: how long a compacted log keeps a deletion. */
  readonly tombstoneMs: number
  readonly compactionLagMs: number
  /** How long the broker remembers a producer that writes nothing (`producer.id.expiration.ms`). */
  readonly producerExpirationMs: number
}

export interface Fault {
  readonly errorCode: number
  readonly message: string
}

/** Why the topic doesn't take the batch; undefined where it does. */
export function checkBatch(batch: RecordBatch, rules: LogRules, now: number): Fault | undefined {
  if (batch.bytes.length > rules.maxBatchBytes)
    return {
      errorCode: ErrorCode.MESSAGE_TOO_LARGE,
      message: `a record batch of ${batch.bytes.length} bytes, and the topic takes ${rules.maxBatchBytes}`,
    }
  if (batch.isControl) return { errorCode: ErrorCode.INVALID_RECORD, message: 'clients write no control batches' }
  if (batch.count < 1 || batch.lastOffset - batch.baseOffset !== batch.count - 1)
    return { errorCode: ErrorCode.INVALID_RECORD, message: `a record batch that claims ${batch.count} records` }
  if (batch.codec === 0 || rules.compacts || Number.isFinite(rules.timestampBeforeMs))
    return checkRecords(batch, rules, now)
  return rules.appendTime ? undefined : checkTime(batch.maxTimestamp, rules, now)
}

function checkRecords(batch: RecordBatch, rules: LogRules, now: number): Fault | undefined {
  try {
    for (const { key, timestamp, offset } of recordsOf(batch)) {
      const index = offset - batch.baseOffset
      if (rules.compacts && key === null)
        return {
          errorCode: ErrorCode.INVALID_RECORD,
          message: `record ${index} has no key, and the topic is compacted`,
        }
      const fault = rules.appendTime ? undefined : checkTime(timestamp, rules, now)
      if (fault !== undefined) return fault
    }
    return undefined
  } catch (error) {
    return { errorCode: ErrorCode.CORRUPT_MESSAGE, message: error instanceof Error ? error.message : String(error) }
  }
}

function checkTime(
  timestamp: number,
  { timestampBeforeMs, timestampAfterMs }: LogRules,
  now: number,
): Fault | undefined {
  if (timestamp >= now - timestampBeforeMs && timestamp <= now + timestampAfterMs) return undefined
  const bounds = `${timestampBeforeMs} ms before and ${timestampAfterMs} ms after ${now}`
  return { errorCode: ErrorCode.INVALID_TIMESTAMP, message: `the time ${timestamp} is not between ${bounds}` }
}
