import { checkedTopology, type GraphNode, isKind, type Topology } from '../../dsl/graph'
import { entryOf } from '../../required'
import { type Plan, planOf } from '../plan/plan'

/** A step as a program or a picture wants it. */
export interface DescribedNode {
  readonly name: string
  readonly kind: string
  /** The names of the steps in the same part that it gets its records from. */
  readonly parents: readonly string[]
  readonly stores: readonly string[]
  /** A topic. */
  readonly reads?: string
  /** A topic, or an end outside Kafka. */
  readonly writes?: string
  /** The name of an end outside Kafka, where it writes to one. */
  readonly end?: string
}

export interface DescribedPart {
  readonly id: number
  readonly nodes: readonly DescribedNode[]
}

/** The parts of a plan and their steps. */
export function describedParts({ subTopologies }: Plan): DescribedPart[] {
  return subTopologies.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(node => ({
      ...{ name: node.name, kind: node.kind, stores: node.stores },
      parents: nodes.filter(each => node.parents.includes(each.id)).map(each => each.name),
      ...endsOf(node),
    })),
  }))
}

/** A topology as text, part by part, as Kafka Streams' `Topology#describe` prints it. */
export function describe(topology: Topology): string {
  const lines = [`Topology: ${checkedTopology('describe', topology).name}`]
  for (const { id, nodes } of describedParts(planOf(topology))) {
    lines.push(`  Sub-topology: ${id}`)
    for (const { name, parents, stores, ...node } of nodes) {
      lines.push(`    ${titleOf(node)}: ${name}${detailOf(node)}`)
      if (stores.length > 0) lines.push(`      stores: ${stores.join(', ')}`)
      const children = nodes.filter(each => each.parents.includes(name)).map(each => each.name)
      if (children.length > 0) lines.push(`      --> ${children.join(', ')}`)
      if (parents.length > 0) lines.push(`      <-- ${parents.join(', ')}`)
    }
  }
  return lines.join('\n')
}

/** A topology as a Mermaid flowchart: topics and ends as rounded boxes, one subgraph for each part. */
export function mermaid(topology: Topology): string {
  checkedTopology('mermaid', topology)
  const lines = ['flowchart LR']
  const ends = new Map<string, string>()
  const arrows: string[] = []
  const end = (name: string) => {
    if (!ends.has(name)) ends.set(name, `e${ends.size}`)
    return entryOf(ends, name)
  }
  for (const part of planOf(topology).subTopologies) {
    lines.push(`  subgraph s${part.id}[Sub-topology ${part.id}]`)
    for (const node of part.nodes) {
      lines.push(`    n${node.id}["${quoted(node.name)}"]`)
      for (const parent of node.parents) arrows.push(`  n${parent} --> n${node.id}`)
      const { reads, writes } = endsOf(node)
      if (reads !== undefined) arrows.push(`  ${end(reads)} --> n${node.id}`)
      if (writes !== undefined) arrows.push(`  n${node.id} --> ${end(writes)}`)
    }
    lines.push('  end')
  }
  for (const [name, id] of ends) lines.push(`  ${id}(["${quoted(name)}"])`)
  return [...lines, ...arrows].join('\n')
}

function endsOf(node: GraphNode): { reads?: string; writes?: string; end?: string } {
  if (isKind(node, 'sink')) return { writes: node.spec.target.name, end: node.spec.target.name }
  if (!('topic' in node.spec)) return {}
  const topic = typeof node.spec.topic === 'string' ? node.spec.topic : 'a topic chosen per record'
  return node.parents.length === 0 ? { reads: topic } : { writes: topic }
}

function titleOf({ reads, writes }: Pick<DescribedNode, 'reads' | 'writes'>): string {
  return reads !== undefined ? 'Source' : writes !== undefined ? 'Sink' : 'Processor'
}

function detailOf({ kind, reads, writes }: Pick<DescribedNode, 'kind' | 'reads' | 'writes'>): string {
  if (reads !== undefined) return ` (topics: [${reads}])`
  return writes === undefined ? ` (${kind})` : ` (topic: ${writes})`
}

const quoted = (name: string) => name.replace(/"/g, '#quot;')
