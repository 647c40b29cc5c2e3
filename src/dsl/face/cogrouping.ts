import type { Windowed } from '../../record'
import type { Windows } from '../graph/windows'
import type { CogroupAdder, WindowingOptions } from './aggregating'
import type { SameKey } from './mistakes'
import type { Stateful } from './options'
import type { LateRecords, Merging, WindowStateful } from './windowing'

export interface CogroupOptions<A> extends Stateful {
  readonly initial: () => A
}

declare module './streams' {
  interface CogroupedKStream<K, A> {
    /**
     * Another stream, grouped by the same key, and how its values are added.
     * @example
     * payments
     *   .groupByKey()
     *   .cogroup((paid: number, payment) => paid + payment)
     *   .cogroup(orders.groupByKey(), (paid, order) => paid - order.total)
     *   .aggregate({ name: 'balance', initial: () => 0 })
     *   .toStream()
     *   .to('balance', out)
     * // payments a 15 @1
     * //   → balance a 15 @1
     * // orders a {"customer":"ann","total":20} @2
     * //   → balance a -5 @2
     */
    cogroup<K2, V2>(other: KGroupedStream<K2, V2> & SameKey<K, K2>, add: CogroupAdder<K, V2, A>): CogroupedKStream<K, A>

    /**
     * The aggregate of each key; null keys and values are dropped.
     * @example
     * payments
     *   .groupByKey()
     *   .cogroup((paid: number, payment) => paid + payment)
     *   .aggregate({ name: 'paid', initial: () => 0 })
     *   .toStream()
     *   .to('paid', out)
     * // payments a 15 @1
     * //   → paid a 15 @1
     */
    aggregate(options: CogroupOptions<A>): KTable<K, A>

    /**
     * Cuts the groups into windows of event time.
     * @example
     * payments
     *   .groupByKey()
     *   .cogroup((paid: number, payment) => paid + payment)
     *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
     *   .aggregate({ name: 'paid', initial: () => 0 })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('paid', out)
     * // payments a 15 @1
     * // payments a 3 @11
     * //   → paid a@0 15 @1
     */
    windowedBy<W extends Windows>(windows: W, options?: WindowingOptions): WindowedCogroupedKStream<K, A, W>
  }

  interface WindowedCogroupedKStream<K, A, W> {
    /**
     * The aggregate of each key and window; for sessions, `merge` joins the aggregates of two that have become one.
     * @example
     * payments
     *   .groupByKey()
     *   .cogroup((paid: number, payment) => paid + payment)
     *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
     *   .aggregate({ name: 'paid', initial: () => 0 })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('paid', out)
     * // payments a 15 @1
     * //   → paid a@0 15 @1
     */
    aggregate(
      options: WindowStateful & LateRecords<K, unknown> & CogroupOptions<A> & Merging<K, A, W>,
    ): KTable<Windowed<K>, A>
  }
}
