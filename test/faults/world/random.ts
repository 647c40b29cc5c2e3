/** Numbers from a seed (mulberry32 over a mixed name): each concern draws from a stream of its own, so that one more draw here moves nothing there. */
export class Random {
  private state: number

  constructor(seed: number, concern: string) {
    let hash = seed ^ 0x9e3779b9
    for (let i = 0; i < concern.length; i++) hash = Math.imul(hash ^ concern.charCodeAt(i), 0x01000193)
    this.state = hash >>> 0
  }

  /** From 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** As long as `mean` on average, now and then much longer. */
  about(mean: number): number {
    return -Math.log(1 - this.next()) * mean
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.whole(0, from.length - 1)]
    if (found === undefined) throw new RangeError('nothing to pick from')
    return found
  }
}
