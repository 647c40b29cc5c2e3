import { api, array, bytes, int16, int32, nullableString, string, struct } from './schema'

/** The leader hands out what each member is assigned. */
export const syncGroup = api(
  { key: 14, name: 'SyncGroup', versions: [0, 5], flexible: 4 },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: nullableString({ in: '3+', or: null }),
    protocolType: nullableString({ in: '5+', or: null }),
    protocolName: nullableString({ in: '5+', or: null }),
    assignments: array(
      struct({
        memberId: string(),
        assignment: bytes(),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ in: '1+', or: 0 }),
    errorCode: int16(),
    protocolType: nullableString({ in: '5+', or: null }),
    protocolName: nullableString({ in: '5+', or: null }),
    assignment: bytes(),
  },
)
