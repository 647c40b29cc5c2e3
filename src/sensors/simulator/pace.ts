import type { FleetPlan } from './fleet-options'

/**
 * How many readings are due at a time. Counted from the start and not from the last one, so that the pace has no drift; the
 * sensors' turns are spread evenly, so that readings come in no bursts.
 */
export class Pace {
  private readonly perMs: number
  private readonly limit: number

  constructor(plan: Pick<FleetPlan, 'sensors' | 'rate' | 'durationMs' | 'count'>) {
    this.perMs = plan.rate === 'max' ? Infinity : (plan.sensors * plan.rate) / 1000
    const planned = plan.durationMs === undefined ? Infinity : Math.round(this.perMs * plan.durationMs)
    this.limit = Math.min(planned, plan.count ?? Infinity)
  }

  /** Readings due in total, `elapsedMs` after the start. */
  due(elapsedMs: number): number {
    if (elapsedMs < 0) return 0
    return Math.min(this.limit, this.perMs === Infinity ? Infinity : Math.floor(this.perMs * elapsedMs) + 1)
  }

  /** When reading `index` is due, ms after the start. */
  dueAt(index: number): number {
    return index / this.perMs
  }

  isDone(sent: number): boolean {
    return sent >= this.limit
  }
}
