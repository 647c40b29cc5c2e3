import { api, array, boolean, int8, int16, int32, nullableArray, nullableString, string, struct } from './schema'

/** Settings of topics and nodes. */
export const describeConfigs = api(
  { key: 32, name: 'DescribeConfigs', versions: [1, 4], flexible: 4 },
  {
    resources: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        configurationKeys: nullableArray(string()),
      }),
    ),
    includeSynonyms: boolean({ or: false }),
    includeDocumentation: boolean({ in: '3+', or: false }),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    results: array(
      struct({
        errorCode: int16(),
        errorMessage: nullableString(),
        resourceType: int8(),
        resourceName: string(),
        configs: array(
          struct({
            name: string(),
            value: nullableString(),
            readOnly: boolean(),
            configSource: int8({ or: -1 }),
            isSensitive: boolean(),
            synonyms: array(
              struct({
                name: string(),
                value: nullableString(),
                source: int8(),
              }),
            ),
            configType: int8({ in: '3+', or: 0 }),
            documentation: nullableString({ in: '3+', or: '' }),
          }),
        ),
      }),
    ),
  },
)
