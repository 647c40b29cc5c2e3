import type { ResetRow } from '../../ops/reset-group'
import type { Output } from './output'

/** Shows what a change of offsets does, and where the log didn't reach. */
export function showPlan(plan: readonly ResetRow[], out: Output): void {
  out.rows(plan, [
    { title: 'GROUP', value: row => row.group },
    { title: 'TOPIC', value: row => row.topic },
    { title: 'PARTITION', value: row => row.partition },
    { title: 'CURRENT-OFFSET', value: row => row.currentOffset },
    { title: 'NEW-OFFSET', value: row => row.newOffset },
    { title: 'CHANGE', value: row => row.change },
  ])
  const clamped = plan.filter(row => row.clamped)
  if (clamped.length === 0) return
  const names = clamped.map(row => `${row.topic}-${row.partition}`).join(', ')
  out.note(`outside of the log, so its end was taken: ${names}`)
}
