import type { Broker } from '../../connectors/broker'
import type { Outbound } from './outbound'
import { recordOf } from './record-of'
import { entriesOf, type HomeOf, NOWHERE } from './state-keys'

/** A store's changelog whose entries go where their keys belong from now on. */
export interface StoreMove {
  readonly topic: string
  /** Partitions that it had. */
  readonly from: number
  /** Partitions that it gets. */
  readonly partitions: number
  /** Where each of those that it had ended before anything was moved. */
  readonly ends: readonly number[]
  /** Where an entry belonged so far. */
  readonly formerHomeOf: HomeOf
  readonly homeOf: HomeOf
}

/**
 * Writes what moves into its new partitions, and deletes it in the old ones; gives how many records that were. `misplaced`: the partitions of
 * entries that don't lie where they belonged.
 */
export async function moveStore(
  move: StoreMove,
  misplaced: ReadonlyMap<string, number>,
  broker: Pick<Broker, 'readPartition'>,
  out: Outbound,
): Promise<number> {
  const { topic, from, partitions, ends, homeOf, formerHomeOf } = move
  let moved = 0
  for (let partition = 0; partition < from; partition++) {
    const at = { topic, partition }
    for await (const batch of broker.readPartition(at, 0, ends[partition])) {
      for (const { i, text, key } of entriesOf(batch)) {
        const record = recordOf(batch, i)
        const home = homeOf(key)
        if (home === NOWHERE) continue
        if (home === undefined) {
          for (let to = partition + from; to < partitions; to += from) out.add({ topic, partition: to }, record)
          continue
        }
        // What was deleted where it didn't belong says nothing of where it does.
        if (home === partition || (formerHomeOf(key) !== partition && misplaced.get(text) !== partition)) continue
        out.add({ topic, partition: home }, record)
        out.add(at, { ...record, value: null })
        moved++
      }
      await out.pace()
    }
  }
  return moved
}
