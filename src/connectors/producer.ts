import type { OutputRecord } from './ledger'

/** Writes batches outside of transactions: the simulator, dead letters, requests and replies. */
export interface Producer {
  /**
   * Writes the records in order. Sends for other partitions that come while one is under way are collected into the next
   * request. Throws ContentError whose `outputs` are the records that the topic doesn't take (all others are written), UnavailableError (what was
   * sent may be in the log or not) or StreamError.
   */
  send(topic: string, partition: number, records: readonly OutputRecord[]): Promise<{ baseOffset: number }>
  /** Waits for what is under way, then disconnects. */
  close(): Promise<void>
}
