import type { JoinNodeSpecs } from './join-specs'
import type { Queries } from './queries'
import type { StoreSpec } from './store-spec'
import type { StreamNodeSpecs } from './stream-specs'
import type { TableNodeSpecs } from './table-specs'

/** What each kind of step is described by. */
export interface NodeSpecs extends StreamNodeSpecs, TableNodeSpecs, JoinNodeSpecs {}
export type NodeKind = keyof NodeSpecs

/** One step of a topology: plain data. `parents` are ids of earlier nodes, in the order of the step's inputs. */
export interface GraphNode<K extends NodeKind = NodeKind> {
  readonly id: number
  readonly kind: K
  /** Unique in the topology. Stateful steps are named by the author, the others after kind and id. */
  readonly name: string
  readonly parents: readonly number[]
  readonly spec: NodeSpecs[K]
  /** Stores that the step owns or uses, by name. */
  readonly stores: readonly string[]
}

/** A finished topology: nodes in creation order, parents before children. The runtime, describe() and plan() read it. */
export interface Topology {
  readonly name: string
  readonly nodes: readonly GraphNode[]
  readonly stores: readonly StoreSpec[]
  /** By which names its stores are asked for; any store can be asked by its own. */
  readonly queries?: Queries
}

export function isKind<K extends NodeKind>(node: GraphNode, kind: K): node is GraphNode<K> {
  return node.kind === kind
}
