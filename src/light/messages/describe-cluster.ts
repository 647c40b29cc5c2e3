import { api, array, boolean, int8, int16, int32, nullableString, string, struct } from './schema'

/** The nodes and the controller. */
export const describeCluster = api(
  { key: 60, name: 'DescribeCluster', versions: [0, 2], flexible: 0 },
  {
    includeClusterAuthorizedOperations: boolean(),
    endpointType: int8({ in: '1+', or: 1 }),
    includeFencedBrokers: boolean({ in: '2+', or: false }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16(),
    errorMessage: nullableString({ or: null }),
    endpointType: int8({ in: '1+', or: 1 }),
    clusterId: string(),
    controllerId: int32({ or: -1 }),
    brokers: array(
      struct({
        brokerId: int32(),
        host: string(),
        port: int32(),
        rack: nullableString({ or: null }),
        isFenced: boolean({ in: '2+', or: false }),
      }),
    ),
    clusterAuthorizedOperations: int32({ or: -2147483648 }),
  },
)
