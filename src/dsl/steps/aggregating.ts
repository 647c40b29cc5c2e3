import type { AggregateOptions, FiguresOptions } from '../face/aggregating'
import type { Aggregators } from '../face/aggregators'
import type { Stateful } from '../face/options'
import type { AggregateSpec } from '../graph/aggregate-specs'
import type { Adder, Merger } from '../graph/functions'
import { type StoreSpec, storeSpec } from '../graph/store-spec'
import type { Windows } from '../graph/windows'
import type { TableDraft } from './drafts'
import { checkFields, combine } from './figures'
import type { Grouping } from './grouping'

/** What an aggregation does, and what makes its state what it is: a change of that under the same name is noticed. */
export interface Aggregation {
  readonly identity: string
  readonly spec: Omit<AggregateSpec, 'store'>
}

export const counting: Aggregation = {
  identity: 'count',
  spec: {
    initial: () => 0,
    add: (aggregate: number) => aggregate + 1,
    merge: (_key, left: number, right: number) => left + right,
  },
}

export function reducing(reducer: Adder): Aggregation {
  return { identity: 'reduce', spec: { add: reducer, merge: (_key, left, right) => reducer(left, right, _key) } }
}

type AnyAggregation = Partial<FiguresOptions<Aggregators<any>> & AggregateOptions<any, any, any>> & { merge?: Merger }

/** An aggregation by named figures, or by functions of the author's. */
export function aggregating(
  { stream: { value } }: Pick<Grouping, 'stream'>,
  options: AnyAggregation = {},
  windows?: Windows,
): Aggregation {
  const { of, initial, add, merge } = options
  if (of !== undefined) {
    checkFields(of, value)
    const { layout, ...spec } = combine(of)
    return { identity: layout, spec }
  }
  // Without a compiler functions may be missing: the builder says which.
  const own = { initial, add, ...(windows?.type === 'session' && { merge }) } as Aggregation['spec']
  return { identity: 'aggregate', spec: own }
}

/** Adds an aggregation of a grouped stream without windows. */
export function aggregated(
  grouping: Grouping,
  options: Partial<Stateful> = {},
  { identity, spec }: Aggregation,
): TableDraft {
  const { builder, node: parent, key } = grouping.keyedFor(options.name)
  const store = keyedStore(options, identity)
  const node = builder.add('aggregate', [parent.id], { store: store.name, ...withoutMerge(spec) }, named(store))
  return { kind: 'table', builder, node, key }
}

/** The store of an aggregation without windows. Its name has been checked. */
export function keyedStore({ name = '', location }: Partial<Stateful>, identity: string): StoreSpec {
  return { ...storeSpec('keyValue', { name, location }), identity }
}

/** A step that is called as its one store. */
export const named = (store: StoreSpec) => ({ name: store.name, stores: [store] })

/** Only sessions are ever merged. */
export function withoutMerge({ merge: _, ...spec }: Aggregation['spec']): Aggregation['spec'] {
  return spec
}
