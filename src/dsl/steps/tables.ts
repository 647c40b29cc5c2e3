import { TopologyError } from '../../errors'
import type { ToTableOptions } from '../face/grouping'
import type { Materialised, Named, TableStepOptions } from '../face/options'
import type { Mapper, Predicate } from '../graph/functions'
import type { GraphNode } from '../graph/graph-node'
import { materialisedStore, storeSpec } from '../graph/store-spec'
import type { TableSourceSpec } from '../graph/table-specs'
import { checkStep } from './checked-step'
import type { StreamDraft, TableDraft } from './drafts'
import { keyed } from './repartitioning'

export function tableFiltered(
  table: TableDraft,
  predicate: Predicate,
  negate: boolean,
  options: TableStepOptions = {},
): TableDraft {
  checkStep(negate ? 'filterNot' : 'filter', options, 'tableStep')
  const { named, spec } = storeParts('tableFilter', options)
  return { ...table, node: table.builder.add('tableFilter', [table.node.id], { predicate, negate, ...spec }, named) }
}

export function tableMapped(table: TableDraft, mapper: Mapper, options: TableStepOptions = {}): TableDraft {
  checkStep('mapValues', options, 'tableStep')
  const { named, spec } = storeParts('tableMapValues', options)
  const node = table.builder.add('tableMapValues', [table.node.id], { mapper, ...spec }, named)
  return { ...table, node, value: undefined }
}

function storeParts(kind: string, { name, materialized, location }: TableStepOptions) {
  const stores = materialisedStore(name ?? kind, materialized, location)
  return { named: { name: name ?? materialized, stores }, spec: materialized === undefined ? {} : { materialized } }
}

/** The changes of a table as a stream, under a new key where `key` maps one. */
export function streamOfChanges(table: TableDraft, options: Named & { readonly key?: Mapper } = {}): StreamDraft {
  checkStep('toStream', options, 'toStream')
  const { name, key } = options
  const { builder, value } = table
  const node = builder.add('toStream', [table.node.id], key === undefined ? {} : { key }, { name })
  return key === undefined
    ? { kind: 'stream', builder, node, rekeyed: false, key: table.key, value }
    : { kind: 'stream', builder, node, rekeyed: true, value }
}

/** The table that a stream's records are the updates of. */
export function tableOfStream(stream: StreamDraft, options: Partial<ToTableOptions<any, any>> = {}): TableDraft {
  checkStep('toTable', options, 'toTable')
  const { name, key, value, ...store } = options
  const from = keyed({ ...stream, ...(key && { key }), ...(value && { value }) }, name)
  return { ...tableFrom(from, from.node, name ?? '', storeOf(store)), key: from.key, value: from.value }
}

/** What the author says of a table's store. */
export function storeOf({ materialized, location }: Materialised): Materialised {
  return { ...(materialized !== undefined && { materialized }), ...(location && { location }) }
}

/** The table that the records of a step are the updates of. It gets a store where the author names one, or a later step needs it. */
export function tableFrom(
  { builder }: Pick<TableDraft, 'builder'>,
  records: GraphNode,
  name: string,
  spec: TableSourceSpec,
): TableDraft {
  // A later step may want a store where the author has named none.
  storeSpec('keyValue', { name: spec.materialized ?? name, location: spec.location })
  if (spec.location === 'disk' && spec.restoreFrom !== undefined)
    throw new TopologyError(
      `table ${name}: restored from its source topic it lives in memory, since a copy on disk follows a changelog; leave restoreFrom or location out`,
    )
  return { kind: 'table', builder, node: builder.add('tableSource', [records.id], spec, { name }) }
}
