import type { TableJoinOptions } from '../face/table-joins'
import type { JoinType } from '../graph/join-specs'
import { materialisedStore } from '../graph/store-spec'
import { graceOf, type Windows } from '../graph/windows'
import { checkOneTopology, type TableDraft } from './drafts'

/** Joins two tables by their keys. */
export function tablesJoined(
  left: TableDraft,
  right: TableDraft,
  type: JoinType,
  { name, materialized, location, joiner }: TableJoinOptions<any, any, any, any>,
): TableDraft {
  checkOneTopology(name ?? 'join', 'both sides of a join', left.builder, right.builder)
  const stores = materialisedStore(name ?? 'join', materialized, location)
  const spec = { type, joiner, ...(materialized !== undefined && { store: materialized }) }
  const node = left.builder.add('tableJoin', [left.node.id, right.node.id], spec, {
    name: name ?? materialized,
    stores,
  })
  const windows = longerOpen(left.windows, right.windows)
  return { kind: 'table', builder: left.builder, node, key: left.key ?? right.key, windows }
}

/** Of two windowed tables' windows those that close later: the join's results are final then. */
function longerOpen(left: Windows | undefined, right: Windows | undefined): Windows | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return graceOf(left) >= graceOf(right) ? left : right
}
