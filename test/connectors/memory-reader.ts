import type { Batch, PartitionEnd, Reader, TopicPartition } from '../../src/connectors/source'
import { batchOf, type LoggedRecord } from '../../src/testing/memory-kafka'

/** As many records are fetched at once, so that a long log takes several batches. */
const mostFetched = 100

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`

/** Reads logs in memory. */
export class MemoryReader implements Reader {
  onReady: (() => void) | undefined
  onError: ((error: Error, at: TopicPartition) => void) | undefined
  private readonly positions = new Map<string, number>()

  constructor(
    private readonly log: (at: TopicPartition) => readonly LoggedRecord[],
    private readonly onClose: () => void,
  ) {}

  seek(at: TopicPartition, offset: number): void {
    this.positions.set(nameOf(at), offset)
    setImmediate(() => this.onReady?.())
  }

  remove(at: TopicPartition): void {
    this.positions.delete(nameOf(at))
  }

  take(at: TopicPartition): Batch | undefined {
    const batch = this.peek(at)
    if (batch !== undefined) this.positions.set(nameOf(at), batch.nextOffset)
    return batch
  }

  peek(at: TopicPartition): Batch | undefined {
    const position = this.positions.get(nameOf(at))
    const records = position === undefined ? [] : this.log(at).slice(position, position + mostFetched)
    return records.length === 0 ? undefined : batchOf(at, records)
  }

  end(at: TopicPartition): PartitionEnd | undefined {
    if (!this.positions.has(nameOf(at))) return undefined
    const endOffset = this.log(at).length
    return { endOffset, highWatermark: endOffset, seenAtMs: performance.now() }
  }

  async close(): Promise<void> {
    this.positions.clear()
    this.onClose()
  }
}
