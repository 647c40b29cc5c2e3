import { api, array, int16, int32, int64, string, struct } from './schema'

/** A transaction is going to write to partitions. */
export const addPartitionsToTxn = api(
  { key: 24, name: 'AddPartitionsToTxn', versions: [0, 3], flexible: 3 },
  {
    v3AndBelowTransactionalId: string(),
    v3AndBelowProducerId: int64(),
    v3AndBelowProducerEpoch: int16(),
    v3AndBelowTopics: array(
      struct({
        name: string(),
        partitions: array(int32()),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    resultsByTopicV3AndBelow: array(
      struct({
        name: string(),
        resultsByPartition: array(
          struct({
            partitionIndex: int32(),
            partitionErrorCode: int16(),
          }),
        ),
      }),
    ),
  },
)
