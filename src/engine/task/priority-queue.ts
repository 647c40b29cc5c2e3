/**
 * The least comes out first. Equal items come out in the order of java.util.PriorityQueue, which isn't always that of insertion: where
 * Kafka Streams uses one, its results depend on that order.
 */
export class PriorityQueue<T> {
  /** A binary heap; offering its items anew in this order makes the same heap. */
  readonly items: T[] = []

  constructor(private readonly rank: (item: T) => number) {}

  get first(): T | undefined {
    return this.items[0]
  }

  offer(item: T): void {
    const { items, rank } = this
    const own = rank(item)
    let at = items.length
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (own >= rank(items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  poll(): T | undefined {
    const { items, rank } = this
    const [first] = items
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    const own = rank(last)
    let at = 0
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && rank(items[child]!) > rank(items[child + 1]!)) child++
      if (own <= rank(items[child]!)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = last
    return first
  }

  clear(): void {
    this.items.length = 0
  }
}
