import { api, array, int16, int32, string, struct } from './schema'

/** What the node speaks. */
export const apiVersions = api(
  { key: 18, name: 'ApiVersions', versions: [0, 4], flexible: 3 },
  {
    clientSoftwareName: string({ in: '3+', or: '' }),
    clientSoftwareVersion: string({ in: '3+', or: '' }),
  },
  {
    errorCode: int16(),
    apiKeys: array(
      struct({
        apiKey: int16(),
        minVersion: int16(),
        maxVersion: int16(),
      }),
    ),
    throttleTimeMs: int32({ in: '1+', or: 0 }),
  },
)
