import { api, array, int16, int32, int64, string, struct } from './schema'

/** State of transactions. */
export const describeTransactions = api(
  { key: 65, name: 'DescribeTransactions', versions: [0, 0], flexible: 0 },
  {
    transactionalIds: array(string()),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    transactionStates: array(
      struct({
        errorCode: int16(),
        transactionalId: string(),
        transactionState: string(),
        transactionTimeoutMs: int32(),
        transactionStartTimeMs: int64(),
        producerId: int64(),
        producerEpoch: int16(),
        topics: array(
          struct({
            topic: string(),
            partitions: array(int32()),
          }),
        ),
      }),
    ),
  },
)
