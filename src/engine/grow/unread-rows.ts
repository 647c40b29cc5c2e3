import { keyBytes } from '../../connectors/batch'
import type { Broker } from '../../connectors/broker'
import { isKind } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import type { KeptTimes } from '../plan/kept-times'
import type { Growth, PartGrowth } from './growth'
import { pendingOf } from './pending-of'

/**
 * Throws TopologyError where a topic that is read as a table has unread records whose keys move: they would come to the new task by another way than
 * the later ones of their keys, and the last of two rows is the one that stays.
 */
export async function refuseUnreadRows(
  growth: PartGrowth,
  { partitions }: Growth,
  times: readonly KeptTimes[],
  broker: Broker,
): Promise<void> {
  const { part, grown } = growth
  const tables = part.nodes.filter(node => isKind(node, 'tableSource')).flatMap(({ parents }) => parents)
  const topics = part.sources.filter(({ id, spec }) => tables.includes(id) && grown.includes(spec.topic))
  for (const { at, from, to } of await pendingOf(
    topics.map(({ spec }) => spec.topic),
    growth,
    times,
    broker,
  ))
    for await (const batch of broker.readPartition(at, from, to, 'pass'))
      for (let i = 0; i < batch.count; i++) {
        const key = keyBytes(batch, i)
        if (key !== null && broker.partitionOf(key, partitions) !== at.partition)
          throw new TopologyError(
            `topic ${at.topic} is read as a table, and partition ${at.partition} has unread records from offset ${from} on whose keys move: a later row could come before them. ` +
              'Start the workers until they have read it (`weir groups lag`), before partitions are added to the topic; or `weir topology reset` begins anew',
          )
      }
}
