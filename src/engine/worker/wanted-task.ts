import type { SubTopology } from '../plan/plan'

/** A task that a generation is to own. */
export interface WantedTask {
  readonly id: string
  readonly part: SubTopology
  readonly partition: number
}
