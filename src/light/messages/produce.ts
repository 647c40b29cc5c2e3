import { api, array, int16, int32, int64, nullableRecords, nullableString, string, struct } from './schema'

/** Appends record batches to partitions. */
export const produce = api(
  { key: 0, name: 'Produce', versions: [3, 11], flexible: 9 },
  {
    transactionalId: nullableString({ or: null }),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array(
      struct({
        name: string(),
        partitionData: array(
          struct({
            index: int32(),
            records: nullableRecords(),
          }),
        ),
      }),
    ),
  },
  {
    responses: array(
      struct({
        name: string(),
        partitionResponses: array(
          struct({
            index: int32(),
            errorCode: int16(),
            baseOffset: int64(),
            logAppendTimeMs: int64({ or: -1 }),
            logStartOffset: int64({ in: '5+', or: -1 }),
            recordErrors: array(
              struct({
                batchIndex: int32(),
                batchIndexErrorMessage: nullableString({ or: null }),
              }),
              { in: '8+', or: [] },
            ),
            errorMessage: nullableString({ in: '8+', or: null }),
          }),
        ),
      }),
    ),
    throttleTimeMs: int32({ or: 0 }),
  },
)
