import type { OutputRecord } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'

/** A record of a batch as it can be written again, on bytes of its own. */
export function recordOf(batch: Batch, i: number): OutputRecord {
  const { buffer, keyStart, keyEnd, valueStart, valueEnd, timestamps } = batch
  const bytes = (start: number, end: number) => (start < 0 ? null : Buffer.from(buffer.subarray(start, end)))
  const headers = batch.headers(i)
  return {
    key: bytes(keyStart[i]!, keyEnd[i]!),
    value: bytes(valueStart[i]!, valueEnd[i]!),
    timestamp: timestamps[i]!,
    ...(headers !== undefined && { headers }),
  }
}
