import { api, array, boolean, int8, int16, int32, nullableString, string, struct } from './schema'

/** Replaces all settings of a topic. */
export const alterConfigs = api(
  { key: 33, name: 'AlterConfigs', versions: [0, 2], flexible: 2 },
  {
    resources: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        configs: array(
          struct({
            name: string(),
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
