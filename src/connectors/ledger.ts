import type { HeaderList } from '../header-lists'
import type { TopicPartition } from './source'

/** A record for a Kafka topic, encoded. `timestamp` in ms. */
export interface OutputRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly headers?: Readonly<Record<string, Buffer>>
  /** Instead of `headers`, where names are repeated or values are null. */
  readonly headerList?: HeaderList
}

/** Records for one partition, in order. */
export interface Output extends TopicPartition {
  readonly records: readonly OutputRecord[]
}

export interface CommittedOffset extends TopicPartition {
  readonly offset: number
  /** At most 4096 bytes by Kafka's default (`offset.metadata.max.bytes`). */
  readonly metadata?: string
}

/** Where the first record of each output partition went; -1 where the broker didn't say. */
export type WrittenOffsets = readonly (TopicPartition & { readonly baseOffset: number })[]

/** Who we are in the consumer group: what the broker checks before it takes our offsets (KIP-447). */
export interface Membership {
  readonly groupId: string
  readonly memberId: string
  readonly generationId: number
  /** Of a static member (KIP-345). */
  readonly instanceId?: string | undefined
}

/** The offset that the group has committed; undefined where it never did. */
export interface StartOffset extends TopicPartition {
  readonly offset: number | undefined
  readonly metadata: string
  /** The topic's id now; undefined where the broker didn't say. */
  readonly topicId?: string | undefined
  /** Set, with no `offset`, where the group stood there in a topic of this name that was deleted since. */
  readonly formerOffset?: number | undefined
}

/**
 * Commits in Kafka: outputs, changelog, offsets and times of all tasks of a worker, all or nothing under exactly once.
 * A ledger that has thrown is spent: open a new one.
 */
export interface Ledger {
  /** What was committed for the partitions when it was opened. */
  readonly starts: readonly StartOffset[]
  /**
   * Throws FencedError (the generation has passed: nothing was committed), InDoubtError (timed out, the truth is in the
   * next open), UnavailableError (nothing was committed). Says where the outputs went.
   */
  commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]): Promise<WrittenOffsets>
  /**
   * Goes on in the group's next generation, with these partitions: some that it had, and others that it takes over as `OpenLedger` does. Gives what is
   * committed for all of them, once nothing of a former generation can be committed any more. Not during a commit. Throws as `OpenLedger`.
   */
  renew(membership: Membership, partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>
  /** Throws FencedError where the membership's generation has passed, UnavailableError where nobody can say. */
  prove(): Promise<void>
  close(): Promise<void>
}

/**
 * Takes partitions over: resolves once nothing of a former owner can be committed for them any more. Throws FencedError when the
 * membership's generation has passed, UnavailableError.
 */
export type OpenLedger = (membership: Membership, partitions: readonly TopicPartition[]) => Promise<Ledger>
