import { keyBytes, timestampOf, valueBytes } from '../../connectors/batch'
import type { OutputRecord } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import { listOf } from '../../header-lists'
import type { Headers } from '../../record'

/** A record of a batch as it can be written again, on bytes of its own. */
export function recordOf(batch: Batch, i: number): OutputRecord {
  const [key, value] = [keyBytes(batch, i), valueBytes(batch, i)]
  const headers = batch.headers(i)
  return {
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    timestamp: timestampOf(batch, i),
    ...(headers !== undefined && whole(headers)),
  }
}

/** With repeated names and nulls, where there are such. */
function whole(headers: Headers): Pick<OutputRecord, 'headers' | 'headerList'> {
  const headerList = listOf(headers)
  return headerList === undefined ? { headers } : { headerList }
}
