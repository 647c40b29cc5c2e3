import type { Windowed } from '../../record'
import type { SessionWindows } from '../graph/windows'
import type { AggregateOptions, FiguresOptions, ReduceOptions } from './aggregating'
import type { Aggregators, ResultOf } from './aggregators'
import type { Stateful } from './options'
import type { KStream } from './streams'

export interface WindowStateful extends Stateful {
  /**
   * ms that the store keeps windows behind the newest one's start (sessions: behind the newest end), as Kafka Streams does: what it
   * drops is not emitted on close. Leave it out to lose nothing: then a window is forgotten once it is closed and emitted.
   */
  readonly retentionMs?: number
  /** ms of event time that a closed window stays in the store, to be asked for (`weir ask --range`). Changes no result. */
  readonly historyMs?: number
}

export interface LateRecords<K, V> {
  /**
   * Given the stream of the records that come too late for one of their windows, as they are: key, value, timestamp and headers. They may go
   * wherever any stream may, exactly once with all else; a record is in it once, however many windows it missed.
   * @example
   * payments
   *   .groupByKey()
   *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
   *   .count({ name: 'count', late: stream => stream.to('late', out) })
   *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
   *   .to('counts', out)
   * // payments ann 7 @1
   * //   → counts ann@0 1 @1
   * // payments ann 5 @12
   * //   → counts ann@10 1 @12
   * // payments ann 3 @2
   * //   → late ann 3 @2
   */
  readonly late?: (stream: KStream<K, V>) => void
}

/** Sessions need a way to join two aggregates. */
export type Merging<K, A, W> = W extends SessionWindows ? { readonly merge: (key: K, left: A, right: A) => A } : unknown

declare module './streams' {
  interface WindowedKStream<K, V, W> {
    /**
     * Number of records by key and window.
     * @example
     * payments
     *   .groupByKey()
     *   .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
     *   .count({ name: 'count' })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('counts', out)
     * // payments ann 7 @7
     * //   → counts ann@0 1 @7
     * //   → counts ann@5 1 @7
     */
    count(options: WindowStateful & LateRecords<K, V>): KTable<Windowed<K>, number>

    /**
     * Joins values pairwise within a window; the first value is taken as it is.
     * @example
     * payments
     *   .groupByKey()
     *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
     *   .reduce({ name: 'largest', reducer: (a, b) => Math.max(a, b) })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('largest', out)
     * // payments ann 7 @1
     * //   → largest ann@0 7 @1
     * // payments ann 9 @2
     * //   → largest ann@0 9 @2
     */
    reduce(options: WindowStateful & LateRecords<K, V> & ReduceOptions<V>): KTable<Windowed<K>, V>

    /**
     * Aggregates named figures by key and window.
     * @example
     * orders
     *   .groupByKey()
     *   .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
     *   .aggregate({ name: 'figures', of: { count: count(), max: max('total') } })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
     *   .to('figures', out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → figures a@0 {"count":1,"max":20} @1
     */
    aggregate<F extends Aggregators<V>>(
      options: WindowStateful & LateRecords<K, V> & FiguresOptions<F>,
    ): KTable<Windowed<K>, ResultOf<F>>
    /**
     * An aggregation of your own by key and window; for sessions, `merge` joins the aggregates of two that have become one.
     * @example
     * payments
     *   .groupByKey()
     *   .windowedBy(session({ gapMs: 10, graceMs: 30 }))
     *   .aggregate({ name: 'spent', initial: () => 0, add: (sum, n) => sum + n, merge: (_key, a, b) => a + b })
     *   .toStream({ key: (_, { key, window }) => `${key}@${window.start}-${window.end}` })
     *   .to('spent', out)
     * // payments ann 7 @1
     * //   → spent ann@1-1 7 @1
     * // payments ann 5 @9
     * //   → spent ann@1-1 null @1
     * //   → spent ann@1-9 12 @9
     */
    aggregate<A>(
      options: WindowStateful & LateRecords<K, V> & AggregateOptions<K, V, A> & Merging<K, A, W>,
    ): KTable<Windowed<K>, A>
  }
}
