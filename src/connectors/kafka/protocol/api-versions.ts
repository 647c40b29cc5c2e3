import type { Api } from './api'

export type ApiVersions = Record<number, { minVersion: number; maxVersion: number }>

/** ApiVersions v2: what the broker speaks. */
export const apiVersions: Api<{ errorCode: number; versions: ApiVersions }> = {
  key: 18,
  version: 2,
  name: 'ApiVersions',
  write: () => {},
  read: from => {
    const errorCode = from.int16()
    const versions: ApiVersions = {}
    from.array(() => {
      versions[from.int16()] = { minVersion: from.int16(), maxVersion: from.int16() }
    })
    return { errorCode, versions }
  },
}
