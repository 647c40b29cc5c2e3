import { TopologyError } from '../../errors'
import { changesFirst, groupTable } from '../face/missing-steps'
import type { TableStepOptions } from '../face/options'
import type { KGroupedTable, KStream, KTable } from '../face/streams'
import type { Suppression, SuppressionOf } from '../face/suppression'
import type { ForeignKeyJoinOptions, TableJoinOptions } from '../face/table-joins'
import type { GroupTableOptions, ToStreamOptions } from '../face/tables'
import type { JoinType } from '../graph/join-specs'
import { checkStep } from '../steps/checked-step'
import type { TableDraft } from '../steps/drafts'
import { joinOnForeignKey } from '../steps/foreign-key-join'
import { tableGrouped } from '../steps/grouped-tables'
import { suppressed } from '../steps/suppressing'
import { tablesJoined } from '../steps/table-joins'
import { streamOfChanges, tableFiltered, tableMapped } from '../steps/tables'
import { draftOf, type Faces, remember } from './faces'

type AnyJoin = TableJoinOptions<any, any, any, any> | ForeignKeyJoinOptions<any, any, any, any, any>

export class Table<K, V> implements KTable<K, V> {
  readonly #draft: TableDraft
  readonly #faces: Faces

  constructor(draft: TableDraft, faces: Faces) {
    this.#draft = draft
    this.#faces = faces
    remember(this, draft)
  }

  filter(predicate: (value: V, key: K) => boolean, options?: TableStepOptions): KTable<K, V> {
    return this.#faces.table(tableFiltered(this.#draft, predicate, false, options))
  }

  filterNot(predicate: (value: V, key: K) => boolean, options?: TableStepOptions): KTable<K, V> {
    return this.#faces.table(tableFiltered(this.#draft, predicate, true, options))
  }

  mapValues<V2>(mapper: (value: V, key: K) => V2, options?: TableStepOptions): KTable<K, NonNullable<V2>> {
    return this.#faces.table(tableMapped(this.#draft, mapper, options))
  }

  toStream<K2>(options?: Partial<ToStreamOptions<K, V, K2>>): KStream<any, V> {
    return this.#faces.stream(streamOfChanges(this.#draft, options))
  }

  suppress(until: SuppressionOf<K>, options: { readonly name: string }): KTable<K, V> {
    return this.#faces.table(suppressed(this.#draft, until as Suppression, options))
  }

  groupBy<K2, V2>(
    mapper: (value: V, key: K) => readonly [K2, V2],
    options?: GroupTableOptions<K2, V2>,
  ): KGroupedTable<NonNullable<K2>, NonNullable<V2>> {
    return this.#faces.groupedTable(tableGrouped(this.#draft, mapper, options))
  }

  join<Out>(other: KTable<any, any>, options: AnyJoin): KTable<K, Out> {
    return this.#join(other, 'inner', options)
  }

  leftJoin<Out>(other: KTable<any, any>, options: AnyJoin): KTable<K, Out> {
    return this.#join(other, 'left', options)
  }

  outerJoin<Out>(other: KTable<any, any>, options: TableJoinOptions<any, any, any, any>): KTable<K, Out> {
    return this.#join(other, 'outer', options)
  }

  count(): never {
    throw new TopologyError(`count: ${groupTable}`)
  }

  reduce(): never {
    throw new TopologyError(`reduce: ${groupTable}`)
  }

  aggregate(): never {
    throw new TopologyError(`aggregate: ${groupTable}`)
  }

  to(): never {
    throw new TopologyError(`to: ${changesFirst}`)
  }

  #join<Out>(other: KTable<any, any>, type: JoinType, options: AnyJoin | undefined): KTable<K, Out> {
    // Without a compiler the options may be missing: what they lack is refused where it is needed.
    const given = options ?? ({} as TableJoinOptions<any, any, any, any>)
    const right = draftOf(other, 'table')
    if (right === undefined)
      throw new TopologyError(
        `${given.name ?? 'join'}: a table is joined with another table, made by table() or toTable()`,
      )
    checkStep('join', given, type === 'outer' ? 'tableOuterJoin' : 'tableJoin')
    if ('foreignKey' in given && type !== 'outer')
      return this.#faces.table(joinOnForeignKey(this.#draft, right, type, given))
    return this.#faces.table(tablesJoined(this.#draft, right, type, given))
  }
}
