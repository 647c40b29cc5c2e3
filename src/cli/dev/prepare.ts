import { postgresTargetsOf } from '../../app/app'
import type { SchemaRegistry } from '../../codecs/codec'
import type { Config } from '../../config'
import type { Broker } from '../../connectors/broker'
import { migrate } from '../../connectors/postgres/migrate'
import type { Topology } from '../../dsl/graph'
import { sourceTopics } from '../../engine/plan/plan'
import { bindCodecs } from '../../engine/task/codec-book'

export interface PrepareOptions {
  readonly config: Config
  readonly broker: Broker
  readonly registry: SchemaRegistry
  /** Of topics that are made. */
  readonly partitions: number
  readonly tell: (line: string) => void
}

/**
 * Makes what a topology needs and services of its own don't have yet: source topics, the schemas that these are read by, tables.
 * Rejects as `ensureTopics`, `bindCodecs` and `migrate` do.
 */
export async function prepare(topology: Topology, options: PrepareOptions): Promise<void> {
  const { config, broker, registry, partitions, tell } = options
  const sources = [...new Set(sourceTopics(topology))]
  const existing = await broker.partitionCounts(sources)
  const missing = sources.filter(topic => !existing.has(topic))
  await broker.ensureTopics(missing.map(topic => ({ topic, partitions })))
  for (const topic of missing) tell(`made topic ${topic}, ${partitions} partitions`)
  await bindCodecs(topology, registry, { pipes: true })
  const targets = postgresTargetsOf(topology)
  if (targets.length === 0) return
  for (const line of await migrate(config.databaseUrl, targets)) tell(`Postgres: ${line}`)
}
