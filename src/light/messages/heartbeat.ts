import { api, int16, int32, nullableString, string } from './schema'

/** A member lives, and asks whether the group goes on. */
export const heartbeat = api(
  { key: 12, name: 'Heartbeat', versions: [0, 4], flexible: 4 },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: nullableString({ in: '3+', or: null }),
  },
  {
    throttleTimeMs: int32({ in: '1+', or: 0 }),
    errorCode: int16(),
  },
)
