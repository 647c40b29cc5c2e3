import { api, array, int16, int32, int64, string, struct } from './schema'

/** The transactional ids of a node. */
export const listTransactions = api(
  { key: 66, name: 'ListTransactions', versions: [0, 1], flexible: 0 },
  {
    stateFilters: array(string()),
    producerIdFilters: array(int64()),
    durationFilter: int64({ in: '1+', or: -1 }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16(),
    unknownStateFilters: array(string()),
    transactionStates: array(
      struct({
        transactionalId: string(),
        producerId: int64(),
        transactionState: string(),
      }),
    ),
  },
)
