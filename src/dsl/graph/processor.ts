import type { Headers, StreamRecord } from '../../record'
import type { StoreSpec } from './store-spec'

/** When a punctuator is called: as stream time advances, or by the clock on the wall (KIP-138). */
export type PunctuationType = 'streamTime' | 'wallClock'

export interface Cancellable {
  cancel(): void
}

/** Where the record in hand came from. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly headers?: Headers | undefined
}

/** What a processor may do. Forwarding is synchronous: when `forward` returns, everything downstream has seen the record. */
export interface ProcessorContext<KOut = any, VOut = any> {
  /** Task id, `0_3`. */
  readonly taskId: string
  readonly partition: number
  /** Absent inside a wall-clock punctuation. */
  readonly metadata: RecordMetadata | undefined
  forward(record: StreamRecord<KOut, VOut>): void
  /** The store of that name; it has to be among the step's `stores`. */
  store<S = any>(name: string): S
  /** Largest timestamp that the task has processed, ms; -1 before the first record. */
  currentStreamTimeMs(): number
  /** The wall clock, ms since 1970. */
  currentSystemTimeMs(): number
  /** Calls `punctuate(timestampMs)` every `intervalMs`; stream time is first due at 0, the wall clock after one interval. */
  schedule(intervalMs: number, type: PunctuationType, punctuate: (timestampMs: number) => void): Cancellable
}

/** A step with state of its own. Its memory has to be in its stores: fields are lost when the task moves. */
export interface Processor<KIn = any, VIn = any, KOut = any, VOut = any> {
  init?(context: ProcessorContext<KOut, VOut>): void
  process(record: StreamRecord<KIn, VIn>): void
  close?(): void
}

export interface ProcessorSpec {
  readonly supplier: () => Processor
  /** Stores that the step owns, added to the topology with it. */
  readonly stores: readonly StoreSpec[]
  /** processValues: the key of what is forwarded has to be the record's own. */
  readonly fixedKey: boolean
}
