import { api, array, boolean, int16, int32, int64, string, struct } from './schema'

/** The ends of transactions, as their coordinator tells them to the leaders of partitions. */
export const writeTxnMarkers = api(
  { key: 27, name: 'WriteTxnMarkers', versions: [1, 1], flexible: 1 },
  {
    markers: array(
      struct({
        producerId: int64(),
        producerEpoch: int16(),
        transactionResult: boolean(),
        topics: array(
          struct({
            name: string(),
            partitionIndexes: array(int32()),
          }),
        ),
        coordinatorEpoch: int32(),
      }),
    ),
  },
  {
    markers: array(
      struct({
        producerId: int64(),
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
      }),
    ),
  },
)
