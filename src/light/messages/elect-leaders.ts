import { api, array, int8, int16, int32, nullableArray, nullableString, string, struct } from './schema'

/** Gives partitions their preferred leaders back. */
export const electLeaders = api(
  { key: 43, name: 'ElectLeaders', versions: [0, 2], flexible: 2 },
  {
    electionType: int8({ in: '1+', or: 0 }),
    topicPartitions: nullableArray(
      struct({
        topic: string(),
        partitions: array(int32()),
      }),
    ),
    timeoutMs: int32({ or: 60000 }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16({ in: '1+', or: 0 }),
    replicaElectionResults: array(
      struct({
        topic: string(),
        partitionResult: array(
          struct({
            partitionId: int32(),
            errorCode: int16(),
            errorMessage: nullableString(),
          }),
        ),
      }),
    ),
  },
)
