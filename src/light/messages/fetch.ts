import {
  api,
  array,
  int8,
  int16,
  int32,
  int64,
  NO_ID,
  nullableArray,
  nullableRecords,
  string,
  struct,
  uuid,
} from './schema'

/** Reads record batches of partitions. */
export const fetch = api(
  { key: 1, name: 'Fetch', versions: [4, 17], flexible: 12 },
  {
    replicaId: int32({ in: '4-14', or: -1 }),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32({ or: 2147483647 }),
    isolationLevel: int8({ or: 0 }),
    sessionId: int32({ in: '7+', or: 0 }),
    sessionEpoch: int32({ in: '7+', or: -1 }),
    topics: array(
      struct({
        topic: string({ in: '4-12', or: '' }),
        topicId: uuid({ in: '13+', or: NO_ID }),
        partitions: array(
          struct({
            partition: int32(),
            currentLeaderEpoch: int32({ in: '9+', or: -1 }),
            fetchOffset: int64(),
            lastFetchedEpoch: int32({ in: '12+', or: -1 }),
            logStartOffset: int64({ in: '5+', or: -1 }),
            partitionMaxBytes: int32(),
          }),
        ),
      }),
    ),
    forgottenTopicsData: array(
      struct({
        topic: string({ in: '7-12', or: '' }),
        topicId: uuid({ in: '13+', or: NO_ID }),
        partitions: array(int32()),
      }),
      { in: '7+', or: [] },
    ),
    rackId: string({ in: '11+', or: '' }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16({ in: '7+', or: 0 }),
    sessionId: int32({ in: '7+', or: 0 }),
    responses: array(
      struct({
        topic: string({ in: '4-12', or: '' }),
        topicId: uuid({ in: '13+', or: NO_ID }),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            highWatermark: int64(),
            lastStableOffset: int64({ or: -1 }),
            logStartOffset: int64({ in: '5+', or: -1 }),
            abortedTransactions: nullableArray(
              struct({
                producerId: int64(),
                firstOffset: int64(),
              }),
            ),
            preferredReadReplica: int32({ in: '11+', or: -1 }),
            records: nullableRecords(),
          }),
        ),
      }),
    ),
  },
)
