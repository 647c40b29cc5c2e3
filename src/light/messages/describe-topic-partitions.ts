import {
  api,
  array,
  boolean,
  int16,
  int32,
  nullableArray,
  nullableString,
  nullableStruct,
  string,
  struct,
  uuid,
} from './schema'

/** Topics and their partitions, a page at a time (KIP-966). */
export const describeTopicPartitions = api(
  { key: 75, name: 'DescribeTopicPartitions', versions: [0, 0], flexible: 0 },
  {
    topics: array(struct({ name: string() })),
    responsePartitionLimit: int32({ or: 2000 }),
    cursor: nullableStruct({ topicName: string(), partitionIndex: int32() }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    topics: array(
      struct({
        errorCode: int16(),
        name: nullableString(),
        topicId: uuid(),
        isInternal: boolean({ or: false }),
        partitions: array(
          struct({
            errorCode: int16(),
            partitionIndex: int32(),
            leaderId: int32(),
            leaderEpoch: int32({ or: -1 }),
            replicaNodes: array(int32()),
            isrNodes: array(int32()),
            eligibleLeaderReplicas: nullableArray(int32()),
            lastKnownElr: nullableArray(int32()),
            offlineReplicas: array(int32()),
          }),
        ),
        topicAuthorizedOperations: int32({ or: -2147483648 }),
      }),
    ),
    nextCursor: nullableStruct({ topicName: string(), partitionIndex: int32() }),
  },
)
