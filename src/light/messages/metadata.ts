import { api, array, boolean, int16, int32, NO_ID, nullableArray, nullableString, string, struct, uuid } from './schema'

/** Brokers, topics and who leads their partitions. */
export const metadata = api(
  { key: 3, name: 'Metadata', versions: [0, 13], flexible: 9 },
  {
    topics: nullableArray(
      struct({
        topicId: uuid({ in: '10+', or: NO_ID }),
        name: nullableString(),
      }),
    ),
    allowAutoTopicCreation: boolean({ in: '4+', or: true }),
    includeClusterAuthorizedOperations: boolean({ in: '8-10', or: false }),
    includeTopicAuthorizedOperations: boolean({ in: '8+', or: false }),
  },
  {
    throttleTimeMs: int32({ in: '3+', or: 0 }),
    brokers: array(
      struct({
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: nullableString({ in: '1+', or: null }),
      }),
    ),
    clusterId: nullableString({ in: '2+', or: null }),
    controllerId: int32({ in: '1+', or: -1 }),
    topics: array(
      struct({
        errorCode: int16(),
        name: nullableString(),
        topicId: uuid({ in: '10+', or: NO_ID }),
        isInternal: boolean({ in: '1+', or: false }),
        partitions: array(
          struct({
            errorCode: int16(),
            partitionIndex: int32(),
            leaderId: int32(),
            leaderEpoch: int32({ in: '7+', or: -1 }),
            replicaNodes: array(int32()),
            isrNodes: array(int32()),
            offlineReplicas: array(int32(), { in: '5+', or: [] }),
          }),
        ),
        topicAuthorizedOperations: int32({ in: '8+', or: -2147483648 }),
      }),
    ),
    clusterAuthorizedOperations: int32({ in: '8-10', or: -2147483648 }),
    errorCode: int16({ in: '13+', or: 0 }),
  },
)
