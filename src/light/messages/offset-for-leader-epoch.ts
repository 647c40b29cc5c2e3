import { api, array, int16, int32, int64, string, struct } from './schema'

/** Where the records of a leader's epoch end. */
export const offsetForLeaderEpoch = api(
  { key: 23, name: 'OffsetForLeaderEpoch', versions: [2, 4], flexible: 4 },
  {
    replicaId: int32({ in: '3+', or: -2 }),
    topics: array(
      struct({
        topic: string(),
        partitions: array(
          struct({
            partition: int32(),
            currentLeaderEpoch: int32({ or: -1 }),
            leaderEpoch: int32(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    topics: array(
      struct({
        topic: string(),
        partitions: array(
          struct({
            errorCode: int16(),
            partition: int32(),
            leaderEpoch: int32({ or: -1 }),
            endOffset: int64({ or: -1 }),
          }),
        ),
      }),
    ),
  },
)
