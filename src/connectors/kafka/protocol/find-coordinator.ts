import type { Api } from './api'

export type CoordinatorKind = 'group' | 'transaction'

export interface FoundCoordinator {
  errorCode: number
  nodeId: number
  host: string
  port: number
}

/** FindCoordinator v2. */
export function findCoordinator(kind: CoordinatorKind, key: string): Api<FoundCoordinator> {
  return {
    key: 10,
    version: 2,
    name: 'FindCoordinator',
    write: to => to.string(key).int8(kind === 'group' ? 0 : 1),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const errorCode = from.int16()
      from.skip('errorMessage', 'nullableString')
      return { errorCode, nodeId: from.int32(), host: from.string(), port: from.int32() }
    },
  }
}
