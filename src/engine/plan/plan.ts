import type { SourceSpec, StoreSpec } from '../../dsl/graph'
import { type GraphNode, isKind, type Topology } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { itemAt } from '../../required'
import { outboxed } from './passes/outbox'

/** A part of a topology that runs as tasks of its own, one per partition: no step of it needs another part's memory. */
export interface SubTopology {
  readonly id: number
  /** In creation order, parents before children. */
  readonly nodes: readonly GraphNode[]
  readonly sources: readonly GraphNode<'source'>[]
  readonly stores: readonly StoreSpec[]
  /** What its times are kept under: its first source's name, which doesn't shift when another part is added. */
  readonly timesName: string
  /** Repartition topics that it reads, and who writes them. */
  readonly upstreams: readonly Upstreams[]
  /** Repartition topics that it writes. */
  readonly repartitions: readonly string[]
  /** ms of silence at the ends of all its inputs after which stream time goes on by itself; undefined: never. */
  readonly idleMs?: number
  /** Source topics whose records are written to ends outside Kafka directly, by kind of end. */
  readonly direct: readonly Direct[]
}

export interface Upstreams {
  readonly topic: string
  readonly misplaced: boolean
  /** Source topics of the part that writes it: it has as many tasks as the widest of them has partitions. */
  readonly sources: readonly string[]
  /** All topics that the records may have come through: those that this part reads, and those upstream of it. */
  readonly reads: readonly string[]
}

export interface Direct {
  readonly kind: string
  readonly topic: string
}

export interface Plan {
  /** The topology as it runs: the outbox rule applied. */
  readonly topology: Topology
  readonly subTopologies: readonly SubTopology[]
}

/**
 * Cuts a topology into sub-topologies, as Kafka Streams does: steps that feed one another or share a store belong together,
 * and an internal topic parts them. `whole` keeps everything in one task, as Kafka Streams' own test driver does.
 */
export function planOf(topology: Topology, options: { whole?: boolean } = {}): Plan {
  const full = outboxed(topology)
  // Global tables are the worker's, not a task's.
  const local = full.nodes.filter(node => !isKind(node, 'globalSource'))
  const groups = options.whole ? [local] : connected(local)
  const subTopologies = inheritIdle(linked(groups.map((nodes, id) => subTopology(id, nodes, full))))
  return { topology: full, subTopologies }
}

/** Whether a part's times are kept: its stores depend on them, and upstream tasks send theirs only when they change. */
export const keepsTimes = ({ stores, upstreams }: SubTopology) => stores.length > 0 || upstreams.length > 0

/** Whether a topic carries the times of the tasks that write it: the internal topics between two tasks. */
export const isTimed = ({ internal }: SourceSpec) => internal === 'repartition' || internal === 'foreignKey'

/** Tells each part who writes the internal topics that it reads. */
function linked(parts: readonly SubTopology[]): SubTopology[] {
  const timed = new Set(
    parts.flatMap(part => part.sources.filter(({ spec }) => isTimed(spec)).map(({ spec }) => spec.topic)),
  )
  const writers = parts.flatMap(part =>
    part.nodes
      .filter((node): node is GraphNode<'repartition'> => isKind(node, 'repartition') && timed.has(node.spec.topic))
      .map(({ spec }) => ({ part, spec })),
  )
  const readUpTo = (part: SubTopology, seen = new Set<SubTopology>()): readonly string[] => {
    if (seen.has(part)) return []
    seen.add(part)
    const own = part.sources.map(({ spec }) => spec.topic)
    return own.concat(
      writers.filter(({ spec }) => own.includes(spec.topic)).flatMap(writer => readUpTo(writer.part, seen)),
    )
  }
  return parts.map(part => ({
    ...part,
    repartitions: [...new Set(writers.filter(writer => writer.part === part).map(({ spec }) => spec.topic))],
    upstreams: writers
      .filter(({ spec }) => part.sources.some(source => source.spec.topic === spec.topic))
      .map(writer => ({
        topic: writer.spec.topic,
        misplaced: writer.spec.only === 'misplaced',
        sources: writer.part.sources.map(source => source.spec.topic).filter(topic => topic !== writer.spec.topic),
        reads: [...new Set(readUpTo(writer.part))],
      })),
  }))
}

