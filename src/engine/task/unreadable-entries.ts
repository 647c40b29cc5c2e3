import { UnfitError } from '../../errors'

/**
 * Entries of changelogs that weir can't have written: somebody else has written to its topic. The last record of a key counts, so that a tombstone
 * or an entry of weir's behind such a record makes it good.
 */
export class UnreadableEntries {
  private readonly entries = new Map<string, UnfitError>()

  /** Runs `apply` for a record, and notes where it throws. */
  reading(topic: string, partition: number, offset: number, key: string, apply: () => void): void {
    const entry = `${topic} ${key}`
    try {
      apply()
      if (this.entries.size > 0) this.entries.delete(entry)
    } catch (cause) {
      const place = `changelog ${topic}/${partition} holds at offset ${offset}, under the key ${key.slice(0, 100)}`
      const cure =
        'write a tombstone under that key if the entry is none, or begin the store anew with `weir topology reset`'
      const message = `${place}, what is no state of weir's (${cause instanceof Error ? cause.message : cause}): ${cure}`
      this.entries.set(entry, new UnfitError(message, { service: 'Kafka', cause }))
    }
  }

  /** Throws UnfitError where a key's last record was unreadable. */
  throwIfAny(): void {
    const [first] = this.entries.values()
    if (first !== undefined) throw first
  }
}
