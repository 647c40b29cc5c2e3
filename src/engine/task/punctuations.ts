import type { Cancellable, GraphNode, PunctuationType } from '../../dsl/graph'
import type { Cell } from '../../state/cell'
import { PriorityQueue } from './priority-queue'

/** What the state holds of a punctuation, so that a takeover neither skips nor repeats one. */
export interface PunctuationCells {
  /** When it is due next. */
  readonly due: Cell
  /** Its place in the queue: which of those that are due at once is first. */
  readonly place: Cell
}

interface Punctuation extends PunctuationCells {
  readonly node: GraphNode
  readonly type: PunctuationType
  readonly intervalMs: number
  readonly punctuate: (timestampMs: number) => void
  cancelled: boolean
}

/** The punctuators of a task and when they are due (KIP-138). However far time jumps, each is called once. */
export class Punctuations {
  private readonly all: Punctuation[] = []
  private running: { readonly type: PunctuationType; readonly queue: PriorityQueue<Punctuation> } | undefined

  schedule(
    node: GraphNode,
    type: PunctuationType,
    intervalMs: number,
    cells: PunctuationCells,
    punctuate: (timestampMs: number) => void,
  ): Cancellable {
    const punctuation: Punctuation = { node, type, intervalMs, ...cells, punctuate, cancelled: false }
    this.all.push(punctuation)
    if (this.running?.type === type) this.running.queue.offer(punctuation)
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

  /** Calls what is due at `now`, the longest due first; the next time stays a multiple of the interval. */
  run(type: PunctuationType, now: number): void {
    if (!this.isDue(type, now)) return
    const queue = this.queue(type)
    this.running = { type, queue }
    for (let p = queue.first; p !== undefined && p.due.value <= now; p = queue.first) {
      queue.poll()
      if (p.cancelled) continue
      p.punctuate(now)
      if (p.cancelled) continue
      p.due.value += p.intervalMs * (Math.floor((now - p.due.value) / p.intervalMs) + 1)
      queue.offer(p)
    }
    this.running = undefined
    for (const [place, p] of queue.items.entries()) p.place.value = place
  }

  /** The next time that a wall-clock punctuation is due; undefined without one. */
  nextWallClock(): number | undefined {
    const due = this.all.filter(p => p.type === 'wallClock' && !p.cancelled).map(p => p.due.value)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  /** Loads the schedules from the state: a failed record undoes what its punctuations did. */
  private queue(type: PunctuationType): PriorityQueue<Punctuation> {
    const queue = new PriorityQueue<Punctuation>(({ due }) => due.value)
    const live = this.all.filter(p => p.type === type && !p.cancelled)
    for (const p of live.sort((a, b) => a.place.value - b.place.value)) queue.offer(p)
    return queue
  }
}
