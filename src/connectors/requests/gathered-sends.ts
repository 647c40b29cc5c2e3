import type { OutputRecord } from '../ledger'
import type { Producer } from '../producer'
import type { TopicPartition } from '../source'

interface Gathered {
  readonly records: OutputRecord[]
  readonly onSettled: ((error?: Error) => void)[]
}

/**
 * Records that come one by one, sent together: those of one turn of the event loop, and those that come while others are on their way.
 * Each partition has a lane, so that one that takes nothing holds up no other.
 */
export class GatheredSends {
  /** What waits for each lane's turn. A lane that is here is being sent. */
  private readonly lanes = new Map<string, Gathered>()
  private readonly sending = new Set<Promise<void>>()

  constructor(private readonly producer: Producer) {}

  /** `onSettled` is called once the record is written, or with why it can't be; it may be in the log all the same. */
  add(at: TopicPartition, record: OutputRecord, onSettled: (error?: Error) => void): void {
    const name = `${at.topic}-${at.partition}`
    const known = this.lanes.get(name)
    const lane = known ?? { records: [], onSettled: [] }
    lane.records.push(record)
    lane.onSettled.push(onSettled)
    if (known !== undefined) return
    this.lanes.set(name, lane)
    const sending = this.send(name, at).finally(() => this.sending.delete(sending))
    this.sending.add(sending)
  }

  /** Resolves when nothing is on its way. */
  async drain(): Promise<void> {
    while (this.sending.size > 0) await Promise.all(this.sending)
  }

  private async send(name: string, { topic, partition }: TopicPartition): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    for (;;) {
      const lane = this.lanes.get(name)
      if (lane === undefined || lane.records.length === 0) break
      this.lanes.set(name, { records: [], onSettled: [] })
      const failure = await this.producer.send(topic, partition, lane.records).then(
        () => undefined,
        (error: Error) => error,
      )
      for (const each of lane.onSettled) each(failure)
    }
    this.lanes.delete(name)
  }
}
