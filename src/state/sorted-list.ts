const chunkSize = 256

/**
 * Items in order, in chunks, so that an insertion or deletion anywhere moves a chunk and not the whole list. Items that
 * compare equal are one item: a second one takes the first one's place.
 */
export class SortedList<T> implements Iterable<T> {
  private readonly chunks: T[][] = []
  private count = 0

  /** `items`: those that are there at first, in any order, no two of them equal. */
  constructor(
    private readonly compare: (a: T, b: T) => number,
    items: readonly T[] = [],
  ) {
    const sorted = items.toSorted(compare)
    for (let from = 0; from < sorted.length; from += chunkSize) this.chunks.push(sorted.slice(from, from + chunkSize))
    this.count = sorted.length
  }

  get size(): number {
    return this.count
  }

  /** The item that compares equal. */
  get(item: T): T | undefined {
    const chunk = this.chunks[this.chunkOf(item)]
    if (chunk === undefined) return undefined
    const found = chunk[this.within(chunk, item)]
    return found !== undefined && this.compare(found, item) === 0 ? found : undefined
  }

  add(item: T): void {
    const at = Math.min(this.chunkOf(item), this.chunks.length - 1)
    const chunk = this.chunks[at]
    if (chunk === undefined) {
      this.chunks.push([item])
      this.count++
      return
    }
    const index = this.within(chunk, item)
    if (index < chunk.length && this.compare(chunk[index]!, item) === 0) {
      chunk[index] = item
      return
    }
    chunk.splice(index, 0, item)
    this.count++
    if (chunk.length > 2 * chunkSize) this.chunks.splice(at + 1, 0, chunk.splice(chunkSize))
  }

  delete(item: T): void {
    const at = this.chunkOf(item)
    const chunk = this.chunks[at]
    if (chunk === undefined) return
    const index = this.within(chunk, item)
    if (index === chunk.length || this.compare(chunk[index]!, item) !== 0) return
    chunk.splice(index, 1)
    this.count--
    if (chunk.length === 0) this.chunks.splice(at, 1)
  }

  clear(): void {
    this.chunks.length = 0
    this.count = 0
  }

  first(): T | undefined {
    return this.chunks[0]?.[0]
  }

  last(): T | undefined {
    return this.chunks.at(-1)?.at(-1)
  }

  /** In order; the list must not change meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const chunk of this.chunks) yield* chunk
  }

  /** The items from `item` on, in order, as long as `holds`. */
  takeFrom(item: T, holds: (item: T) => boolean): T[] {
    return [...this.from(item, holds)]
  }

  /** As `takeFrom`, one by one; the list must not change meanwhile. */
  *from(item: T, holds: (item: T) => boolean): Generator<T, undefined> {
    let at = this.chunkOf(item)
    let index = at < this.chunks.length ? this.within(this.chunks[at]!, item) : 0
    for (; at < this.chunks.length; at++, index = 0) {
      const chunk = this.chunks[at]!
      for (; index < chunk.length; index++) {
        if (!holds(chunk[index]!)) return
        yield chunk[index]!
      }
    }
  }

  /** Index of the first chunk whose last item isn't below `item`. */
  private chunkOf(item: T): number {
    let low = 0
    let high = this.chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = this.chunks[middle]!
      if (this.compare(chunk[chunk.length - 1]!, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  private within(chunk: readonly T[], item: T): number {
    let low = 0
    let high = chunk.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(chunk[middle]!, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
