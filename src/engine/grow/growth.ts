import { type GraphNode, isKind, type StoreSpec, type Topology } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { changelogTopic, timesTopic } from '../../names'
import { homeTopic, isStateful } from '../plan/passes/homed'
import type { Plan, SubTopology } from '../plan/plan'
import type { Manifest } from '../plan/state-manifest'
import { partitionsOf } from '../plan/width'

/** A part of a topology whose state is spread over more tasks. */
export interface PartGrowth {
  readonly part: SubTopology
  /** Over how many tasks its state is spread now. */
  readonly from: number
  /** Its stores that have changelogs. */
  readonly stores: readonly StoreSpec[]
  /** Internal topics that it reads: what waits in them moves with the keys. */
  readonly pending: readonly string[]
  /** Author's topics from which records are brought home to their keys from now on. */
  readonly grown: readonly string[]
}

/** What a topology's growth takes. */
export interface Growth {
  readonly application: string
  /** Over how many tasks all state is to be spread. */
  readonly partitions: number
  /** Those whose state moves; none where a former run has moved it. */
  readonly parts: readonly PartGrowth[]
  /** Topics that get partitions, and how many they have. */
  readonly topics: ReadonlyMap<string, number>
}

/**
 * Works out what spreads the state of a topology over `partitions` tasks. `counts`: the partitions of the topics that there are; `manifest`: what
 * is kept of its state. Throws TopologyError for what can't be moved.
 */
export function growthOf(
  plan: Plan,
  counts: ReadonlyMap<string, number>,
  manifest: Manifest,
  partitions: number,
): Growth {
  const application = plan.topology.name
  const kept = plan.subTopologies.filter(({ stores }) => stores.length > 0)
  if (kept.length === 0)
    throw new TopologyError(
      `topology "${application}" keeps no state: add partitions to its topics (\`weir topics alter\`), and it reads them`,
    )
  // One that never ran has nothing to move.
  const hasRun = counts.has(timesTopic(application))
  const parts = kept.flatMap(part => {
    const from = widthOf(part, counts, manifest, application)
    if (from > partitions)
      throw new TopologyError(
        `the state of ${names(part)} is spread over ${from} partitions already: Kafka can't take partitions away, give ${from} or more`,
      )
    return from === partitions || !hasRun ? [] : [partGrowth(part, from, plan, counts, partitions)]
  })
  const read = kept.flatMap(({ sources }) => sources.map(({ spec }) => spec.topic))
  const changelogs = kept.flatMap(part => logged(part).map(({ name }) => changelogTopic(application, name)))
  const topics = [...new Set([...read, ...changelogs, timesTopic(application)])]
  const narrow = topics.flatMap(topic => {
    const count = counts.get(topic)
    return count !== undefined && count < partitions ? [[topic, count] as const] : []
  })
  const wider = read.find(topic => (counts.get(topic) ?? 0) > partitions)
  if (wider !== undefined)
    throw new TopologyError(
      `topic ${wider} has ${counts.get(wider)} partitions: give --partitions ${counts.get(wider)}`,
    )
  return { application, partitions, parts, topics: new Map(narrow) }
}

/** Over how many tasks a part's state is spread: by its manifest, else by the partitions of its changelogs, else by those of its sources. */
function widthOf(
  part: SubTopology,
  counts: ReadonlyMap<string, number>,
  manifest: Manifest,
  application: string,
): number {
  const kept = part.stores.flatMap(({ name }) => manifest.widths[name] ?? [])
  const made = logged(part).flatMap(({ name }) => counts.get(changelogTopic(application, name)) ?? [])
  return kept[0] ?? made[0] ?? partitionsOf(part, counts)
}

const logged = ({ stores }: SubTopology) => stores.filter(({ changelog }) => changelog)
const names = ({ stores }: SubTopology) => stores.map(({ name }) => name).join(', ')

function partGrowth(
  part: SubTopology,
  from: number,
  { topology }: Plan,
  counts: ReadonlyMap<string, number>,
  partitions: number,
): PartGrowth {
  const why = obstacle(part, from, topology, partitions)
  if (why !== undefined)
    throw new TopologyError(
      `the state of ${names(part)} can't be spread over ${partitions} partitions: ${why}; \`weir topology reset\` begins it anew at any width`,
    )
  const isOwn = ({ spec }: GraphNode<'source'>) => spec.owner === 'author'
  const grown = part.sources.filter(source => isOwn(source) && isStateful(topology, source.id))
  return {
    part,
    from,
    stores: logged(part).filter(({ name }) => counts.has(changelogTopic(topology.name, name))),
    pending: part.sources
      .filter(source => !isOwn(source))
      .map(({ spec }) => spec.topic)
      .filter(topic => counts.has(topic)),
    grown: grown.map(({ spec }) => spec.topic),
  }
}

/** Why a part's state can't be moved by its keys; undefined where it can. */
function obstacle(part: SubTopology, from: number, topology: Topology, partitions: number): string | undefined {
  const processor = part.nodes.find(node => isKind(node, 'process') && node.stores.length > 0)
  if (processor !== undefined)
    return `step ${processor.name} is a processor, whose entries don't tell the keys of the records that they are of`
  if (part.sources.some(({ spec }) => spec.internal === 'foreignKey'))
    return 'it is of a foreign-key join, whose two sides keep the places of one another'
  const table = part.stores.find(({ sourceTopic }) => sourceTopic !== undefined)
  if (table !== undefined) return `table ${table.name} is restored from its topic, whose records stay where they are`
  const timed = part.stores.find(({ kind }) => kind !== 'keyValue')
  if (timed !== undefined && partitions % from !== 0)
    return `store ${timed.name} closes by its task's time, and a task can go on with one time only: give a multiple of ${from}`
  for (const node of topology.nodes) {
    if (!isKind(node, 'repartition') || !part.sources.some(({ spec }) => spec.topic === node.spec.topic)) continue
    if (node.spec.partition !== undefined) return `step ${node.name} places records by a rule of its own`
    if (node.spec.partitions !== undefined && node.spec.partitions !== partitions)
      return `step ${node.name} asks for ${node.spec.partitions} partitions: write ${partitions} there first`
  }
  return part.nodes.some(node => isKind(node, 'sink') && isBehindState(node, part.nodes, topology))
    ? 'a step before it writes to an end directly, for records as they are read: put repartition({ name, only: "misplaced" }) before the step that keeps state'
    : undefined
}

/** Whether an end is written from a step that leads to state too: what is brought home there is no record of the source any more. */
function isBehindState(sink: GraphNode, nodes: readonly GraphNode[], topology: Topology): boolean {
  let at = sink
  for (let above = parentOf(at, nodes); above !== undefined && !isKind(above, 'source'); above = parentOf(at, nodes))
    at = above
  return at !== sink && isStateful(topology, at.id)
}

const parentOf = ({ parents }: GraphNode, nodes: readonly GraphNode[]) => nodes.find(({ id }) => id === parents[0])

/** The internal topics by which records come home, for those who keep the times of tasks. */
export const homesOf = ({ grown }: PartGrowth, application: string): string[] =>
  grown.map(topic => homeTopic(application, topic))
