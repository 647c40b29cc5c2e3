import type { OutputRecord } from '../ledger'
import type { Producer } from '../producer'
import type { TopicPartition } from '../source'

interface Gathered extends TopicPartition {
  readonly records: OutputRecord[]
  readonly onFailed: ((error: Error) => void)[]
}

/** Records that come one by one, sent together: those of one turn of the event loop, and those that come while others are on their way. */
export class GatheredSends {
  private waiting = new Map<string, Gathered>()
  private flushing: Promise<void> | undefined

  constructor(private readonly producer: Producer) {}

  /** `onFailed` is called when the record can't be written; it may be in the log all the same. */
  add({ topic, partition }: TopicPartition, record: OutputRecord, onFailed: (error: Error) => void): void {
    const name = `${topic}-${partition}`
    const known = this.waiting.get(name)
    if (known === undefined) this.waiting.set(name, { topic, partition, records: [record], onFailed: [onFailed] })
    else {
      known.records.push(record)
      known.onFailed.push(onFailed)
    }
    this.flushing ??= this.flush()
  }

  /** Resolves when nothing is on its way. */
  async drain(): Promise<void> {
    await this.flushing
  }

  private async flush(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    while (this.waiting.size > 0) {
      const sends = [...this.waiting.values()]
      this.waiting = new Map()
      await Promise.all(
        sends.map(({ topic, partition, records, onFailed }) =>
          this.producer.send(topic, partition, records).catch((error: Error) => {
            for (const each of onFailed) each(error)
          }),
        ),
      )
    }
    this.flushing = undefined
  }
}
