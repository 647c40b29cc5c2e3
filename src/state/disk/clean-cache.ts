/**
 * What was read or written last, by key, at most `room` of it: two generations, of which the older one goes as a whole, so that
 * a hit costs a look-up and no bookkeeping.
 */
export class CleanCache<T> {
  private young = new Map<string, T>()
  private old = new Map<string, T>()

  constructor(private readonly room: number) {}

  get(at: string): T | undefined {
    const found = this.young.get(at)
    if (found !== undefined) return found
    const older = this.old.get(at)
    if (older !== undefined) this.set(at, older)
    return older
  }

  set(at: string, value: T): void {
    if (this.young.size >= this.room / 2) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(at, value)
  }

  delete(at: string): void {
    this.young.delete(at)
    this.old.delete(at)
  }

  clear(): void {
    this.young.clear()
    this.old.clear()
  }
}
