import { api, array, int8, int16, int32, nullableString, string, struct } from './schema'

/** The node that is in charge of a group or a transactional id. */
export const findCoordinator = api(
  { key: 10, name: 'FindCoordinator', versions: [0, 6], flexible: 3 },
  {
    key: string({ in: '0-3', or: '' }),
    keyType: int8({ in: '1+', or: 0 }),
    coordinatorKeys: array(string(), { in: '4+', or: [] }),
  },
  {
    throttleTimeMs: int32({ in: '1+', or: 0 }),
    errorCode: int16({ in: '0-3', or: 0 }),
    errorMessage: nullableString({ in: '1-3', or: '' }),
    nodeId: int32({ in: '0-3', or: 0 }),
    host: string({ in: '0-3', or: '' }),
    port: int32({ in: '0-3', or: 0 }),
    coordinators: array(
      struct({
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: nullableString(),
      }),
      { in: '4+', or: [] },
    ),
  },
)
