import { suggestion } from '../../checked-options'
import { TopologyError } from '../../errors'
import { itemAt } from '../../required'
import type { Aggregators, ResultOf } from '../face/aggregators'
import type { AnySerde } from '../graph/functions'

/** Throws TopologyError for a figure of a field that the values don't have, where the fields of these are known. */
export function checkFields(figures: Aggregators<any>, value: AnySerde | undefined): void {
  const fields = value?.fields
  if (fields === undefined) return
  for (const [name, figure] of Object.entries(figures)) {
    const { field } = Object(figure) as { readonly field?: string }
    if (field !== undefined && !fields.includes(field))
      throw new TopologyError(`figure "${name}": ${value?.name} has no field ${field}; ${suggestion(field, fields)}`)
  }
}

/** The parts of an aggregation that a stateful step needs, made of named aggregators. */
export function combine<V, A extends Aggregators<V>>(aggregators: A) {
  const parts = Object.values(aggregators)
  for (const [name, part] of Object.entries(aggregators))
    if (!Array.isArray(part?.initial))
      throw new TopologyError(`figure "${name}": give it an aggregator: count(), sum('field'), mean('field'), ...`)
  const first: unknown[] = []
  const placed = parts.map(part => ({ part, place: first.push(...part.initial) - part.initial.length }))
  // One run of code for all figures: an array of closures in a loop would cost a dispatch each.
  const lines = placed.map(({ place }, i) => `p${i}.add(state, ${place}, value)`)
  const names = parts.map((_, i) => `p${i}`)
  const fields = Object.keys(aggregators).map(
    (name, i) => `${JSON.stringify(name)}: p${i}.result(state, ${itemAt(placed, i).place})`,
  )
  const add = new Function(
    ...names,
    `return (old, value) => { const state = old.slice(); ${lines.join('; ')}; return state }`,
  )(...parts)
  const result = new Function(...names, `return state => ({ ${fields.join(', ')} })`)(...parts)
  // Figures are told by their places: another order or one more is another state.
  const layout = Object.entries(aggregators).map(([name, { kind, initial }]) => `${name}: ${kind ?? `[${initial}]`}`)
  return {
    layout: `of { ${layout.join(', ')} }`,
    figures: Object.entries(aggregators).map(([name, { kind, initial }]) => ({
      ...{ name, places: initial.length },
      ...(kind !== undefined && { kind }),
    })),
    initial: (): unknown[] => first,
    add: add as (state: unknown[], value: V) => unknown[],
    merge: (_key: unknown, left: unknown[], right: unknown[]): unknown[] => {
      const state = left.slice()
      for (const { part, place } of placed) part.merge(state, place, right)
      return state
    },
    result: result as (state: unknown[]) => ResultOf<A>,
  }
}
