import { setTimeout as sleep } from 'node:timers/promises'
import { subjects } from '../../../schemas/subjects'
import { postgresTargetsOf } from '../../app/app'
import { ConfluentRegistry } from '../../codecs/schema-registry'
import { type Config, readConfig } from '../../config'
import { type Cluster, createCluster, ensureTopics, topicPartitionCounts } from '../../connectors/kafka'
import { migrate } from '../../connectors/postgres/migrate'
import { withDotenv } from '../../dotenv'
import type { Topology } from '../../dsl/graph'
import { planOf } from '../../engine/plan/plan'
import { ConfigError } from '../../errors'
import { findGroup } from '../../ops/groups'
import { registerSchemas } from '../../ops/schemas'
import { itemAt } from '../../required'
import { isSecured, stackHome } from '../../stack'
import { type StackAddresses, stackAddresses } from '../../stack/stack'
import { sensorsJob } from '../audit/sensors-job'

const partitions = 10
/** Longer than a session of a worker that was killed. */
const groupLimitMs = 30_000

/** The environment of a process that works on the local stack, whatever services are configured otherwise. */
export function localEnvironment(addresses: StackAddresses): NodeJS.ProcessEnv {
  return {
    ...withDotenv(),
    KAFKA_BROKERS: addresses.kafkaBrokers,
    KAFKA_SSL: '',
    KAFKA_SASL_MECHANISM: '',
    SCHEMA_REGISTRY_URL: addresses.registryUrl,
    MQTT_URL: addresses.mqttUrl,
    DATABASE_URL: addresses.databaseUrl,
  }
}

/** Throws ConfigError for what the topology would refuse once everything is started. */
export function checkConfiguration(): void {
  if (isSecured(stackHome()))
    throw new ConfigError(
      `the local stack of ${stackHome()} is secured, and npm start runs its job on one that isn't: name another folder with WEIR_HOME`,
    )
  readConfig(localEnvironment(stackAddresses()))
}

export interface Services {
  readonly config: Config
  readonly environment: NodeJS.ProcessEnv
  readonly cluster: Cluster
  readonly registry: ConfluentRegistry
}

/** Connects to the local stack, and makes schemas, source topic and tables where they are missing. */
export async function prepareServices(
  addresses: StackAddresses,
  topology: Topology,
  tell: (line: string) => void,
): Promise<Services> {
  const environment = localEnvironment(addresses)
  const config = readConfig(environment)
  const cluster = createCluster({ ...config.kafka, clientId: 'weir-start' })
  const registry = new ConfluentRegistry({ url: config.registryUrl })
  const added = (await registerSchemas(registry, subjects)).filter(schema => schema.added)
  if (added.length > 0) tell(`schemas: registered ${added.map(({ subject }) => subject).join(', ')}`)
  const { topic } = sensorsJob
  if (!(await topicPartitionCounts(cluster, [topic])).has(topic)) {
    await ensureTopics(cluster, [{ topic, partitions }])
    tell(`topics: created ${topic} with ${partitions} partitions`)
  }
  for (const line of await migrate(config.databaseUrl, postgresTargetsOf(topology))) tell(`tables: ${line}`)
  return { config, environment, cluster, registry }
}

/** The topics that a topology's group reads, with their numbers of partitions; those that exist. The job's own comes first. */
export async function sourceTopics(cluster: Cluster, topology: Topology): Promise<ReadonlyMap<string, number>> {
  const topics = planOf(topology).subTopologies.flatMap(part => part.sources.map(({ spec }) => spec.topic))
  return topicPartitionCounts(cluster, [...new Set([sensorsJob.topic, ...topics])])
}

/** Waits until no worker is in the group: one that was killed is so for a session. Throws when another is at work. */
export async function awaitNoWorker(cluster: Cluster, group: string, tell: (line: string) => void): Promise<void> {
  const deadline = performance.now() + groupLimitMs
  let told = false
  for (;;) {
    const members = (await findGroup(cluster, group))?.members ?? []
    if (members.length === 0) return
    if (performance.now() > deadline) {
      throw new Error(
        `${members.length} other worker(s) of the topology "${group}" are at work (${itemAt(members, 0).clientId} at ${itemAt(members, 0).host}): stop them first, npm start runs and checks its own`,
      )
    }
    if (!told) tell(`waiting for ${members.length} worker(s) of an earlier run to leave`)
    told = true
    await sleep(250)
  }
}
