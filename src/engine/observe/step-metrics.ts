import { Counter } from 'prom-client'
import type { NodeTally, Tally } from '../../vitals/format'
import type { Registers } from './registers'

/** What went through each step, and what failed in it. */
export function steps(last: () => Tally, registers: Registers): void {
  const counter = (name: string, help: string, of: (node: NodeTally) => number) =>
    new Counter({
      ...{ name, help, registers, labelNames: ['step'] },
      collect() {
        this.reset()
        for (const node of last().nodes) this.inc({ step: node.name }, of(node))
      },
    })
  counter(
    'weir_step_records_total',
    'Records that a step has sent on, to the next step, a topic or an end; those that were taken back or come again count too.',
    ({ passed }) => passed,
  )
  counter('weir_step_errors_total', 'Records and results that failed in a step.', ({ errors }) => errors)
}
