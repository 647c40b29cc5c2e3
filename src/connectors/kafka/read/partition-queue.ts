import type { Batch, PartitionEnd, TopicPartition } from '../../source'

/** What a reader holds of one partition. A seek replaces the whole object, which makes answers under way void. */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly batches: Batch[] = []
  bytes = 0
  end: PartitionEnd | undefined
  /** The broker that leads it, -1 while unknown. */
  leader = -1
  fetching = false
  /** Stopped by an error that waiting can't cure; a seek starts anew. */
  failed = false
  /** Its first record batch did not fit into the last answer: it goes first in the next one, where it comes whole. */
  hungry = false
  /** At its end, it joins the main lane's next long poll instead of keeping a second one going. */
  merging = false

  constructor(
    at: TopicPartition,
    /** Where the next fetch starts. */
    public offset: number,
  ) {
    this.topic = at.topic
    this.partition = at.partition
  }

  push(batch: Batch): void {
    this.batches.push(batch)
    this.bytes += batch.bytes
    this.offset = batch.nextOffset
  }

  shift(): Batch | undefined {
    const batch = this.batches.shift()
    if (batch !== undefined) this.bytes -= batch.bytes
    return batch
  }
}
