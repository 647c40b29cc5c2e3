/** A position that a group noted. */
export interface NotedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

const nameOf = (topic: string, partition: number) => `${topic}/${partition}`

/** The positions of one group, and those that open transactions are going to note. */
export class GroupOffsets {
  private readonly noted = new Map<string, NotedOffset>()
  /** By producer id. */
  private readonly pending = new Map<number, Map<string, NotedOffset>>()

  get size(): number {
    return this.noted.size
  }

  /** Of every partition that was ever noted. */
  all(): NotedOffset[] {
    return [...this.noted.values()]
  }

  get(topic: string, partition: number): NotedOffset | undefined {
    return this.noted.get(nameOf(topic, partition))
  }

  note(offset: NotedOffset): void {
    this.noted.set(nameOf(offset.topic, offset.partition), offset)
  }

  noteInTransaction(producerId: number, offset: NotedOffset): void {
    const offsets = this.pending.get(producerId) ?? new Map<string, NotedOffset>()
    this.pending.set(producerId, offsets.set(nameOf(offset.topic, offset.partition), offset))
  }

  endTransaction(producerId: number, committed: boolean): void {
    const offsets = this.pending.get(producerId)
    this.pending.delete(producerId)
    if (committed) for (const offset of offsets?.values() ?? []) this.note(offset)
  }

  /** Whether an open transaction may change the position. */
  isUnstable(topic: string, partition: number): boolean {
    return [...this.pending.values()].some(offsets => offsets.has(nameOf(topic, partition)))
  }

  delete(topic: string, partition: number): void {
    this.noted.delete(nameOf(topic, partition))
  }

  deleteTopic(topic: string): void {
    for (const offsets of [this.noted, ...this.pending.values()])
      for (const [name, offset] of offsets) if (offset.topic === topic) offsets.delete(name)
  }
}
