import { api, array, boolean, bytes, int16, int32, nullableString, string, struct } from './schema'

/** Enters a group; answered when the generation has all its members. */
export const joinGroup = api(
  { key: 11, name: 'JoinGroup', versions: [0, 9], flexible: 6 },
  {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32({ in: '1+', or: -1 }),
    memberId: string(),
    groupInstanceId: nullableString({ in: '5+', or: null }),
    protocolType: string(),
    protocols: array(
      struct({
        name: string(),
        metadata: bytes(),
      }),
    ),
    reason: nullableString({ in: '8+', or: null }),
  },
  {
    throttleTimeMs: int32({ in: '2+', or: 0 }),
    errorCode: int16(),
    generationId: int32({ or: -1 }),
    protocolType: nullableString({ in: '7+', or: null }),
    protocolName: nullableString(),
    leader: string(),
    skipAssignment: boolean({ in: '9+', or: false }),
    memberId: string(),
    members: array(
      struct({
        memberId: string(),
        groupInstanceId: nullableString({ in: '5+', or: null }),
        metadata: bytes(),
      }),
    ),
  },
)
