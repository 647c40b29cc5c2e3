import type { DescribedGroup } from '../../ops/describe-group'
import { type Colour, counted } from './output'

export function stateColour(state: string): Colour {
  if (state === 'Stable') return 'green'
  return state === 'Dead' ? 'red' : 'yellow'
}

/** What a person should know about a group and might not see in its rows. */
export function groupNotes(group: DescribedGroup): string[] {
  const notes: string[] = []
  const { group: name, state, members, idle, totalLag, uncommitted, partitions } = group
  if (members.length === 0) {
    const lag = totalLag === null ? '' : `, lag ${totalLag}`
    notes.push(`group "${name}" exists, but nobody consumes with it (${state}${lag})`)
  } else if (state !== 'Stable') {
    notes.push(`group "${name}" is rebalancing (${state}): partitions are being given out`)
  }
  if (idle.length > 0) {
    const held = partitions.filter(row => row.consumerId !== null).length
    notes.push(
      `${idle.length} of ${counted(members.length, 'member')} idle, there are only ${counted(held, 'partition')}: ${idle.join(', ')}`,
    )
  }
  if (uncommitted > 0)
    notes.push(`${counted(uncommitted, 'partition')} with records and no committed offset: the lag there is not known`)
  const gone = new Set(partitions.filter(row => row.logEndOffset === null).map(row => row.topic))
  for (const topic of gone) notes.push(`topic "${topic}" is gone or has no leader now`)
  return notes
}
