import { isTombstone, keyText } from '../../connectors/batch'
import type { Broker } from '../../connectors/broker'
import { TopologyError } from '../../errors'
import { entryOf } from '../../required'
import { parseState } from '../../state/state-codec'
import type { StoreMove } from './move-store'

/**
 * The entries that lie in a partition which their keys don't belong to, as records that were written there brought them, by their keys in the
 * changelog. Throws TopologyError where one of them would meet another entry of its key in the new place: one of the two would be lost.
 */
export async function misplacedKeys(
  move: StoreMove,
  broker: Pick<Broker, 'readPartition'>,
): Promise<ReadonlyMap<string, number>> {
  const misplaced = new Map<string, number>()
  await each(move, broker, (key, partition, isDeleted) => {
    if ((move.formerHomeOf(parseState(key)) ?? partition) === partition) return
    const other = misplaced.get(key)
    if (!isDeleted && other !== undefined && other !== partition) throw meeting(move, key, other, partition)
    if (!isDeleted) misplaced.set(key, partition)
    else if (other === partition) misplaced.delete(key)
  })
  if (misplaced.size === 0) return misplaced
  /** Where entries of the same keys lie as they belong. */
  const placed = new Map<string, number>()
  await each(move, broker, (key, partition, isDeleted) => {
    const other = misplaced.get(key)
    if (other === undefined || other === partition) return
    if (isDeleted) placed.delete(key)
    else placed.set(key, partition)
  })
  for (const [key, partition] of placed) throw meeting(move, key, entryOf(misplaced, key), partition)
  return misplaced
}

async function each(
  { topic, from, ends }: StoreMove,
  broker: Pick<Broker, 'readPartition'>,
  take: (key: string, partition: number, isDeleted: boolean) => void,
): Promise<void> {
  for (let partition = 0; partition < from; partition++)
    for await (const batch of broker.readPartition({ topic, partition }, 0, ends[partition]))
      for (let i = 0; i < batch.count; i++) take(keyText(batch, i) ?? '', partition, isTombstone(batch, i))
}

const meeting = ({ topic }: StoreMove, key: string, one: number, other: number) =>
  new TopologyError(
    `${topic}: the entry ${key} is in partitions ${one} and ${other}, and would be in one: records of its key were written to both; ` +
      '`weir topology reset` begins the state anew',
  )
