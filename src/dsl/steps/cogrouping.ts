import type { CogroupAdder } from '../face/aggregating'
import type { CogroupOptions } from '../face/cogrouping'
import type { WindowStateful } from '../face/windowing'
import type { Merger } from '../graph/functions'
import { type Aggregation, keyedStore, named } from './aggregating'
import { checkOneTopology, type StreamDraft, type TableDraft } from './drafts'
import type { Grouping } from './grouping'
import type { TakeLate } from './late-records'
import { type Windowing, windowAggregated } from './windowing'

/** A grouped stream of a cogroup, and how its values are added. */
export interface Member {
  readonly grouping: Grouping
  readonly add: CogroupAdder<any, any, any>
}
export type Members = readonly [Member, ...Member[]]

/** Adds an aggregation of cogrouped streams without windows. */
export function cogrouped(members: Members, { initial, ...options }: Partial<CogroupOptions<any>> = {}): TableDraft {
  const parents = parentsOf(members, options.name)
  const [{ builder, key }] = parents
  const store = keyedStore(options, 'aggregate')
  const ids = parents.map(({ node }) => node.id)
  const spec = { store: store.name, ...adding(members, initial) }
  return { kind: 'table', builder, node: builder.add('aggregate', ids, spec, named(store)), key }
}

/** Adds an aggregation of cogrouped streams by windows. */
export function windowCogrouped(
  members: Members,
  windowing: Windowing,
  { initial, merge, ...options }: WindowStateful & Partial<CogroupOptions<any>> & { readonly merge?: Merger },
  late?: TakeLate,
): TableDraft {
  const merging = windowing.windows.type === 'session' ? { merge: merge as Merger } : {}
  const spec = { ...adding(members, initial), ...merging }
  return windowAggregated(parentsOf(members, options.name), windowing, options, { identity: 'aggregate', spec }, late)
}

function adding(members: Members, initial: (() => unknown) | undefined): Aggregation['spec'] {
  // Without a compiler `initial` may be missing: the builder says so.
  return { initial: initial as () => unknown, add: members[0].add, adds: members.map(({ add }) => add) }
}

function parentsOf(members: Members, name: string | undefined): [StreamDraft, ...StreamDraft[]] {
  const [first, ...others] = members
  const { builder } = first.grouping.stream
  for (const { grouping } of others)
    checkOneTopology(`cogroup ${name}`, 'all its streams', builder, grouping.stream.builder)
  // One stream alone keeps the name that an aggregation of it would have.
  const nameAt = (i: number) => (others.length === 0 || !name ? name : `${name}-${i}`)
  return [first.grouping.keyedFor(nameAt(0)), ...others.map(({ grouping }, i) => grouping.keyedFor(nameAt(i + 1)))]
}
