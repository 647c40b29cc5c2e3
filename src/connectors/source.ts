import type { Headers } from '../record'

/**
 * Records of one partition, in offset order, as ranges of one buffer: no object per record.
 * Control records and aborted transactions are left out, yet `nextOffset` has passed them.
 */
export interface Batch {
  readonly topic: string
  readonly partition: number
  /** Number of data records; 0 when only markers or compacted records were met. */
  readonly count: number
  readonly buffer: Buffer
  /** Per record: offset and Kafka timestamp (ms). */
  readonly offsets: Float64Array
  readonly timestamps: Float64Array
  /** Per record: range of the key and of the value in `buffer`; a start of -1 is null. */
  readonly keyStart: Int32Array
  readonly keyEnd: Int32Array
  readonly valueStart: Int32Array
  readonly valueEnd: Int32Array
  /** Where the next fetch of the partition starts. */
  readonly nextOffset: number
  /** Bytes that the batch keeps alive, for bounded queues. */
  readonly bytes: number
  /** What lies between its records and can't be read, in the order of offsets: passed over, but never silently. */
  readonly damaged?: readonly DamagedRange[]
  /** Decodes the headers of record `index`; undefined when it has none. A repeated name keeps its last value. */
  headers(index: number): Headers | undefined
}

/** Records that are in the log and can't be read: a checksum, a length, a codec, a format, more bytes than are allowed. */
export interface DamagedRange extends TopicPartition {
  readonly firstOffset: number
  readonly lastOffset: number
  /** Index of the batch's record that comes behind it; the batch's `count` where none does. */
  readonly before: number
  /** The latest Kafka timestamp (ms) of the record batch that it is of; -1 where that can't be read either. */
  readonly timestamp: number
  /** What it is that can't be read, such as `a record batch whose checksum does not fit`. */
  readonly reason: string
  /** As it lies in the log, compressed; a single record of a compressed batch as it was decompressed. */
  readonly bytes: Buffer
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The end of a partition as the last successful fetch saw it. */
export interface PartitionEnd {
  /** The last stable offset (read committed): where a reader that has read everything stands. */
  readonly endOffset: number
  /** Past the last record, those of open transactions included. */
  readonly highWatermark: number
  /** Monotonic time (ms, `performance.now()`) of that fetch's answer. */
  readonly seenAtMs: number
}

/**
 * Reads partitions outside of any group protocol: the one road by which records enter (a group's partitions, restore,
 * standbys, global tables, peek). Fetches ahead into queues bounded in bytes.
 */
export interface Reader {
  /** Called when a batch was queued or an end was seen. Set once, by the owner. */
  onReady: (() => void) | undefined
  /** Called on an error that waiting can't cure (offset out of range, authorization): what names the partition. */
  onError: ((error: Error, at: TopicPartition) => void) | undefined
  /**
   * Starts to read `at` from `offset`; what was queued for it is dropped. `topicId`: which topic of that name the offset is of; when it
   * is, or becomes, another one, `onError` has a TopicReplacedError and nothing of the other is read.
   */
  seek(at: TopicPartition, offset: number, topicId?: string): void
  /** Stops reading `at` and drops what was queued. */
  remove(at: TopicPartition): void
  /** The next batch of `at`, if one is queued; taking it makes room. */
  take(at: TopicPartition): Batch | undefined
  /** The next batch of `at` without taking it. */
  peek(at: TopicPartition): Batch | undefined
  /** What the last successful fetch of `at` since `seek` saw as its end; undefined before the first one. */
  end(at: TopicPartition): PartitionEnd | undefined
  close(): Promise<void>
}
