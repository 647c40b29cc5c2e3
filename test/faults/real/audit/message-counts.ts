/** How often each message has come, held against how often it was sent, look by look. */
export class MessageCounts {
  /** Messages that came more often than they were sent. */
  repeated = 0
  private readonly counts = new Map<string, number>()
  /** What the last look had too many of: the second one of a message that was sent twice may belong to the next look. */
  private early: ReadonlyMap<string, number> = new Map()

  take(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }

  /** Those of `sent` that haven't come as often, with how often they were sent. */
  lacking(sent: ReadonlyMap<string, number>): [key: string, count: number][] {
    return [...sent].filter(([key, count]) => this.of(key) < count)
  }

  /** The look is over: what was sent by then is forgotten. */
  settle(sent: ReadonlyMap<string, number>): void {
    const early = new Map<string, number>()
    for (const [key, count] of sent) {
      const before = this.early.get(key) ?? 0
      const left = Math.max(0, this.of(key) - count)
      this.repeated += left - before
      if (left > 0) early.set(key, left)
      this.counts.delete(key)
    }
    this.early = early
  }

  private of(key: string): number {
    return (this.counts.get(key) ?? 0) + (this.early.get(key) ?? 0)
  }
}
