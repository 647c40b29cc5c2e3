import { api, int16, int32, int64, string } from './schema'

/** A transaction is going to commit a group's positions. */
export const addOffsetsToTxn = api(
  { key: 25, name: 'AddOffsetsToTxn', versions: [0, 4], flexible: 3 },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16(),
  },
)
