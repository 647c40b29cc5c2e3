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

/** All that a group's positions are, as it is kept. */
export interface KeptOffsets {
  readonly noted: readonly NotedOffset[]
  readonly pending: readonly (Omit<PendingOffsets, 'offsets'> & { readonly offsets: readonly NotedOffset[] })[]
}

/** The positions of one group, and those that open transactions are going to note. */
export class GroupOffsets {
  private readonly noted = new Map<string, NotedOffset>()
  /** By producer id. */
  private readonly pending = new Map<number, PendingOffsets>()
  private notedInTransactions = 0

  /** `changed` is called after each change. */
  constructor(private readonly changed: () => void) {}

  get kept(): KeptOffsets {
    const pending = [...this.pending.values()].map(each => ({ ...each, offsets: [...each.offsets.values()] }))
    return { noted: this.all(), pending }
  }

  restore({ noted, pending }: KeptOffsets): void {
    for (const each of noted) this.noted.set(nameOf(each.topic, each.partition), each)
    for (const each of pending) {
      const offsets = new Map(each.offsets.map(offset => [nameOf(offset.topic, offset.partition), offset]))
      this.pending.set(each.producerId, { ...each, offsets })
      this.notedInTransactions = Math.max(this.notedInTransactions, each.since + offsets.size)
    }
  }

  get size(): number {
    return this.noted.size
  }

  /** Whose positions are noted, or are going to be. */
  get topics(): string[] {
    const pending = [...this.pending.values()].flatMap(({ offsets }) => [...offsets.values()])
    return [...this.all(), ...pending].map(({ topic }) => topic)
  }

  /** Of every partition that was ever noted. */
  all(): NotedOffset[] {
    return [...this.noted.values()]
  }

  get(topic: string, partition: number): NotedOffset | undefined {
    return this.noted.get(nameOf(topic, partition))
  }

  note(offsets: Iterable<NotedOffset>): void {
    for (const offset of offsets) this.noted.set(nameOf(offset.topic, offset.partition), offset)
    this.changed()
  }

  /** Of the transactions that are open. */
  allPending(): IterableIterator<PendingOffsets> {
    return this.pending.values()
  }

  noteInTransaction(producerId: number, epoch: number, offsets: readonly NotedOffset[], now: number): void {
    const since = this.notedInTransactions
    this.notedInTransactions += offsets.length
    const pending = this.pending.get(producerId) ?? { producerId, epoch, since, lastTimestamp: now, offsets: new Map() }
    pending.epoch = epoch
    pending.lastTimestamp = now
    for (const offset of offsets) pending.offsets.set(nameOf(offset.topic, offset.partition), offset)
    this.pending.set(producerId, pending)
    this.changed()
  }

  endTransaction(producerId: number, committed: boolean): void {
    const pending = this.pending.get(producerId)
    if (pending === undefined) return
    this.pending.delete(producerId)
    this.note(committed ? pending.offsets.values() : [])
  }

  /** Whether an open transaction may change the position. */
  isUnstable(topic: string, partition: number): boolean {
    return [...this.pending.values()].some(({ offsets }) => offsets.has(nameOf(topic, partition)))
  }

  delete(topic: string, partition: number): void {
    if (this.noted.delete(nameOf(topic, partition))) this.changed()
  }

  deleteTopic(topic: string): void {
    let isChanged = false
    for (const offsets of [this.noted, ...[...this.pending.values()].map(pending => pending.offsets)])
      for (const [name, offset] of offsets) if (offset.topic === topic) isChanged = offsets.delete(name)
    if (isChanged) this.changed()
  }
}
