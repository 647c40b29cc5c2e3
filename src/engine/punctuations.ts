import type { GraphNode } from '../dsl/graph'
import type { Cancellable, PunctuationType } from '../dsl/processor'
import type { Cell } from '../state/cell'

interface Punctuation {
  readonly node: GraphNode
  readonly type: PunctuationType
  readonly intervalMs: number
  /** When it is due next; part of the state, so that a takeover neither skips nor repeats one. */
  readonly due: Cell
  readonly punctuate: (timestampMs: number) => void
  cancelled: boolean
}

/** The punctuators of a task and when they are due (KIP-138). However far time jumps, each is called once. */
export class Punctuations {
  private readonly all: Punctuation[] = []

  schedule(
    node: GraphNode,
    type: PunctuationType,
    intervalMs: number,
    due: Cell,
    punctuate: (timestampMs: number) => void,
  ): Cancellable {
    const punctuation: Punctuation = { node, type, intervalMs, due, punctuate, cancelled: false }
    this.all.push(punctuation)
    return {
      cancel: () => {
        punctuation.cancelled = true
      },
    }
  }

  /** Whether any punctuation of the type is due at `now`. */
  isDue(type: PunctuationType, now: number): boolean {
    for (const p of this.all) if (p.type === type && !p.cancelled && p.due.value <= now) return true
    return false
  }

  /** Calls what is due at `now`, in the order of scheduling; the next time stays on the multiples of the interval. */
  run(type: PunctuationType, now: number): void {
    for (const p of [...this.all]) {
      if (p.type !== type || p.cancelled || p.due.value > now) continue
      p.due.value += p.intervalMs * (Math.floor((now - p.due.value) / p.intervalMs) + 1)
      p.punctuate(now)
    }
  }

  /** The next time that a wall-clock punctuation is due; undefined without one. */
  nextWallClock(): number | undefined {
    const due = this.all.filter(p => p.type === 'wallClock' && !p.cancelled).map(p => p.due.value)
    return due.length === 0 ? undefined : Math.min(...due)
  }
}
