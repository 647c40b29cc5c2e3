import { api, array, boolean, bytes, int16, int32, nullableString, string, struct } from './schema'

/** State and members of classic groups. */
export const describeGroups = api(
  { key: 15, name: 'DescribeGroups', versions: [0, 6], flexible: 5 },
  {
    groups: array(string()),
    includeAuthorizedOperations: boolean({ in: '3+', or: false }),
  },
  {
    throttleTimeMs: int32({ in: '1+', or: 0 }),
    groups: array(
      struct({
        errorCode: int16(),
        errorMessage: nullableString({ in: '6+', or: null }),
        groupId: string(),
        groupState: string(),
        protocolType: string(),
        protocolData: string(),
        members: array(
          struct({
            memberId: string(),
            groupInstanceId: nullableString({ in: '4+', or: null }),
            clientId: string(),
            clientHost: string(),
            memberMetadata: bytes(),
            memberAssignment: bytes(),
          }),
        ),
        authorizedOperations: int32({ in: '3+', or: -2147483648 }),
      }),
    ),
  },
)
