import { api, array, int8, int16, int32, int64, string, struct } from './schema'

/** Where a partition begins, ends, or had a time. */
export const listOffsets = api(
  { key: 2, name: 'ListOffsets', versions: [1, 10], flexible: 6 },
  {
    replicaId: int32(),
    isolationLevel: int8({ in: '2+', or: 0 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            currentLeaderEpoch: int32({ in: '4+', or: -1 }),
            timestamp: int64(),
          }),
        ),
      }),
    ),
    timeoutMs: int32({ in: '10+', or: 0 }),
  },
  {
    throttleTimeMs: int32({ in: '2+', or: 0 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            timestamp: int64({ or: -1 }),
            offset: int64({ or: -1 }),
            leaderEpoch: int32({ in: '4+', or: -1 }),
          }),
        ),
      }),
    ),
  },
)
