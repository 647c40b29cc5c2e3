import type { Batch, PartitionEnd, TopicPartition } from '../../source'

/**
 * What a reader holds of one partition, and what it is doing about it. A seek replaces the whole object, which makes answers
 * under way void.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  private readonly batches: Batch[] = []
  private queuedBytes = 0
  private nextOffset: number
  private lastEnd: PartitionEnd | undefined
  private node: number | undefined
  private state: 'idle' | 'fetching' | 'failed' = 'idle'
  private isHungry = false
  private isMerging = false

  constructor(
    at: TopicPartition,
    offset: number,
    /** Which topic of this name is read; set once it is known. */
    private id: string | undefined,
  ) {
    this.topic = at.topic
    this.partition = at.partition
    this.nextOffset = offset
  }

  get topicId(): string | undefined {
    return this.id
  }

  /** Where the next fetch starts. */
  get offset(): number {
    return this.nextOffset
  }

  /** Of all that is queued. */
  get bytes(): number {
    return this.queuedBytes
  }

  /** The batch that is taken next. */
  get head(): Batch | undefined {
    return this.batches[0]
  }

  /** What the last successful fetch saw as the partition's end. */
  get end(): PartitionEnd | undefined {
    return this.lastEnd
  }

  /** The broker that leads it, undefined while unknown. */
  get leader(): number | undefined {
    return this.node
  }

  /** A fetch of it is under way. */
  get fetching(): boolean {
    return this.state === 'fetching'
  }

  /** Stopped by an error that waiting can't cure; a seek starts anew. */
  get failed(): boolean {
    return this.state === 'failed'
  }

  /** Its first record batch did not fit into the last answer: it goes first in the next one, where it comes whole. */
  get hungry(): boolean {
    return this.isHungry
  }

  /** At its end, it joins the main lane's next long poll instead of keeping a second one going. */
  get merging(): boolean {
    return this.isMerging
  }

  fetchStarted(): void {
    if (this.state === 'idle') this.state = 'fetching'
    this.isMerging = false
  }

  fetchEnded(): void {
    if (this.state === 'fetching') this.state = 'idle'
  }

  fail(): void {
    this.state = 'failed'
  }

  /** The topic's id and the partition's leader, as metadata has them. False when it is another topic than the one that is read. */
  found(topicId: string | undefined, leader: number | undefined): boolean {
    if (topicId === undefined) return true
    this.id ??= topicId
    if (this.id !== topicId) return false
    this.node = leader
    return true
  }

  forgetLeader(): void {
    this.node = undefined
  }

  saw(end: PartitionEnd): void {
    this.lastEnd = end
  }

  mergeWhenIdle(): void {
    this.isMerging = this.head === undefined
  }

  /** Goes on at `offset`: what lies before is gone. */
  skipTo(batch: Batch): void {
    this.batches.push(batch)
    this.nextOffset = batch.nextOffset
  }

  /** Queues a decoded batch; one that brought nothing whole makes the partition hungry, and false comes back. */
  push(batch: Batch): boolean {
    this.isHungry = batch.nextOffset === this.nextOffset
    if (this.isHungry) return false
    this.batches.push(batch)
    this.queuedBytes += batch.bytes
    this.nextOffset = batch.nextOffset
    return true
  }

  shift(): Batch | undefined {
    const batch = this.batches.shift()
    if (batch !== undefined) this.queuedBytes -= batch.bytes
    return batch
  }
}