/** Silence goes through repartition topics: who reads one is as idle as who writes it. */
function inheritIdle(parts: readonly SubTopology[]): SubTopology[] {
  const idle = parts.map(part => Math.max(-1, ...part.sources.map(source => source.spec.idleMs ?? -1)))
  for (const _ of parts)
    for (const [i, part] of parts.entries())
      for (const node of part.nodes)
        if (isKind(node, 'repartition'))
          for (const [j, reader] of parts.entries())
            if (reader.sources.some(source => source.spec.topic === node.spec.topic))
              idle[j] = Math.max(itemAt(idle, j), itemAt(idle, i))
  return parts.map((part, i) => (itemAt(idle, i) < 0 ? part : { ...part, idleMs: itemAt(idle, i) }))
}

function subTopology(id: number, nodes: readonly GraphNode[], topology: Topology): SubTopology {
  const sources = nodes.filter((node): node is GraphNode<'source'> => isKind(node, 'source'))
  if (sources.length === 0)
    throw new TopologyError(
      `step "${itemAt(nodes, 0).name}" has no source: every step has to follow from stream() or table()`,
    )
  const names = new Set(nodes.flatMap(node => node.stores))
  const direct = new Map<string, Direct>()
  for (const node of nodes) {
    if (!isKind(node, 'sink')) continue
    const { kind } = node.spec.target.end
    const { topic } = sourceOf(node, nodes).spec
    direct.set(`${kind}/${topic}`, { kind, topic })
  }
  return {
    id,
    nodes,
    sources,
    stores: topology.stores.filter(store => names.has(store.name)),
    timesName: itemAt(sources, 0).name,
    direct: [...direct.values()],
    upstreams: [],
    repartitions: [],
  }
}

/** The one source that a directly writing sink follows from; the outbox rule has seen to it. */
function sourceOf(node: GraphNode, nodes: readonly GraphNode[]): GraphNode<'source'> {
  const parent = nodes.find(({ id }) => id === node.parents[0])
  if (parent !== undefined) return sourceOf(parent, nodes)
  if (isKind(node, 'source')) return node
  throw new Error(`a fault of weir: step "${node.name}" follows from no source`)
}

function connected(nodes: readonly GraphNode[]): GraphNode[][] {
  const group: number[] = []
  for (const { id } of nodes) group[id] = id
  const find = (id: number): number => (group[id] === id ? id : (group[id] = find(itemAt(group, id))))
  const unite = (a: number, b: number) => {
    const [low, high] = [find(a), find(b)].sort((x, y) => x - y) as [number, number]
    group[high] = low
  }
  const owners = new Map<string, number>()
  for (const node of nodes) {
    for (const parent of node.parents) unite(node.id, parent)
    for (const store of node.stores) {
      const owner = owners.get(store)
      if (owner === undefined) owners.set(store, node.id)
      else unite(owner, node.id)
    }
  }
  const parts = new Map<number, GraphNode[]>()
  for (const node of nodes) {
    const root = find(node.id)
    const part = parts.get(root)
    if (part === undefined) parts.set(root, [node])
    else part.push(node)
  }
  return [...parts.values()]
}

/** `0_3`: sub-topology and partition, as Kafka Streams prints it. */
export const taskId = (part: SubTopology, partition: number) => `${part.id}_${partition}`

/** All topics that the parts of a plan read, internal ones among them. */
export const readTopics = ({ subTopologies }: Plan): string[] => [
  ...new Set(subTopologies.flatMap(({ sources }) => sources.map(({ spec }) => spec.topic))),
]

/** The topics that a topology reads and doesn't own. */
export const sourceTopics = ({ nodes }: Topology): string[] =>
  nodes.flatMap(node => (isKind(node, 'source') && node.spec.owner === 'author' ? [node.spec.topic] : []))
