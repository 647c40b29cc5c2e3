import { api, array, int16, int32, nullableString, string, struct } from './schema'

/** Members leave their group. */
export const leaveGroup = api(
  { key: 13, name: 'LeaveGroup', versions: [0, 5], flexible: 4 },
  {
    groupId: string(),
    memberId: string({ in: '0-2', or: '' }),
    members: array(
      struct({
        memberId: string(),
        groupInstanceId: nullableString({ or: null }),
        reason: nullableString({ in: '5+', or: null }),
      }),
      { in: '3+', or: [] },
    ),
  },
  {
    throttleTimeMs: int32({ in: '1+', or: 0 }),
    errorCode: int16(),
    members: array(
      struct({
        memberId: string(),
        groupInstanceId: nullableString(),
        errorCode: int16(),
      }),
      { in: '3+', or: [] },
    ),
  },
)
