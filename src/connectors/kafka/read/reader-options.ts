import type { Log } from '../../../log'
import type { Outages } from '../../../outages'
import type { Cluster } from '../wire/cluster'

export interface ReaderOptions {
  readonly cluster: Cluster
  /** Leave out aborted transactions and stop before open ones (true). */
  readonly readCommitted?: boolean
  /** How long a broker waits for the first byte at the end of all partitions (50 ms). */
  readonly maxWaitMs?: number
  /**
   * After an answer with little in it, the least time between two fetches from a broker (5 ms, and up to
   * 40 ms where more than 32 partitions are fetched at once).
   */
  readonly lingerMs?: number
  /** Of one answer (256 KiB): about the size of a batch. */
  readonly maxBytesPerPartition?: number
  /** Of one answer over all its partitions (8 MiB). */
  readonly maxBytesPerFetch?: number
  /** A partition with as many bytes queued, decompressed, is not fetched (512 KiB): it holds at most that and one batch. */
  readonly maxQueuedBytesPerPartition?: number
  /** Nothing is fetched while as many bytes, decompressed, are queued over all partitions (64 MiB). */
  readonly maxQueuedBytes?: number
  /**
   * A record batch that decompresses to more is damaged (64 MiB): sixty times what a topic takes by Kafka's default, compressed.
   */
  readonly maxBatchBytes?: number
  /** Once so much of a partition's answer is decompressed, the rest is fetched again later (4 MiB). */
  readonly maxDecodedBytes?: number
  /** Check the checksum of each record batch (true; about 0.02 µs a record of 60 bytes). */
  readonly checkCrc?: boolean
  /** Whether what can't be read, or is no longer in the log, stops the partition (`fail`) or is passed over as `damaged` (`pass`). */
  readonly damage?: 'pass' | 'fail'
  readonly log?: Log
  /** Who says that a broker is lost and back. */
  readonly outages?: Outages
}

export const READER_DEFAULTS = {
  damage: 'fail' as 'pass' | 'fail',
  readCommitted: true,
  maxWaitMs: 50,
  lingerMs: 5,
  maxBytesPerPartition: 256 * 1024,
  maxBytesPerFetch: 8 * 1024 * 1024,
  maxQueuedBytesPerPartition: 512 * 1024,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxBatchBytes: 64 * 1024 * 1024,
  maxDecodedBytes: 4 * 1024 * 1024,
  checkCrc: true,
}
