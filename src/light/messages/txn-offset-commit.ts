import { api, array, int16, int32, int64, nullableString, string, struct } from './schema'

/** Positions of a group, which count once the transaction is committed. */
export const txnOffsetCommit = api(
  { key: 28, name: 'TxnOffsetCommit', versions: [0, 4], flexible: 3 },
  {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32({ in: '3+', or: -1 }),
    memberId: string({ in: '3+', or: '' }),
    groupInstanceId: nullableString({ in: '3+', or: null }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32({ in: '2+', or: -1 }),
            committedMetadata: nullableString(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
          }),
        ),
      }),
    ),
  },
)
