import type { AbortedTransaction } from '../protocol/fetch'
import type { BatchHeader } from './record-batch-header'

/**
 * Leaves out aborted transactions as Kafka's own consumer does: a producer is aborted from its transaction's first offset
 * on until its abort marker. The list holds transactions in the order of their ends, so it is sorted here.
 */
export class AbortFilter {
  private readonly pending: AbortedTransaction[]
  private readonly producers = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  drops(buffer: Buffer, batch: BatchHeader): boolean {
    if (this.pending.length === 0 && this.producers.size === 0) return batch.isControl
    while (this.pending[0] !== undefined && this.pending[0].firstOffset <= batch.lastOffset) {
      this.producers.add(this.pending[0].producerId)
      this.pending.shift()
    }
    if (batch.isControl) {
      if (isAbortMarker(buffer, batch.recordsStart, batch.end)) this.producers.delete(batch.producerId)
      return true
    }
    return batch.isTransactional && this.producers.has(batch.producerId)
  }
}

/** A marker's key is its version and type, two int16; type 0 is abort. Its lengths and deltas fit in a byte each. */
function isAbortMarker(buffer: Buffer, record: number, end: number): boolean {
  let p = record
  const passVarint = () => {
    while (p < end && buffer.readUInt8(p++) > 0x7f);
  }
  passVarint()
  p++ // attributes
  passVarint() // timestamp delta
  passVarint() // offset delta
  passVarint() // length of the key
  return p + 4 <= end && buffer.readInt16BE(p + 2) === 0
}
