import type { Processor } from '../graph/processor'
import type { StoreSpec } from '../graph/store-spec'
import type { Named } from './options'

export interface ProcessOptions<K, V, KOut, VOut> extends Named {
  /** Makes the processor of one task. */
  readonly supplier: () => Processor<K, V, KOut, VOut>
  /** Stores that the processor may use; see `keyValueStore()`. */
  readonly stores?: readonly StoreSpec[]
}

declare module './streams' {
  interface KStream<K, V> {
    /**
     * A processor of your own, with stores and punctuators; it may change the key. What it remembers belongs in its stores: fields are
     * lost when the task moves to another worker.
     * @example
     * orders
     *   .process<string, number>({
     *     name: 'running-total',
     *     stores: [keyValueStore({ name: 'totals' })],
     *     supplier: () => {
     *       let context: ProcessorContext<string, number>
     *       return {
     *         init: given => {
     *           context = given
     *         },
     *         process: ({ value, timestamp }) => {
     *           const totals = context.store<KeyValueStore<string, number>>('totals')
     *           const total = (totals.get(value.customer) ?? 0) + value.total
     *           totals.put(value.customer, total)
     *           context.forward({ key: value.customer, value: total, timestamp })
     *         },
     *       }
     *     },
     *   })
     *   .to('totals', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → totals ann 20 @1
     * // orders b {"customer":"ann","total":5} @2
     * //   → totals ann 25 @2
     */
    process<KOut, VOut>(options: ProcessOptions<K, V, KOut, VOut>): KStream<KOut, VOut>

    /**
     * A processor of your own that leaves the key alone, so that no repartition topic is needed behind it. Forwarding another key is
     * the record's failure.
     * @example
     * orders
     *   .processValues<number>({
     *     supplier: () => {
     *       let context: ProcessorContext<string, number>
     *       return {
     *         init: given => {
     *           context = given
     *         },
     *         process: record => context.forward({ ...record, value: record.value.total }),
     *       }
     *     },
     *   })
     *   .to('totals', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → totals a 20 @1
     */
    processValues<VOut>(options: ProcessOptions<K, V, K, VOut>): KStream<K, VOut>
  }
}
