import type { Broker, TopicNeed } from '../../connectors/broker'
import { type GraphNode, isKind } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { changelogTopic, deadLetterTopic, timesTopic } from '../../names'
import { entryOf } from '../../required'
import { usualDeadLetterBytes } from './dead-letter'
import { settleInternalTopics } from './internal-topics'
import { splitState, unlikePartitions } from './partition-mismatch'
import { keepsTimes, type Plan, type SubTopology } from './plan'
import { queryTopicNeeds } from './query-topics'
import { partitionsOf } from './width'

/** How long a changelog keeps deletions, ms: Kafka's default, set all the same, since copies on disk depend on it. */
export const deletionsKeptMs = 24 * 60 * 60 * 1000

/** A record's time is its event time, whatever the broker's default says of topics: windows behind it are of that time. */
const timed = { 'message.timestamp.type': 'CreateTime' }
/** Small segments: the last one is never compacted, and a restore reads all of it. */
const compacted = {
  ...timed,
  'cleanup.policy': 'compact',
  'segment.bytes': String(16 * 1024 * 1024),
  'min.cleanable.dirty.ratio': '0.2',
  'delete.retention.ms': String(deletionsKeptMs),
}
/** Repartition records are deleted once they are processed; until then nothing may expire. Segments as Kafka Streams has them. */
const kept = {
  ...timed,
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'segment.bytes': String(50 * 1024 * 1024),
}

/** The topics of a plan, with the partitions that each has or is to get. */
export interface TopicPlan {
  readonly counts: ReadonlyMap<string, number>
  /** What weir makes when it is missing. */
  readonly needs: readonly TopicNeed[]
}

/**
 * Works out the partitions of every topic: the sources' as they are, internal ones after what is read together with them, else after
 * what writes them. `deadLetterBytes`: see `deadLetterLimits`. Throws TopologyError when a source topic is missing or the inputs of one task have unlike counts;
 * `onFault` takes them instead, to learn of all at once.
 */
export async function planTopics(
  plan: Plan,
  broker: Pick<Broker, 'partitionCounts'>,
  deadLetterBytes: ReadonlyMap<string, number> = new Map(),
  onFault: (error: TopologyError) => void = thrown,
): Promise<TopicPlan> {
  const { name: application } = plan.topology
  const changelogs = plan.subTopologies.flatMap(part => changelogsIn(part, application))
  const names = new Set([...plan.topology.nodes.flatMap(node => topicsOf(node.spec)), ...changelogs])
  const existing = await broker.partitionCounts([...names])
  const counts = new Map(existing)
  const needs = new Map<string, TopicNeed>()
  const need = (topic: string, partitions: number, configs: TopicNeed['configs'] = {}) => {
    if (!counts.has(topic)) counts.set(topic, partitions)
    needs.set(topic, { topic, partitions: existing.get(topic) ?? partitions, configs })
  }
  /** One of whose partitions each is a task's, or a source partition's, whatever the keys in it. */
  const needRoom = (topic: string, partitions: number, configs: NonNullable<TopicNeed['configs']>) => {
    counts.set(topic, Math.max(partitions, counts.get(topic) ?? partitions))
    needs.set(topic, { topic, partitions, mayGrow: true, configs })
  }
  // A topic that one part writes may be another's source.
  for (const _ of plan.subTopologies) {
    const known = new Map(counts)
    settleInternalTopics(plan.subTopologies, known)
    for (const part of plan.subTopologies) {
      const width = partitionsOf(part, known)
      for (const node of width > 0 ? part.nodes : [])
        if (isKind(node, 'to') && typeof node.spec.topic === 'string')
          need(node.spec.topic, width, node.spec.owner === 'weir' ? kept : timed)
    }
  }
  settleInternalTopics(plan.subTopologies, counts)
  for (const node of plan.topology.nodes)
    if (isKind(node, 'repartition') && counts.has(node.spec.topic))
      need(node.spec.topic, entryOf(counts, node.spec.topic), kept)
  // Of global tables alone no task is made, and yet they can be asked.
  let widest = plan.subTopologies.length === 0 ? 1 : 0
  const missing: GraphNode<'source'>[] = []
  for (const part of plan.subTopologies) {
    const width = partitionsOf(part, counts)
    widest = Math.max(widest, width)
    for (const source of part.sources) {
      const { spec } = source
      const count = counts.get(spec.topic)
      if (count === undefined) missing.push(source)
      else if (spec.onBadRecord === 'deadLetter')
        needRoom(deadLetterTopic(spec.topic), count, deadLetterConfigs(deadLetterBytes.get(spec.topic)))
    }
    const fault = widthFault(part, counts, existing, application)
    if (fault !== undefined) onFault(fault)
    for (const topic of changelogsIn(part, application)) need(topic, width, compacted)
  }
  for (const error of missingSources(plan, missing)) onFault(error)
  if (plan.subTopologies.some(keepsTimes)) needRoom(timesTopic(application), widest, compacted)
  if (plan.topology.stores.length > 0)
    for (const { topic, configs } of queryTopicNeeds(application)) needRoom(topic, widest, configs)
  return { counts, needs: [...needs.values()] }
}

const deadLetterConfigs = (mostBytes = usualDeadLetterBytes) => ({
  ...timed,
  'max.message.bytes': String(mostBytes),
  'retention.ms': '-1',
})

function thrown(error: TopologyError): never {
  throw error
}

/** What the topology writes itself is as wide as its source: without that it has no width, which needs no saying. */
function missingSources({ topology }: Plan, missing: readonly GraphNode<'source'>[]): TopologyError[] {
  const written = new Set(topology.nodes.flatMap(({ parents, spec }) => (parents.length > 0 ? topicsOf(spec) : [])))
  const authors = missing.filter(({ spec }) => !written.has(spec.topic))
  return (authors.length > 0 ? authors : missing).map(missingSource)
}

const missingSource = ({ name, spec: { topic } }: GraphNode<'source'>): TopologyError =>
  new TopologyError(
    `step ${name}: topic ${topic} doesn't exist; create it: npx weir topics create ${topic} --partitions 10`,
  )

const changelogsIn = ({ stores }: SubTopology, application: string): string[] =>
  stores.flatMap(({ name, changelog }) => (changelog ? [changelogTopic(application, name)] : []))

/** What is kept by key is where its key is: the topics that a part with stores reads are as wide as its changelogs. */
function widthFault(
  part: SubTopology,
  counts: ReadonlyMap<string, number>,
  existing: ReadonlyMap<string, number>,
  application: string,
): TopologyError | undefined {
  // Topics that are missing have no width yet.
  if (part.stores.length === 0 || part.sources.some(({ spec }) => !counts.has(spec.topic))) return undefined
  const width = partitionsOf(part, counts)
  for (const topic of changelogsIn(part, application)) {
    const kept = existing.get(topic)
    if (kept !== undefined && kept !== width) return splitState(part, counts, kept, application)
  }
  if (part.sources.some(({ spec }) => counts.get(spec.topic) !== width)) return unlikePartitions(part, counts)
  return undefined
}

function topicsOf(spec: object): string[] {
  return 'topic' in spec && typeof spec.topic === 'string' ? [spec.topic] : []
}
