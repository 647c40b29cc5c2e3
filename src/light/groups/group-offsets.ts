/** A position that a group noted. */
export interface NotedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

/** What an open transaction is going to note. */
export interface PendingOffsets {
  readonly producerId: number
  epoch: number
  /** How much had been noted in transactions before it: what Kafka's log of positions would have as an offset. */
  readonly since: number
  /** ms */
  lastTimestamp: number
  readonly offsets: Map<string, NotedOffset>
}

const nameOf = (topic: string, partition: number) => `${topic}/${partition}`

/** The positions of one group, and those that open transactions are going to note. */
export class GroupOffsets {
  private readonly noted = new Map<string, NotedOffset>()
  /** By producer id. */
  private readonly pending = new Map<number, PendingOffsets>()
  private notedInTransactions = 0

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

  /** Of the transactions that are open. */
  allPending(): IterableIterator<PendingOffsets> {
    return this.pending.values()
  }

  noteInTransaction(producerId: number, epoch: number, offset: NotedOffset, now: number): void {
    const since = this.notedInTransactions++
    const pending = this.pending.get(producerId) ?? { producerId, epoch, since, lastTimestamp: now, offsets: new Map() }
    pending.epoch = epoch
    pending.lastTimestamp = now
    pending.offsets.set(nameOf(offset.topic, offset.partition), offset)
    this.pending.set(producerId, pending)
  }

  endTransaction(producerId: number, committed: boolean): void {
    const pending = this.pending.get(producerId)
    this.pending.delete(producerId)
    if (committed) for (const offset of pending?.offsets.values() ?? []) this.note(offset)
  }

  /** Whether an open transaction may change the position. */
  isUnstable(topic: string, partition: number): boolean {
    return [...this.pending.values()].some(({ offsets }) => offsets.has(nameOf(topic, partition)))
  }

  delete(topic: string, partition: number): void {
    this.noted.delete(nameOf(topic, partition))
  }

  deleteTopic(topic: string): void {
    for (const offsets of [this.noted, ...[...this.pending.values()].map(pending => pending.offsets)])
      for (const [name, offset] of offsets) if (offset.topic === topic) offsets.delete(name)
  }
}
