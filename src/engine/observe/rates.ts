/** Rates are over so many looks at most: long enough not to flicker, short enough to see a change. */
const mostLooks = 5

interface Look {
  readonly atMs: number
  readonly counts: Counts
}

/** What a counter is of: an end and the step that writes to it have the same name as a rule. */
export type Counted = 'end' | 'step' | 'task'

export type Counts = { readonly [K in Counted]: ReadonlyMap<string, number> }

/** How fast counters grow, a second, over the last few looks at them. */
export class Rates {
  private readonly looks: Look[] = []

  /** Takes the counters as they are now; `atMs` is monotonic. */
  look(atMs: number, { end, step, task }: Counts): void {
    this.looks.push({ atMs, counts: { end: new Map(end), step: new Map(step), task: new Map(task) } })
    if (this.looks.length > mostLooks + 1) this.looks.shift()
  }

  /** 0 before the second look. */
  of(what: Counted, name: string): number {
    const [first, last] = [this.looks[0], this.looks.at(-1)]
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0
    const grown = (last.counts[what].get(name) ?? 0) - (first.counts[what].get(name) ?? 0)
    return Math.max(0, (grown / (last.atMs - first.atMs)) * 1000)
  }
}
