import { api, array, int16, int32, NO_ID, nullableString, string, struct, uuid } from './schema'

/** Deletes topics, by name or by id. */
export const deleteTopics = api(
  { key: 20, name: 'DeleteTopics', versions: [1, 6], flexible: 4 },
  {
    topics: array(
      struct({
        name: nullableString({ or: null }),
        topicId: uuid(),
      }),
      { in: '6+', or: [] },
    ),
    topicNames: array(string(), { in: '1-5', or: [] }),
    timeoutMs: int32(),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    responses: array(
      struct({
        name: nullableString(),
        topicId: uuid({ in: '6+', or: NO_ID }),
        errorCode: int16(),
        errorMessage: nullableString({ in: '5+', or: null }),
      }),
    ),
  },
)
