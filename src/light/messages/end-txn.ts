import { api, boolean, int16, int32, int64, string } from './schema'

/** Commits or aborts a transaction. */
export const endTxn = api(
  { key: 26, name: 'EndTxn', versions: [0, 4], flexible: 3 },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: boolean(),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16(),
  },
)
