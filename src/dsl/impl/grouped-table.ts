import type { TableAggregateOptions, TableReduceOptions } from '../face/grouped-tables'
import type { Stateful } from '../face/options'
import type { KGroupedTable, KTable } from '../face/streams'
import { checkStep } from '../steps/checked-step'
import { type TableGrouping, tableAggregated } from '../steps/grouped-tables'
import type { Faces } from './faces'

export class GroupedTable<K, V> implements KGroupedTable<K, V> {
  readonly #grouping: TableGrouping
  readonly #faces: Faces

  constructor(grouping: TableGrouping, faces: Faces) {
    this.#grouping = grouping
    this.#faces = faces
  }

  count(options: Stateful): KTable<K, number> {
    checkStep('count', options, 'count')
    const spec = {
      initial: () => 0,
      add: (aggregate: number) => aggregate + 1,
      subtract: (aggregate: number) => aggregate - 1,
    }
    return this.#faces.table(tableAggregated(this.#grouping, options, 'count', spec))
  }

  reduce(options: TableReduceOptions<V>): KTable<K, V> {
    checkStep('reduce', options, 'tableReduce')
    const spec = { add: options?.adder, subtract: options?.subtractor }
    return this.#faces.table(tableAggregated(this.#grouping, options, 'reduce', spec))
  }

  aggregate<A>(options: TableAggregateOptions<K, V, A>): KTable<K, NonNullable<A>> {
    checkStep('aggregate', options, 'tableAggregate')
    const spec = { initial: options?.initial, add: options?.add, subtract: options?.subtract }
    return this.#faces.table(tableAggregated(this.#grouping, options, 'aggregate', spec))
  }
}
