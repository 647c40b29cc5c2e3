import { type Compile, step } from './operator'
import { computedTable } from './table-store'

/** A new value for each of a table's values. `KTableMapValues`. */
export const tableMapValues: Compile<'tableMapValues'> = (node, context) => {
  const { handle, getter } = computedTable(node, context, node.spec.mapper, () => true)
  return { inputs: [step(node, context, handle)], getter }
}
