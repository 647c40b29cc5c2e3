import { EventHeap, type Planned } from './event-heap'
import type { Cancel, Clock } from './world'

interface Plan extends Planned {
  readonly run: () => void
  isCancelled: boolean
}

/** Time that passes when it is told to: what is due runs in its order, in the same one each time. */
export class VirtualClock implements Clock {
  private readonly planned = new EventHeap<Plan>()
  private time: number
  private count = 0

  /** `startMs`: ms since 1970. */
  constructor(startMs = 0) {
    this.time = startMs
  }

  now(): number {
    return this.time
  }

  after(ms: number, run: () => void): Cancel {
    const plan = { at: this.time + Math.max(ms, 0), order: this.count++, run, isCancelled: false }
    this.planned.add(plan)
    return () => {
      plan.isCancelled = true
    }
  }

  /** When the next thing is due; undefined where nothing is. */
  get nextAt(): number | undefined {
    return this.next()?.at
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const end = this.time + ms
    for (let next = this.next(); next !== undefined && next.at <= end; next = this.next()) {
      this.planned.take()
      this.time = next.at
      next.run()
    }
    this.time = end
  }

  private next(): Plan | undefined {
    while (this.planned.first?.isCancelled) this.planned.take()
    return this.planned.first
  }
}
