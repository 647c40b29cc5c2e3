/** What is planned for a time; of two that are due at once the one planned first comes first. */
export interface Planned {
  readonly at: number
  readonly order: number
}

const isBefore = (a: Planned, b: Planned) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap of what is planned: the next one is at hand, adding and taking cost the logarithm of how many there are. */
export class EventHeap<T extends Planned> {
  private readonly heap: T[] = []

  get size(): number {
    return this.heap.length
  }

  get first(): T | undefined {
    return this.heap[0]
  }

  add(event: T): void {
    const { heap } = this
    let at = heap.push(event) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !isBefore(event, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = event
  }

  /** The next one, which is taken out. */
  take(): T | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (first !== undefined && last !== undefined && heap.length > 0) this.sink(last)
    return first
  }

  private sink(event: T): void {
    const { heap } = this
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      let child = heap[below]
      const right = heap[below + 1]
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        child = right
        below++
      }
      if (child === undefined || !isBefore(child, event)) break
      heap[at] = child
      at = below
    }
    heap[at] = event
  }
}
