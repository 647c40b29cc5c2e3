import type { Position } from '../../errors'
import type { Log } from '../../log'
import { type Clock, systemClock } from '../task/clock'
import type { Dropped } from '../task/verdicts'
import { EndWork } from './end-work'
import { Recent } from './recent'
import type { Restoring } from './restore-progress'

/** Records and results that failed in one step. */
export interface Faults {
  readonly count: number
  readonly last: { readonly atMs: number; readonly at: Position; readonly error: unknown }
}

/** What one worker has done since it started: counted once a slice, chunk or commit, never once a record; read by metrics and vitals. */
export class Tally {
  /** Records processed, by task; records that a rollback repeats count again. */
  readonly processed = new Map<string, number>()
  /** Bad records, by source topic. */
  readonly badRecords = new Map<string, number>()
  /** What failed, by step. */
  readonly faults = new Map<string, Faults>()
  /** Dead letters that were refused themselves and left out, by their topic. */
  readonly droppedLetters = new Map<string, number>()
  /** Records and bytes handed to the ends outside Kafka, by target. */
  readonly sinkRecords = new Map<string, number>()
  readonly sinkBytes = new Map<string, number>()
  /** Ends outside Kafka, by kind. */
  readonly ends = new Map<string, EndWork>()
  /** Final results of windows, and records that came too late for theirs, by step. */
  readonly windowsClosed = new Map<string, number>()
  readonly late = new Map<string, number>()
  /** Generations of the group that this worker took part in. */
  generations = 0
  /** Commits given up, whose records are processed again. */
  rollbacks = 0
  /** Changelog records read to restore state. */
  restored = 0
  /** Set while a restore takes longer than 2 s. */
  restoring: Restoring | undefined
  commits = 0
  /** How long the last commits took. */
  readonly commitMs: Recent
  /** Unix time of the last commit, ms; undefined before the first. */
  lastCommitAtMs: number | undefined
  /** When each of the commits under way began, the oldest first. */
  private readonly committingSince = new Set<{ readonly sinceMs: number }>()
  /** Called after every commit that wrote something, with how long it took, ms, its last record and its trace, where it has them. */
  onCommit: ((ms: number, last: Position | undefined, traceId: string | undefined) => void) | undefined

  constructor(readonly clock: Clock = systemClock) {
    this.commitMs = new Recent(clock)
  }

  /** Monotonic time (ms) since which a commit is under way; undefined while none is. */
  get committingSinceMs(): number | undefined {
    for (const { sinceMs } of this.committingSince) return sinceMs
    return undefined
  }

  async committing<T>(commit: () => Promise<T>): Promise<T> {
    const begun = { sinceMs: this.clock.monotonic() }
    this.committingSince.add(begun)
    try {
      return await commit()
    } finally {
      this.committingSince.delete(begun)
    }
  }

  committed(ms: number, last?: Position, traceId?: string): void {
    this.commits++
    this.commitMs.add(ms)
    this.lastCommitAtMs = this.clock.now()
    this.onCommit?.(ms, last, traceId)
  }

  failed(step: string, at: Position, error: unknown): void {
    add(this.badRecords, at.topic, 1)
    const count = (this.faults.get(step)?.count ?? 0) + 1
    this.faults.set(step, { count, last: { atMs: this.clock.now(), at, error } })
  }

  end(kind: string): EndWork {
    let work = this.ends.get(kind)
    if (work === undefined) this.ends.set(kind, (work = new EndWork(this.clock)))
    return work
  }
}

export function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}

/** Logs what was left out for good: no dead letter says so. */
export function noteDropped(dropped: readonly Dropped[], { droppedLetters }: Tally, log: Pick<Log, 'error'>): void {
  for (const { topic, line } of dropped) {
    if (topic !== undefined) add(droppedLetters, topic, 1)
    log.error(line)
  }
}
