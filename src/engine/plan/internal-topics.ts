import { type GraphNode, isKind } from '../../dsl/graph'
import type { SubTopology } from './plan'
import { partitionsOf } from './width'

interface Writer {
  readonly part: SubTopology
  readonly node: GraphNode<'repartition'>
}

/**
 * Works out the partitions of the internal topics that don't exist yet, and adds them to `counts`. What is read together is
 * co-partitioned, so such a topic is as wide as the others that its readers read; where those are all internal, as the widest of the
 * parts that write them.
 */
export function settleInternalTopics(parts: readonly SubTopology[], counts: Map<string, number>): void {
  const writers = new Map<string, Writer>()
  for (const part of parts)
    for (const node of part.nodes)
      if (isKind(node, 'repartition') && !counts.has(node.spec.topic)) writers.set(node.spec.topic, { part, node })
  const settle = (part: SubTopology) => {
    const topics = part.sources.map(({ spec }) => spec.topic)
    const open = topics.flatMap(topic => writers.get(topic) ?? [])
    const fixed = topics.flatMap(topic => (writers.has(topic) ? [] : (counts.get(topic) ?? [])))
    const wanted = open.map(({ node, part: writer }) => node.spec.partitions ?? partitionsOf(writer, counts))
    const width = Math.max(0, ...(fixed.length > 0 ? fixed : wanted))
    if (width > 0) for (const { node } of open) counts.set(node.spec.topic, node.spec.partitions ?? width)
  }
  // A topic's width follows from others' further up: so many rounds as there are parts, and all are settled.
  for (const _ of parts) for (const part of parts) settle(part)
}
