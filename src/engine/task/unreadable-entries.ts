import { type Position, UnfitError } from '../../errors'

interface Entry {
  readonly topic: string
  readonly offset: number
  readonly error: UnfitError
}

/**
 * Entries of changelogs that weir can't have written: somebody else has written to its topic. The last record of a key counts, so that a tombstone
 * or an entry of weir's behind such a record makes it good.
 */
export class UnreadableEntries {
  private readonly entries = new Map<string, Entry>()

  get isEmpty(): boolean {
    return this.entries.size === 0
  }

  /** Runs `apply` for a record, and notes where it throws; says whether it went well. */
  reading(topic: string, partition: number, offset: number, key: string, apply: () => void): boolean {
    try {
      apply()
      this.wasRead(topic, key)
      return true
    } catch (cause) {
      this.note({ topic, partition, offset }, key, cause)
      return false
    }
  }

  /** A record was read: nothing is wrong under its key any more. */
  wasRead(topic: string, key: string): void {
    if (this.entries.size > 0) this.entries.delete(`${topic} ${key}`)
  }

  /** A record couldn't be read. */
  note({ topic, partition, offset }: Position, key: string, cause: unknown): void {
    const place = `changelog ${topic}/${partition} holds at offset ${offset}, under the key ${key.slice(0, 100)}`
    const cure =
      'write a tombstone under that key if the entry is none, or begin the store anew with `weir topology reset`'
    const message = `${place}, what is no state of weir's (${cause instanceof Error ? cause.message : cause}): ${cure}`
    this.entries.set(`${topic} ${key}`, {
      ...{ topic, offset },
      error: new UnfitError(message, { service: 'Kafka', cause }),
    })
  }

  /** Where the first of a topic is that is still its key's last record; Infinity where there is none. */
  firstOf(topic: string): number {
    let first = Number.POSITIVE_INFINITY
    for (const entry of this.entries.values()) if (entry.topic === topic) first = Math.min(first, entry.offset)
    return first
  }

  /** Throws UnfitError where a key's last record was unreadable. */
  throwIfAny(): void {
    const [first] = this.entries.values()
    if (first !== undefined) throw first.error
  }
}
