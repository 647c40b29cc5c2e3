import { api, array, int16, int32, int64, string, struct } from './schema'

/** Moves the beginning of partitions forward. */
export const deleteRecords = api(
  { key: 21, name: 'DeleteRecords', versions: [0, 2], flexible: 2 },
  {
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            offset: int64(),
          }),
        ),
      }),
    ),
    timeoutMs: int32(),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            lowWatermark: int64(),
            errorCode: int16(),
          }),
        ),
      }),
    ),
  },
)
