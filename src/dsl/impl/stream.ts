import type { OperatorFunction } from 'rxjs'
import type { Target } from '../../connectors/sink'
import { TopologyError } from '../../errors'
import type { StreamRecord } from '../../record'
import type { GroupByOptions, GroupOptions, RepartitionOptions, ToTableOptions } from '../face/grouping'
import { groupStream } from '../face/missing-steps'
import type { Named } from '../face/options'
import type { ProcessOptions } from '../face/processing'
import type { KGroupedStream, KStream, KTable } from '../face/streams'
import type { ToOptions } from '../face/writing'
import { rekeyed, revalued, type StreamDraft } from '../steps/drafts'
import { Grouping, groupedBy } from '../steps/grouping'
import { processed } from '../steps/processing'
import { repartitioned } from '../steps/repartitioning'
import * as steps from '../steps/stateless'
import { type JoinParts, streamJoined } from '../steps/stream-joins'
import { tableOfStream } from '../steps/tables'
import { written } from '../steps/writing'
import { draftOf, type Faces, remember } from './faces'
import { takeLate } from './take-late'

export class Stream<K, V> implements KStream<K, V> {
  readonly #draft: StreamDraft
  readonly #faces: Faces

  constructor(draft: StreamDraft, faces: Faces) {
    this.#draft = draft
    this.#faces = faces
    remember(this, draft)
  }

  filter(predicate: (value: V, key: K) => boolean, options?: Named): KStream<K, V> {
    return this.#faces.stream(steps.filtered(this.#draft, predicate, false, options))
  }

  filterNot(predicate: (value: V, key: K) => boolean, options?: Named): KStream<K, V> {
    return this.#faces.stream(steps.filtered(this.#draft, predicate, true, options))
  }

  map<K2, V2>(mapper: (value: V, key: K) => readonly [K2, V2], options?: Named): KStream<K2, V2> {
    return this.#faces.stream(steps.mapped(this.#draft, mapper, options))
  }

  mapValues<V2>(mapper: (value: V, key: K) => V2, options?: Named): KStream<K, V2> {
    return this.#faces.stream(steps.valuesMapped(this.#draft, mapper, options))
  }

  flatMap<K2, V2>(mapper: (value: V, key: K) => Iterable<readonly [K2, V2]>, options?: Named): KStream<K2, V2> {
    return this.#faces.stream(steps.flatMapped(this.#draft, mapper, options))
  }

  flatMapValues<V2>(mapper: (value: V, key: K) => Iterable<V2>, options?: Named): KStream<K, V2> {
    return this.#faces.stream(steps.valuesFlatMapped(this.#draft, mapper, options))
  }

  selectKey<K2>(mapper: (value: V, key: K) => K2, options?: Named): KStream<K2, V> {
    return this.#faces.stream(steps.keySelected(this.#draft, mapper, options))
  }

  peek(action: (record: StreamRecord<K, V>) => void, options?: Named): KStream<K, V> {
    return this.#faces.stream(steps.peeked(this.#draft, action, options))
  }

  forEach(action: (record: StreamRecord<K, V>) => void, options?: Named): void {
    steps.peeked(this.#draft, action, options)
  }

  merge(other: object, options?: Named): KStream<K, V> {
    return this.#faces.stream(steps.merged(this.#draft, draftOf(other, 'stream'), options))
  }

  split<B extends string>(
    branches: Record<B, (value: V, key: K) => boolean>,
    options?: { readonly default: string },
  ): Record<string, KStream<K, V>> {
    const drafts = steps.branched(this.#draft, branches, options)
    return Object.fromEntries(drafts.map(([name, draft]) => [name, this.#faces.stream<K, V>(draft)]))
  }

  pipe<K2, V2>(operator: OperatorFunction<StreamRecord<K, V>, StreamRecord<K2, V2>>, options?: Named): KStream<K2, V2> {
    return this.#faces.stream(steps.piped(this.#draft, operator, options))
  }

  process<KOut, VOut>(options: ProcessOptions<K, V, KOut, VOut>): KStream<KOut, VOut> {
    return this.#faces.stream(rekeyed(this.#draft, processed(this.#draft, options, false)))
  }

  processValues<VOut>(options: ProcessOptions<K, V, K, VOut>): KStream<K, VOut> {
    return this.#faces.stream(revalued(this.#draft, processed(this.#draft, options, true)))
  }

  join<Out>(other: object, options: JoinParts): KStream<K, Out> {
    const right = draftOf(other, 'stream', 'table', 'globalTable')
    return this.#faces.stream(streamJoined(this.#draft, right, 'inner', options, takeLate(options, this.#faces)))
  }

  leftJoin<Out>(other: object, options: JoinParts): KStream<K, Out> {
    const right = draftOf(other, 'stream', 'table', 'globalTable')
    return this.#faces.stream(streamJoined(this.#draft, right, 'left', options, takeLate(options, this.#faces)))
  }

  outerJoin<Out>(other: object, options: JoinParts): KStream<K, Out> {
    const right = draftOf(other, 'stream', 'table', 'globalTable')
    return this.#faces.stream(streamJoined(this.#draft, right, 'outer', options, takeLate(options, this.#faces)))
  }

  toTable(options: ToTableOptions<K, V>): KTable<K, V> {
    return this.#faces.table(tableOfStream(this.#draft, options))
  }

  repartition(options: RepartitionOptions<K, V>): KStream<K, V> {
    return this.#faces.stream(repartitioned(this.#draft, options))
  }

  groupByKey(options?: GroupOptions<K, V>): KGroupedStream<K, V> {
    return this.#faces.groupedStream(new Grouping(this.#draft, options))
  }

  groupBy<K2>(mapper: (value: V, key: K) => K2, options?: GroupByOptions<K2, V>): KGroupedStream<K2, V> {
    return this.#faces.groupedStream(groupedBy(this.#draft, mapper, options))
  }

  to(end: string | ((record: StreamRecord<K, V>) => string) | Target<K, V>, options?: Partial<ToOptions<K, V>>): void {
    written(this.#draft, end, options)
  }

  count(): never {
    throw new TopologyError(`count: ${groupStream}`)
  }

  reduce(): never {
    throw new TopologyError(`reduce: ${groupStream}`)
  }

  aggregate(): never {
    throw new TopologyError(`aggregate: ${groupStream}`)
  }

  windowedBy(): never {
    throw new TopologyError(`windowedBy: ${groupStream}`)
  }
}
