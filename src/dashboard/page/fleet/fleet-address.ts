import type { TopologyVitals } from '../../../vitals/format'
import { type KeyState, keyStates } from '../../contract/fleet-frame'
import { query, setQuery } from '../shell/location'
import { groupings, sorts, type Wish } from './cell-order'

/** The source topics of an application: what it reads and doesn't write itself. */
export function sourceTopics(topology: TopologyVitals | undefined): readonly string[] {
  const nodes = topology?.parts.flatMap(part => part.nodes) ?? []
  const written = new Set(nodes.map(({ writes }) => writes))
  const read = nodes.flatMap(({ reads }) => (reads === undefined || written.has(reads) ? [] : [reads]))
  return [...new Set(read)]
}

const oneOf = <T extends string>(all: readonly T[], text: string | undefined): T =>
  all.find(each => each === text) ?? (all[0] as T)

/** What the address says of how the cells are arranged. */
export function wishOf(asked: Readonly<Record<string, string>>): Wish {
  const states = (asked['states'] ?? '').split(',')
  return {
    sort: oneOf(sorts, asked['sort']),
    group: oneOf(groupings, asked['group']),
    states: new Set(keyStates.filter(state => states.includes(state))),
    search: asked['search'] ?? '',
  }
}

/** Shows a state alone, beside others, or not any more. */
export function toggleState(state: KeyState): void {
  const { states } = wishOf(query.peek())
  const next = keyStates.filter(each => (each === state ? !states.has(each) : states.has(each)))
  setQuery({ states: next.join(',') })
}
