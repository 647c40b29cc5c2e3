import { itemAt } from '../../required'
import type { Plan, SubTopology } from '../plan/plan'

/** A task that a generation is to own. */
export interface WantedTask {
  readonly id: string
  readonly part: SubTopology
  readonly partition: number
}

/** The tasks of these ids. */
export const wantedOf = (plan: Plan, ids: readonly string[]): WantedTask[] =>
  ids.map(id => {
    const [part, partition] = id.split('_').map(Number) as [number, number]
    return { id, part: itemAt(plan.subTopologies, part), partition }
  })
