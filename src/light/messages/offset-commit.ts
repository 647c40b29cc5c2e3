import { api, array, int16, int32, int64, nullableString, string, struct } from './schema'

/** A group notes its positions. */
export const offsetCommit = api(
  { key: 8, name: 'OffsetCommit', versions: [2, 9], flexible: 8 },
  {
    groupId: string(),
    generationIdOrMemberEpoch: int32({ or: -1 }),
    memberId: string(),
    groupInstanceId: nullableString({ in: '7+', or: null }),
    retentionTimeMs: int64({ in: '2-4', or: -1 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32({ in: '6+', or: -1 }),
            committedMetadata: nullableString(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ in: '3+', or: 0 }),
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
