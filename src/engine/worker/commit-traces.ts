import type { Output } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import type { Task } from '../task/task'

/** Told of what a worker reads and commits, to trace it: once a batch and once a commit, never for a record. */
export interface CommitTraces {
  /** Of the last commit that was begun; undefined where it isn't sampled. */
  readonly lastTraceId: string | undefined
  /** Tasks begin, or begin again, at what is committed: what was fed before counts no more. */
  opened(): void
  /** A task has been given a batch. */
  fed(batch: Batch): void
  /** A checkpoint of these tasks is about to be taken and made durable. */
  begin(tasks: readonly Task[]): CommitTrace
}

/** One commit, from its checkpoint until it is durable or has failed. */
export interface CommitTrace {
  /** Waits for the whole commit, which ends the trace. */
  whole<T>(commit: Promise<T>): Promise<T>
  /** Waits for a part of it: `what` is a kind of end, or `kafka`. */
  part<T>(what: string, answer: Promise<T>): Promise<T>
  /** The outputs as they are written: they say which commit they are of, where it is sampled. */
  marked(outputs: readonly Output[]): readonly Output[]
}
