import {
  api,
  array,
  boolean,
  int8,
  int16,
  int32,
  NO_ID,
  nullableArray,
  nullableString,
  string,
  struct,
  uuid,
} from './schema'

/** Makes topics. */
export const createTopics = api(
  { key: 19, name: 'CreateTopics', versions: [2, 7], flexible: 5 },
  {
    topics: array(
      struct({
        name: string(),
        numPartitions: int32(),
        replicationFactor: int16(),
        assignments: array(
          struct({
            partitionIndex: int32(),
            brokerIds: array(int32()),
          }),
        ),
        configs: array(
          struct({
            name: string(),
            value: nullableString(),
          }),
        ),
      }),
    ),
    timeoutMs: int32({ or: 60000 }),
    validateOnly: boolean({ or: false }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    topics: array(
      struct({
        name: string(),
        topicId: uuid({ in: '7+', or: NO_ID }),
        errorCode: int16(),
        errorMessage: nullableString(),
        numPartitions: int32({ in: '5+', or: -1 }),
        replicationFactor: int16({ in: '5+', or: -1 }),
        configs: nullableArray(
          struct({
            name: string(),
            value: nullableString(),
            readOnly: boolean(),
            configSource: int8({ or: -1 }),
            isSensitive: boolean(),
          }),
          { in: '5+', or: [] },
        ),
      }),
    ),
  },
)
