import type { Api } from './api'

export interface ListedTransaction {
  readonly transactionalId: string
  readonly producerId: number
  /** As DescribeTransactions names it. */
  readonly state: string
}

/** ListTransactions v0 (KIP-664, Kafka 3.0): what one broker coordinates, of these producer ids. */
export function listTransactions(producerIds: readonly number[]): Api<{
  errorCode: number
  transactions: ListedTransaction[]
}> {
  return {
    key: 66,
    version: 0,
    name: 'ListTransactions',
    flexible: true,
    write: to =>
      to
        .compactArray(ANY_STATE, state => to.compactString(state))
        .compactArray(producerIds, id => to.int64(id))
        .noTags(),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const errorCode = from.int16()
      from.skipCompactArray('unknownStateFilters', 'compactString')
      const transactions = from.compactArray(() => {
        const found = { transactionalId: from.compactString(), producerId: from.int64(), state: from.compactString() }
        from.skipTags()
        return found
      })
      return { errorCode, transactions }
    },
  }
}

const ANY_STATE: readonly string[] = []
