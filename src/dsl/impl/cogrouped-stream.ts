import { TopologyError } from '../../errors'
import type { Windowed } from '../../record'
import type { CogroupAdder, WindowingOptions } from '../face/aggregating'
import type { CogroupOptions } from '../face/cogrouping'
import type { CogroupedKStream, KGroupedStream, KTable, WindowedCogroupedKStream } from '../face/streams'
import type { LateRecords, WindowStateful } from '../face/windowing'
import type { Windows } from '../graph/windows'
import { checkStep } from '../steps/checked-step'
import { cogrouped, type Members, windowCogrouped } from '../steps/cogrouping'
import { type Windowing, windowing } from '../steps/windowing'
import { draftOf, type Faces } from './faces'
import { takeLate } from './take-late'

export class CogroupedStream<K, A> implements CogroupedKStream<K, A> {
  readonly #members: Members
  readonly #faces: Faces

  constructor(members: Members, faces: Faces) {
    this.#members = members
    this.#faces = faces
  }

  cogroup<V2>(other: KGroupedStream<any, V2>, add: CogroupAdder<K, V2, A>): CogroupedKStream<K, A> {
    const grouping = draftOf(other, 'grouped')
    if (grouping === undefined)
      throw new TopologyError(
        'cogroup: give it a grouped stream, made by groupByKey() or groupBy(), and how its values are added',
      )
    return this.#faces.cogroupedStream([...this.#members, { grouping, add }])
  }

  aggregate(options: CogroupOptions<A>): KTable<K, A> {
    checkStep('aggregate', options, 'cogroup')
    return this.#faces.table(cogrouped(this.#members, options))
  }

  windowedBy<W extends Windows>(windows: W, options?: WindowingOptions): WindowedCogroupedKStream<K, A, W> {
    return this.#faces.windowedCogroupedStream(this.#members, windowing(windows, options))
  }
}

export class WindowedCogroupedStream<K, A, W> implements WindowedCogroupedKStream<K, A, W> {
  readonly #members: Members
  readonly #windowing: Windowing
  readonly #faces: Faces

  constructor(members: Members, windowing: Windowing, faces: Faces) {
    this.#members = members
    this.#windowing = windowing
    this.#faces = faces
  }

  aggregate(options: WindowStateful & LateRecords<K, unknown> & CogroupOptions<A>): KTable<Windowed<K>, A> {
    checkStep('aggregate', options, 'windowedCogroup')
    const late = takeLate(options, this.#faces)
    return this.#faces.table(windowCogrouped(this.#members, this.#windowing, options ?? {}, late))
  }
}
