import type { DescribedGroup } from './describe-group'

export interface GroupWarning {
  readonly code: 'nobody-reads' | 'rebalancing' | 'idle-members' | 'never-committed' | 'topic-gone'
  /** A sentence. */
  readonly what: string
}

/** What a person should know about a group and might not see in its rows. */
export function groupWarnings(group: DescribedGroup): GroupWarning[] {
  const found: GroupWarning[] = []
  const { group: name, state, members, idle, totalLag, uncommitted, partitions } = group
  if (members.length === 0) {
    const lag = totalLag === null ? '' : `, lag ${totalLag}`
    found.push({
      code: 'nobody-reads',
      what: `group "${name}" exists, but nobody consumes with it (${state}${lag})`,
    })
  } else if (state !== 'Stable') {
    found.push({
      code: 'rebalancing',
      what: `group "${name}" is rebalancing (${state}): partitions are being given out`,
    })
  }
  if (idle.length > 0) {
    const held = partitions.filter(row => row.consumerId !== null).length
    found.push({
      code: 'idle-members',
      what: `${idle.length} of ${counted(members.length, 'member')} idle, there are only ${counted(held, 'partition')}: ${idle.join(', ')}`,
    })
  }
  if (uncommitted > 0)
    found.push({
      code: 'never-committed',
      what: `${counted(uncommitted, 'partition')} with records and no committed offset: the lag there is not known`,
    })
  const gone = new Set(partitions.filter(row => row.logEndOffset === null).map(row => row.topic))
  for (const topic of gone) found.push({ code: 'topic-gone', what: `topic "${topic}" is gone or has no leader now` })
  return found
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
