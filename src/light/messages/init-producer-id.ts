import { api, int16, int32, int64, nullableString } from './schema'

/** Gives a producer its id and epoch, and fences a former one of its transactional id. */
export const initProducerId = api(
  { key: 22, name: 'InitProducerId', versions: [0, 5], flexible: 2 },
  {
    transactionalId: nullableString(),
    transactionTimeoutMs: int32(),
    producerId: int64({ in: '3+', or: -1 }),
    producerEpoch: int16({ in: '3+', or: -1 }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16(),
    producerId: int64({ or: -1 }),
    producerEpoch: int16(),
  },
)
