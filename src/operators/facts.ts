import type { Topology } from '../dsl/graph'
import type { GraphFacts } from './operator'

/** What follows from the shape of a topology. */
export function graphFacts(_topology: Topology): GraphFacts {
  return { sendsOldValues: () => true, keepsNullKeys: () => false }
}
