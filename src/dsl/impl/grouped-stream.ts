import type { Windowed } from '../../record'
import type {
  AggregateOptions,
  CogroupAdder,
  FiguresOptions,
  ReduceOptions,
  WindowingOptions,
} from '../face/aggregating'
import type { Aggregators } from '../face/aggregators'
import type { Stateful } from '../face/options'
import type { CogroupedKStream, KGroupedStream, KTable, WindowedKStream } from '../face/streams'
import type { WindowStateful } from '../face/windowing'
import type { Windows } from '../graph/windows'
import { type Aggregation, aggregated, aggregating, counting, reducing } from '../steps/aggregating'
import { checkStep } from '../steps/checked-step'
import type { Grouping } from '../steps/grouping'
import { type Windowing, windowAggregated, windowing } from '../steps/windowing'
import { type Faces, remember } from './faces'
import { takeLate } from './take-late'

type AnyAggregation<K, V> = FiguresOptions<Aggregators<V>> | AggregateOptions<K, V, any>

export class GroupedStream<K, V> implements KGroupedStream<K, V> {
  readonly #grouping: Grouping
  readonly #faces: Faces

  constructor(grouping: Grouping, faces: Faces) {
    this.#grouping = grouping
    this.#faces = faces
    remember(this, grouping)
  }

  count(options: Stateful): KTable<K, number> {
    checkStep('count', options, 'count')
    return this.#faces.table(aggregated(this.#grouping, options, counting))
  }

  reduce(options: ReduceOptions<V>): KTable<K, V> {
    checkStep('reduce', options, 'reduce')
    return this.#faces.table(aggregated(this.#grouping, options, reducing(options?.reducer)))
  }

  aggregate(options: AnyAggregation<K, V>): KTable<K, any> {
    checkStep('aggregate', options, 'aggregate')
    return this.#faces.table(aggregated(this.#grouping, options, aggregating(this.#grouping, options)))
  }

  cogroup<A>(add: CogroupAdder<K, V, A>): CogroupedKStream<K, A> {
    return this.#faces.cogroupedStream([{ grouping: this.#grouping, add }])
  }

  windowedBy<W extends Windows>(windows: W, options?: WindowingOptions): WindowedKStream<K, V, W> {
    return this.#faces.windowedStream(this.#grouping, windowing(windows, options))
  }
}

export class WindowedStream<K, V, W> implements WindowedKStream<K, V, W> {
  readonly #grouping: Grouping
  readonly #windowing: Windowing
  readonly #faces: Faces

  constructor(grouping: Grouping, windowing: Windowing, faces: Faces) {
    this.#grouping = grouping
    this.#windowing = windowing
    this.#faces = faces
  }

  count(options: WindowStateful): KTable<Windowed<K>, number> {
    checkStep('count', options, 'windowedCount')
    return this.#table(options, counting)
  }

  reduce(options: WindowStateful & ReduceOptions<V>): KTable<Windowed<K>, V> {
    checkStep('reduce', options, 'windowedReduce')
    return this.#table(options, reducing(options?.reducer))
  }

  aggregate(options: WindowStateful & AnyAggregation<K, V>): KTable<Windowed<K>, any> {
    checkStep('aggregate', options, 'windowedAggregate')
    return this.#table(options, aggregating(this.#grouping, options, this.#windowing.windows))
  }

  #table<R>(options: WindowStateful, aggregation: Aggregation): KTable<Windowed<K>, R> {
    const stream = this.#grouping.keyedFor(options?.name)
    const late = takeLate(options, this.#faces)
    return this.#faces.table(windowAggregated([stream], this.#windowing, options, aggregation, late))
  }
}
