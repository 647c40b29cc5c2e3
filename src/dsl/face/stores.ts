import { anything, checkOptions } from '../../checked-options'
import { TopologyError } from '../../errors'
import { type StoreSpec, storeSpec } from '../graph/store-spec'
import type { Stateful } from './options'

export type { KeyValueStore } from '../../state/key-value-store'

/**
 * A store of values by key for processors: name it among a step's `stores` and get it by `context.store(name)`. Several steps share a
 * store by naming the same object. Throws TopologyError without a name.
 * @example
 * const totals = keyValueStore({ name: 'totals' })
 * payments
 *   .processValues<number>({
 *     name: 'add-up',
 *     stores: [totals],
 *     supplier: () => {
 *       let context: ProcessorContext<string, number>
 *       return {
 *         init: given => {
 *           context = given
 *         },
 *         process: record => {
 *           const store = context.store<KeyValueStore<string, number>>('totals')
 *           const total = (store.get(record.key) ?? 0) + record.value
 *           store.put(record.key, total)
 *           context.forward({ ...record, value: total })
 *         },
 *       }
 *     },
 *   })
 *   .to('totals', out)
 * // payments a 7 @1
 * //   → totals a 7 @1
 * // payments a 5 @2
 * //   → totals a 12 @2
 */
export function keyValueStore(options: Stateful): StoreSpec {
  checkOptions('keyValueStore', options, { name: anything, location: anything })
  if (!options.name) throw new TopologyError('keyValueStore: give it a name, it becomes its changelog')
  return Object.freeze(storeSpec('keyValue', options))
}
