import { itemAt } from '../required'
import { type Compile, step } from './operator'
import { computedTable } from './table-store'

/**
 * Passes a table's values for which the predicate holds; the others become tombstones. With old values at hand, no tombstone is
 * forwarded where nothing was, unless the table has a past, in which something may have been. `KTableFilter`.
 */
export const tableFilter: Compile<'tableFilter'> = (node, context) => {
  const { predicate, negate } = node.spec
  const sendsOld = context.facts.sendsOldValues(node.id)
  const isVersioned = context.facts.isVersioned(itemAt(node.parents, 0))
  const { handle, getter } = computedTable(
    node,
    context,
    (value, key) => (predicate(value, key) !== negate ? value : null),
    (newValue, oldValue) => isVersioned || !sendsOld || newValue !== null || oldValue !== null,
  )
  return { inputs: [step(node, context, handle)], getter }
}
