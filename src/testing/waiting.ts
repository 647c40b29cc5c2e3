import { PriorityQueue } from '../engine/task/priority-queue'
import { entryOf, itemAt } from '../required'

/** Records that wait to be processed, by partition, and which of them is next. */
export interface Waiting {
  add(partition: string, record: WaitingRecord): void
  next(): WaitingRecord | undefined
  clear(): void
}

export interface WaitingRecord {
  /** Its place in the log. */
  readonly index: number
  readonly timestamp: number
}

/** As if every partition's reader had a pace of its own. */
export class ByPace implements Waiting {
  private readonly queues = new Map<string, WaitingRecord[]>()

  /** `order` says which of the partitions with records waiting is next. */
  constructor(private readonly order: (waiting: readonly string[]) => number) {}

  add(partition: string, record: WaitingRecord): void {
    const queue = this.queues.get(partition)
    if (queue === undefined) this.queues.set(partition, [record])
    else queue.push(record)
  }

  next(): WaitingRecord | undefined {
    const names = [...this.queues.keys()]
    if (names.length === 0) return undefined
    const partition = itemAt(names, this.order(names))
    const queue = entryOf(this.queues, partition)
    const record = queue.shift()
    if (queue.length === 0) this.queues.delete(partition)
    return record
  }

  clear(): void {
    this.queues.clear()
  }
}

/** As a task of Kafka Streams chooses (PartitionGroup): the partition whose first record is the oldest. */
export class OldestFirst implements Waiting {
  private readonly queues = new Map<string, WaitingRecord[]>()
  /** The partitions with records waiting. */
  private readonly ready = new PriorityQueue<WaitingRecord[]>(queue => itemAt(queue, 0).timestamp)

  add(partition: string, record: WaitingRecord): void {
    let queue = this.queues.get(partition)
    if (queue === undefined) this.queues.set(partition, (queue = []))
    queue.push(record)
    if (queue.length === 1) this.ready.offer(queue)
  }

  next(): WaitingRecord | undefined {
    const queue = this.ready.poll()
    const record = queue?.shift()
    if (queue !== undefined && queue.length > 0) this.ready.offer(queue)
    return record
  }

  clear(): void {
    this.queues.clear()
    this.ready.clear()
  }
}
