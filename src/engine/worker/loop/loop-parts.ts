import type { WorkerParts } from '../open-tasks'
import type { Quarantine } from '../quarantine'

export interface LoopOptions {
  readonly commitIntervalMs: number
  /** How long a task waits for an empty input, so that records of several inputs are processed in the order of time, ms. */
  readonly maxTaskIdleMs: number
}

export type LoopParts = WorkerParts & LoopOptions & { readonly quarantine: Quarantine }
