import { api, array, int16, int32, string, struct } from './schema'

/** Deletes groups without members, with their positions. */
export const deleteGroups = api(
  { key: 42, name: 'DeleteGroups', versions: [0, 2], flexible: 2 },
  {
    groupsNames: array(string()),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    results: array(
      struct({
        groupId: string(),
        errorCode: int16(),
      }),
    ),
  },
)
