import type { AbortedTransaction } from './aborted-transactions'
import { recordsOf } from './batch-records'
import { rebuilt } from './build-batch'
import type { RecordBatch } from './record-batch'

export interface CompactionRules {
  readonly now: number
  /** How long a deletion (a null value) stays, so that readers see it. */
  readonly tombstoneMs: number
  /** Younger records stay as they are. */
  readonly lagMs: number
}

/**
 * What is left of a log: of each key its last record, at its former offset; of aborted transactions nothing but the marker. From
 * `stableOffset` on, where transactions are open, nothing is touched, nor are records that are too young. The last batch stays, by
 * which a log that is read again knows its end.
 */
export function compacted(
  batches: readonly RecordBatch[],
  stableOffset: number,
  aborted: readonly AbortedTransaction[],
  { now, tombstoneMs, lagMs }: CompactionRules,
): RecordBatch[] {
  const isOld = (batch: RecordBatch) => batch.lastOffset < stableOffset && batch.maxTimestamp <= now - lagMs
  const firstYoung = batches.findIndex(batch => !isOld(batch))
  const old = firstYoung < 0 ? batches : batches.slice(0, firstYoung)
  const wasAborted = (batch: RecordBatch) =>
    batch.isTransactional &&
    aborted.some(
      each =>
        each.producerId === batch.producerId &&
        each.firstOffset <= batch.baseOffset &&
        batch.lastOffset < each.lastOffset,
    )
  const data = new Set(old.filter(batch => !batch.isControl && !wasAborted(batch)))
  const last = new Map<string, number>()
  for (const batch of data)
    for (const { key, offset } of recordsOf(batch)) if (key !== null) last.set(key.toString('latin1'), offset)
  const kept = old.flatMap((batch, i) => {
    const isLast = i === batches.length - 1
    if (batch.isControl) return [batch]
    const records = data.has(batch) ? recordsOf(batch) : []
    const left = records.filter(
      ({ key, offset, hasValue, timestamp }) =>
        key !== null && last.get(key.toString('latin1')) === offset && (hasValue || timestamp > now - tombstoneMs),
    )
    if (left.length === records.length && left.length > 0) return [batch]
    if (left.length === 0 && !isLast) return []
    return [
      rebuilt(
        batch,
        left.map(({ bytes }) => bytes),
      ),
    ]
  })
  return [...kept, ...batches.slice(old.length)]
}
