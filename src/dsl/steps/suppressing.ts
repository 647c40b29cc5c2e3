import { TopologyError } from '../../errors'
import type { BufferLimits, Suppression } from '../face/suppression'
import { historyOf } from '../graph/history'
import { type StoreLocation, storeSpec } from '../graph/store-spec'
import { graceOf } from '../graph/windows'
import { checkStep } from './checked-step'
import type { TableDraft } from './drafts'

/** Adds the step that suppresses a table. */
export function suppressed(
  table: TableDraft,
  suppression: Suppression,
  options: { readonly name?: string; readonly location?: StoreLocation } = {},
): TableDraft {
  checkStep('suppress', options, 'suppress')
  const { name, location } = options
  const { builder, node } = table
  if (!name) throw new TopologyError('suppress needs a name: it becomes its store and changelog')
  if (historyOf(id => builder.node(id), node.id) !== undefined)
    throw new TopologyError(
      `suppress ${name}: a versioned table can't be suppressed, since its updates of the past would be lost; put a step with a store of its own (materialized) in between`,
    )
  const until = suppression?.until
  if (until !== 'windowCloses' && until !== 'timeLimit')
    throw new TopologyError(`suppress ${name}: give it untilWindowCloses or untilTimeLimit(ms)`)
  const store = { ...storeSpec('buffer', { name, location }), identity: JSON.stringify(suppression) }
  let delayMs: number
  let limits: BufferLimits = {}
  if (suppression.until === 'timeLimit') {
    const { timeLimitMs, until: _until, ...rest } = suppression
    delayMs = timeLimitMs
    limits = rest
  } else if (table.windows !== undefined) delayMs = graceOf(table.windows)
  else
    throw new TopologyError(
      `suppress ${name}: untilWindowCloses needs a windowed table; use untilTimeLimit, or put windowedBy before the aggregation`,
    )
  const spec = { store: name, until, delayMs, whenFull: limits.whenFull ?? 'emit', ...withoutWhenFull(limits) }
  return { ...table, node: builder.add('suppress', [node.id], spec, { name, stores: [store] }) }
}

function withoutWhenFull({ maxRecords, maxBytes }: BufferLimits) {
  return { ...(maxRecords !== undefined && { maxRecords }), ...(maxBytes !== undefined && { maxBytes }) }
}
