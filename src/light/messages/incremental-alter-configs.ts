import { api, array, boolean, int8, int16, int32, nullableString, string, struct } from './schema'

/** Changes some settings of a topic. */
export const incrementalAlterConfigs = api(
  { key: 44, name: 'IncrementalAlterConfigs', versions: [0, 1], flexible: 1 },
  {
    resources: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        configs: array(
          struct({
            name: string(),
            configOperation: int8(),
            value: nullableString(),
          }),
        ),
      }),
    ),
    validateOnly: boolean(),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    responses: array(
      struct({
        errorCode: int16(),
        errorMessage: nullableString(),
        resourceType: int8(),
        resourceName: string(),
      }),
    ),
  },
)
