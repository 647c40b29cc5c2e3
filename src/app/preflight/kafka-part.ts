import type { Config } from '../../config'
import type { Broker, TopicNeed } from '../../connectors/broker'
import type { Finding } from '../../connectors/finding'
import { type ClusterNeeds, createCluster, inspectCluster, KafkaError } from '../../connectors/kafka'
import { isKind, type Topology } from '../../dsl/graph'
import { checkSourceTables } from '../../engine/plan/lasting-topics'
import { sourceTopics } from '../../engine/plan/plan'
import { checkState } from '../../engine/plan/state-manifest'
import { planTopics, type TopicPlan } from '../../engine/plan/topic-needs'
import { TopologyError } from '../../errors'
import { groupOf } from '../../names'
import { type Planned, planFor } from '../plan-for'
import { said } from './said'

/** A topology's plan on the topics that there are, undefined where none can be made, and what of Kafka isn't as it needs it. Rejects with UnavailableError. */
export async function kafkaPart(
  topology: Topology,
  broker: Broker,
  config: Config,
  acceptNewState: boolean,
  onPlanned: (planned: Planned) => void = () => {},
): Promise<{ readonly planned: Planned | undefined; readonly findings: Finding[] }> {
  const findings: Finding[] = []
  const attempt = async (look: () => Promise<unknown>): Promise<Finding[]> => {
    try {
      await look()
      return []
    } catch (error) {
      if (error instanceof KafkaError) return refusalFindings(error, topology, config)
      if (error instanceof TopologyError) return [said(error)]
      throw error
    }
  }
  let planned: Planned | undefined
  const refused = await attempt(async () => {
    planned = await planFor(topology, broker)
  })
  if (planned === undefined) return { planned, findings: refused }
  onPlanned(planned)
  const { plan, manifest } = planned
  const topics = await planTopics(plan, broker, new Map(), error => findings.push(said(error)))
  const makes = topics.needs.filter(({ partitions }) => partitions > 0)
  // A start waits for these: all at once.
  const found = await Promise.all([
    attempt(() => checkSourceTables(plan, broker)),
    acceptNewState ? [] : attempt(() => checkState(plan, broker, false, undefined, manifest)),
    policyFindings(broker, topics),
    clusterFindings(plan.topology, makes, config),
  ])
  return { planned, findings: [...findings, ...found.flat()] }
}

/** Without the right to see a topic there is no plan: then what its author names is looked at. */
async function refusalFindings(error: KafkaError, topology: Topology, config: Config): Promise<Finding[]> {
  const findings = await clusterFindings(topology, [], config)
  return findings.length > 0 ? findings : [{ what: error.message, mend: '' }]
}

async function clusterFindings(
  topology: Topology,
  makes: readonly TopicNeed[],
  { kafka, replicationFactor }: Config,
): Promise<Finding[]> {
  const cluster = createCluster({ ...kafka, clientId: groupOf(topology.name) })
  const own = makes.map(({ topic }) => topic)
  const outputs = topology.nodes.flatMap(node =>
    isKind(node, 'to') && typeof node.spec.topic === 'string' ? [node.spec.topic] : [],
  )
  const asked: ClusterNeeds = {
    reads: [...new Set([...sourceTopics(topology), ...own.filter(topic => !outputs.includes(topic))])],
    writes: [...new Set([...own, ...outputs])],
    ...{ makes, replicationFactor, group: groupOf(topology.name) },
  }
  try {
    return await inspectCluster(cluster, asked)
  } finally {
    await cluster.disconnect()
  }
}

/** A changelog that deletes by age loses state, and a repartition topic that is compacted loses records. */
async function policyFindings(broker: Broker, { needs }: TopicPlan): Promise<Finding[]> {
  const wanted = needs.filter(({ configs }) => configs?.['cleanup.policy'] !== undefined)
  const found = await broker.topicConfigs(
    wanted.map(({ topic }) => topic),
    ['cleanup.policy'],
  )
  return wanted.flatMap(({ topic, configs }) => {
    const [is, should] = [found.get(topic)?.get('cleanup.policy'), configs?.['cleanup.policy']]
    if (typeof is !== 'string' || is === should) return []
    return [
      {
        what: `topic ${topic} has cleanup.policy=${is}, and what is kept there needs ${should}`,
        mend: `npx weir topics config ${topic} --set cleanup.policy=${should} --yes`,
      },
    ]
  })
}
