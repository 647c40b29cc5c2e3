import type { EndDescription, SampledRecord, Tally, TopologyVitals } from './format'

/** All applications of a cluster as their vitals describe them, kept up to date by the reader. Plain data. */
export interface Model {
  readonly atMs: number
  readonly applications: readonly Application[]
}

export interface Application {
  readonly name: string
  /** Absent where the topology's record hasn't been read (or is gone). */
  readonly topology?: TopologyVitals
  /** Those that run, and the last report of each that ended within ten minutes before the newest report; newest first. */
  readonly workers: readonly WorkerView[]
  /** Every task once, as the worker reports it that has it or had it last. */
  readonly tasks: readonly TaskView[]
  readonly nodes: readonly NodeView[]
  readonly ends: readonly EndView[]
  readonly lag: LagView
  /** Records read from source topics a second. */
  readonly rate: number
}

/** A worker writes a tally a second; one that hasn't for this long counts as lost, ms. */
export const silentAfterMs = 2_500

export interface WorkerView {
  readonly tally: Tally
  /** How old its last report is. It doesn't grow while Kafka can't be read. */
  readonly ageMs: number
  /** `left`: its last report said that it stops or gives up. `lost`: reports ended without that. */
  readonly presence: 'here' | 'left' | 'lost'
}

export interface TaskView {
  readonly id: string
  readonly part: number
  readonly partition: number
  readonly worker: string
  /** As its worker reports it; `unowned` where that worker is gone and no other has it yet. */
  readonly status: 'running' | 'searching' | 'holding' | 'unowned'
  readonly streamTimeMs: number
  readonly rate: number
  readonly queuedBytes: number
  readonly lag: LagView
  readonly stores: readonly { readonly name: string; readonly entries: number; readonly bytes?: number }[]
}

export interface NodeView {
  readonly name: string
  readonly part: number
  readonly rate: number
  readonly passed: number
  readonly errors: number
  readonly late: number
  readonly windowsClosed: number
  readonly lastError?: Tally['nodes'][number]['lastError']
  /** Entries and bytes of the step's stores, over all tasks. */
  readonly entries: number
  readonly bytes?: number
  /** The least stream time of its part's tasks: everything before has been seen. -1 before the first record. */
  readonly watermarkMs: number
  /** Sampled in the last second: what went out of it, and what went into it. */
  readonly recordsOut: readonly SampledRecord[]
  readonly recordsIn: readonly SampledRecord[]
}

export interface EndView extends EndDescription {
  readonly rate: number
  readonly records: number
  readonly queuedBytes: number
  /** Of the slowest worker. */
  readonly commitMs?: { readonly p50: number; readonly p99: number }
  readonly ageMs?: { readonly p50: number; readonly p99: number }
  /** What its tasks have still to process before it is up to date. */
  readonly lag: LagView
  readonly heldSinceMs?: number
  readonly reason?: string
}

/** How far behind something is, and where that leads. */
export interface LagView {
  /** Summed over partitions; absent until it is known. */
  readonly records?: number
  /** Of the partition that is furthest behind; absent until it is known. */
  readonly ms?: number
  readonly trend: 'none' | 'growing' | 'steady' | 'shrinking' | 'unknown'
  /** When it is caught up at this pace; only where it shrinks. */
  readonly caughtUpInMs?: number
}
