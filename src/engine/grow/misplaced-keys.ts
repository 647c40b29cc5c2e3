import { isTombstone } from '../../connectors/batch'
import type { Broker } from '../../connectors/broker'
import { TopologyError } from '../../errors'
import { entryOf } from '../../required'
import type { StoreMove } from './move-store'
import { entriesOf, NOWHERE } from './state-keys'

/**
 * The entries that lie in a partition which their keys don't belong to, as records that were written there brought them, by their keys in the
 * changelog. Throws TopologyError where one of them would meet another entry of its key in the new place: one of the two would be lost; and where there is an
 * entry of which nobody can say where it belongs.
 */
export async function misplacedKeys(
  move: StoreMove,
  broker: Pick<Broker, 'readPartition'>,
): Promise<ReadonlyMap<string, number>> {
  const misplaced = new Map<string, number>()
  const homeless = new Map<string, number>()
  await each(move, broker, (key, partition, isDeleted, entry) => {
    const home = move.formerHomeOf(entry) ?? partition
    if (home === NOWHERE) return void (isDeleted ? homeless.delete(key) : homeless.set(key, partition))
    if (home === partition) return
    const other = misplaced.get(key)
    if (!isDeleted && other !== undefined && other !== partition) throw meeting(move, key, other, partition)
    if (!isDeleted) misplaced.set(key, partition)
    else if (other === partition) misplaced.delete(key)
  })
  for (const [key, partition] of homeless) throw nowhere(move, key, partition)
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
  take: (key: string, partition: number, isDeleted: boolean, entry: unknown) => void,
): Promise<void> {
  for (let partition = 0; partition < from; partition++)
    for await (const batch of broker.readPartition({ topic, partition }, 0, ends[partition]))
      for (const { i, text, key } of entriesOf(batch)) take(text, partition, isTombstone(batch, i), key)
}

const nowhere = ({ topic }: StoreMove, key: string, partition: number) =>
  new TopologyError(
    `${topic}/${partition}: the entry under ${key.slice(0, 100)} can't be moved, since no record can have that key: write a tombstone under it if somebody else wrote it, ` +
      'or begin the state anew with `weir topology reset`',
  )

const meeting = ({ topic }: StoreMove, key: string, one: number, other: number) =>
  new TopologyError(
    `${topic}: the entry ${key} is in partitions ${one} and ${other}, and would be in one: records of its key were written to both; ` +
      '`weir topology reset` begins the state anew',
  )
