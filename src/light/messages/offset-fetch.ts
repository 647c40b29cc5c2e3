import { api, array, boolean, int16, int32, int64, nullableArray, nullableString, string, struct } from './schema'

/** The positions that groups noted. */
export const offsetFetch = api(
  { key: 9, name: 'OffsetFetch', versions: [1, 9], flexible: 6 },
  {
    groupId: string({ in: '1-7', or: '' }),
    topics: nullableArray(
      struct({
        name: string(),
        partitionIndexes: array(int32()),
      }),
      { in: '1-7', or: [] },
    ),
    groups: array(
      struct({
        groupId: string(),
        memberId: nullableString({ in: '9+', or: null }),
        memberEpoch: int32({ in: '9+', or: -1 }),
        topics: nullableArray(
          struct({
            name: string(),
            partitionIndexes: array(int32()),
          }),
        ),
      }),
      { in: '8+', or: [] },
    ),
    requireStable: boolean({ in: '7+', or: false }),
  },
  {
    throttleTimeMs: int32({ in: '3+', or: 0 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32({ in: '5+', or: -1 }),
            metadata: nullableString(),
            errorCode: int16(),
          }),
        ),
      }),
      { in: '1-7', or: [] },
    ),
    errorCode: int16({ in: '2-7', or: 0 }),
    groups: array(
      struct({
        groupId: string(),
        topics: array(
          struct({
            name: string(),
            partitions: array(
              struct({
                partitionIndex: int32(),
                committedOffset: int64(),
                committedLeaderEpoch: int32({ or: -1 }),
                metadata: nullableString(),
                errorCode: int16(),
              }),
            ),
          }),
        ),
        errorCode: int16({ or: 0 }),
      }),
      { in: '8+', or: [] },
    ),
  },
)
