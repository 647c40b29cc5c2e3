import { api, array, boolean, int16, int32, nullableArray, nullableString, string, struct } from './schema'

/** Gives topics more partitions. */
export const createPartitions = api(
  { key: 37, name: 'CreatePartitions', versions: [0, 3], flexible: 2 },
  {
    topics: array(
      struct({
        name: string(),
        count: int32(),
        assignments: nullableArray(
          struct({
            brokerIds: array(int32()),
          }),
        ),
      }),
    ),
    timeoutMs: int32(),
    validateOnly: boolean(),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    results: array(
      struct({
        name: string(),
        errorCode: int16(),
        errorMessage: nullableString({ or: null }),
      }),
    ),
  },
)
