import { type GraphNode, isKind, type SourceSpec, type Topology } from '../../dsl/graph'
import { entryOf } from '../../required'

/** Whose policy is applied to what fails at a step, and whose dead letters take it. */
export interface Blame {
  readonly policy: SourceSpec['onBadRecord']
  /** The author's source topic whose dead letters take it; undefined where no source of the author's leads there. */
  readonly topic: string | undefined
}

/**
 * For each step, by id: the policy of the author's sources that it follows from, through internal topics too, so that a record which
 * fails behind a repartition is treated as it would have been before it. Where sources have different policies the strictest
 * counts: 'fail', then 'deadLetter', then 'skip'.
 */
export function blameOf({ nodes }: Topology): ReadonlyMap<number, Blame> {
  const sources = new Map<number, ReadonlySet<SourceSpec>>()
  const byId = new Map(nodes.map(node => [node.id, node]))
  const find = (node: GraphNode, seen: ReadonlySet<number>): ReadonlySet<SourceSpec> => {
    const known = sources.get(node.id)
    if (known !== undefined) return known
    if (seen.has(node.id)) return new Set()
    const path = new Set(seen).add(node.id)
    if (isKind(node, 'source') && node.spec.owner === 'author') return new Set([node.spec])
    const before = isKind(node, 'source') ? writersOf(node.spec.topic, nodes) : parentsOf(node, byId)
    return new Set(before.flatMap(each => [...find(each, path)]))
  }
  for (const node of nodes) sources.set(node.id, find(node, new Set()))
  return new Map(nodes.map(node => [node.id, strictest([...entryOf(sources, node.id)])]))
}

const parentsOf = (node: GraphNode, byId: ReadonlyMap<number, GraphNode>) =>
  node.parents.flatMap(parent => byId.get(parent) ?? [])

const writersOf = (topic: string, nodes: readonly GraphNode[]) =>
  nodes.filter(node => (isKind(node, 'repartition') || isKind(node, 'to')) && node.spec.topic === topic)

function strictest(sources: readonly SourceSpec[]): Blame {
  const of = (policy: SourceSpec['onBadRecord']) => sources.find(({ onBadRecord }) => onBadRecord === policy)
  const source = of('fail') ?? of('deadLetter') ?? of('skip')
  return { policy: source?.onBadRecord ?? 'fail', topic: source?.topic }
}
