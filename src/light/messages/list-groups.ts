import { api, array, int16, int32, string, struct } from './schema'

/** The groups that a node coordinates. */
export const listGroups = api(
  { key: 16, name: 'ListGroups', versions: [0, 5], flexible: 3 },
  {
    statesFilter: array(string(), { in: '4+', or: [] }),
    typesFilter: array(string(), { in: '5+', or: [] }),
  },
  {
    throttleTimeMs: int32({ in: '1+', or: 0 }),
    errorCode: int16(),
    groups: array(
      struct({
        groupId: string(),
        protocolType: string(),
        groupState: string({ in: '4+', or: '' }),
        groupType: string({ in: '5+', or: '' }),
      }),
    ),
  },
)
