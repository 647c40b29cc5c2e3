import type { Serde } from '../../codecs/codec'
import { text } from '../../codecs/text'
import type { GraphNode, StoreSpec, WindowAggregateSpec, Windows } from '../../dsl/graph'
import { viewOf } from '../../operators/windowed-output'
import type { Window } from '../../record'
import { itemAt, required } from '../../required'
import type { Entry } from '../../state/sealed-view'
import type { Stamped } from '../../state/store'
import type { Plan, SubTopology } from '../plan/plan'
import type { AnswerEntry } from './question'

/** A store that can be asked: whose it is, and how what it holds is shown. */
export interface StorePlace {
  readonly spec: StoreSpec
  /** The step that fills it. */
  readonly owner: GraphNode
  /** The part whose tasks have it; undefined for a global table's, which every worker has. */
  readonly part: SubTopology | undefined
  /** How the keys that choose the partition are written. */
  readonly key: Serde<any>
  /** The topic that those keys are read from. */
  readonly topic: string
  /** ms before its start at which a window can begin and still reach into a stretch of time. */
  readonly reachMs: number
  show(entry: Entry): AnswerEntry
}

/** The stores of a plan, by name. */
export function storePlaces(plan: Plan): ReadonlyMap<string, StorePlace> {
  const { topology, subTopologies } = plan
  return new Map(
    topology.stores.map(spec => {
      const part = subTopologies.find(({ stores }) => stores.includes(spec))
      return [spec.name, placeOf(spec, part, ownerOf(topology.nodes, spec.name), topology.nodes)]
    }),
  )
}

/** The step that fills a store: no other has it, save where several processors share one. Then it is the first of them. */
const ownerOf = (nodes: readonly GraphNode[], name: string): GraphNode =>
  required(
    nodes.find(({ stores }) => stores.includes(name)),
    `the step of store ${name}`,
  )

function placeOf(
  spec: StoreSpec,
  part: SubTopology | undefined,
  owner: GraphNode,
  nodes: readonly GraphNode[],
): StorePlace {
  const { windows, result } = owner.spec as Partial<WindowAggregateSpec>
  const view = viewOf(result)
  const isPlain = !isStamped(spec, owner)
  let source = owner
  while (source.parents.length > 0) source = itemAt(nodes, itemAt(source.parents, 0))
  const { key = text, topic } = source.spec as { key?: Serde<any>; topic: string }
  return {
    spec,
    owner,
    part,
    key,
    topic,
    reachMs: windows === undefined ? 0 : lengthOf(windows),
    show: ({ start, end, value, timestamp }) => {
      if (spec.kind === 'keyValue') {
        const stamped = value as Stamped<unknown>
        return isPlain ? { value } : { value: view(stamped.value), timestamp: stamped.timestamp }
      }
      const window = start === undefined ? undefined : windowOf(windows, start, end)
      return { ...(window && { window }), value: view(value), ...(timestamp !== undefined && { timestamp }) }
    },
  }
}

/** Whether a key's value has a timestamp beside it: a processor puts into its stores what it likes, all other steps' values have one. */
export const isStamped = ({ kind }: StoreSpec, owner: GraphNode): boolean =>
  kind === 'keyValue' && owner.kind !== 'process'

/** ms from a window's start to its end; sessions are found by their ends. */
function lengthOf(windows: Windows): number {
  if (windows.type === 'time') return windows.sizeMs - 1
  return windows.type === 'sliding' ? windows.timeDifferenceMs : 0
}

function windowOf(windows: Windows | undefined, start: number, end = start): Window {
  if (windows?.type === 'time') return { start, end: start + windows.sizeMs }
  return { start, end: windows?.type === 'sliding' ? start + windows.timeDifferenceMs : end }
}
