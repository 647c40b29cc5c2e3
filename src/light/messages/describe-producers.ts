import { api, array, int16, int32, int64, nullableString, string, struct } from './schema'

/** Who writes to partitions. */
export const describeProducers = api(
  { key: 61, name: 'DescribeProducers', versions: [0, 0], flexible: 0 },
  {
    topics: array(
      struct({
        name: string(),
        partitionIndexes: array(int32()),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            errorMessage: nullableString({ or: null }),
            activeProducers: array(
              struct({
                producerId: int64(),
                producerEpoch: int32(),
                lastSequence: int32({ or: -1 }),
                lastTimestamp: int64({ or: -1 }),
                coordinatorEpoch: int32(),
                currentTxnStartOffset: int64({ or: -1 }),
              }),
            ),
          }),
        ),
      }),
    ),
  },
)
