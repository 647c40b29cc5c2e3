import type { Broker } from '../../connectors/broker'
import { TopologyError } from '../../errors'
import type { Plan } from './plan'
import { sourceTables } from './source-tables'

/**
 * A table that is restored from its topic is no more than what the topic keeps. Throws TopologyError where the topic deletes records by age
 * or size: rows would be gone with the next restore.
 */
export async function checkSourceTables(plan: Plan, broker: Pick<Broker, 'topicConfigs'>): Promise<void> {
  const tables = plan.subTopologies.flatMap(sourceTables)
  const topics = [...new Set(tables.map(({ source }) => source.spec.topic))]
  const found = await broker.topicConfigs(topics, ['cleanup.policy', 'retention.ms', 'retention.bytes'])
  for (const { source, store } of tables) {
    const { topic } = source.spec
    const configs = found.get(topic)
    const set = (name: string) => configs?.get(name) ?? ''
    const deletes = set('cleanup.policy').split(',').includes('delete')
    const limits = ['retention.ms', 'retention.bytes'].filter(name => deletes && set(name) !== '-1')
    if (limits.length > 0)
      throw new TopologyError(
        `table "${store}": it is to be restored from topic ${topic}, which deletes records (cleanup.policy=${set('cleanup.policy')}, ` +
          `${limits.map(name => `${name}=${set(name)}`).join(', ')}), so that rows would be missing after a restore; ` +
          `set cleanup.policy=compact on the topic, or leave restoreFrom out`,
      )
  }
}
