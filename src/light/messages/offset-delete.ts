import { api, array, int16, int32, string, struct } from './schema'

/** A group forgets positions. */
export const offsetDelete = api(
  { key: 47, name: 'OffsetDelete', versions: [0, 0] },
  {
    groupId: string(),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
          }),
        ),
      }),
    ),
  },
  {
    errorCode: int16(),
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
