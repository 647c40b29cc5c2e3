import type { Api } from './api'

/** What a transaction's coordinator knows of it. */
export interface TransactionDescription {
  readonly errorCode: number
  readonly transactionalId: string
  /** `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort`, ... */
  readonly state: string
  /** When the transaction began, by the coordinator's clock, also of one that is complete, ms; -1 without any. */
  readonly startedAt: number
  readonly producerId: number
  readonly epoch: number
}

/** DescribeTransactions v0 (KIP-664, Kafka 3.0): asked of the coordinator of the ids. */
export function describeTransactions(transactionalIds: readonly string[]): Api<TransactionDescription[]> {
  return {
    key: 65,
    version: 0,
    name: 'DescribeTransactions',
    flexible: true,
    write: to => to.compactArray(transactionalIds, id => to.compactString(id)).noTags(),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.compactArray(() => {
        const head = { errorCode: from.int16(), transactionalId: from.compactString(), state: from.compactString() }
        from.skip('transactionTimeoutMs', 'int32')
        const tail = { startedAt: from.int64(), producerId: from.int64(), epoch: from.int16() }
        from.compactArray(() => {
          from.skip('topic', 'compactString')
          from.skipCompactArray('partitions', 'int32')
          from.skipTags()
        })
        from.skipTags()
        return { ...head, ...tail }
      })
    },
  }
}
