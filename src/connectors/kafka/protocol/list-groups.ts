import type { Api } from './api'

export interface ListedGroup {
  readonly group: string
  readonly protocolType: string
  readonly state: string
  /** `classic`, `consumer` (KIP-848), `share` or `streams`; `classic` from brokers that know no other. */
  readonly type: string
}

/** ListGroups v4 (Kafka 2.6) or v5 (3.8, with types): the groups that one broker coordinates. */
export function listGroups(version: 4 | 5): Api<{ errorCode: number; groups: ListedGroup[] }> {
  return {
    key: 16,
    version,
    name: 'ListGroups',
    flexible: true,
    write: to => {
      to.compactArray([], () => undefined)
      if (version === 5) to.compactArray([], () => undefined)
      to.noTags()
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const errorCode = from.int16()
      const groups = from.compactArray(() => {
        const group = { group: from.compactString(), protocolType: from.compactString(), state: from.compactString() }
        const type = version === 5 ? from.compactString().toLowerCase() : 'classic'
        from.skipTags()
        return { ...group, type }
      })
      return { errorCode, groups }
    },
  }
}
