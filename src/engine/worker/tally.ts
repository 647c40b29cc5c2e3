/** What one worker has done since it started: added up where that is cheap (a slice, a chunk, a commit), read by the metrics. */
export class Tally {
  /** Records processed, by task; records that a rollback repeats count again. */
  readonly processed = new Map<string, number>()
  /** Bad records, by source topic. */
  readonly badRecords = new Map<string, number>()
  /** Dead letters that were refused themselves and left out, by their topic. */
  readonly droppedLetters = new Map<string, number>()
  /** Records and bytes handed to the ends outside Kafka, by target. */
  readonly sinkRecords = new Map<string, number>()
  readonly sinkBytes = new Map<string, number>()
  /** Final results of windows, and records that came too late for theirs, by step. */
  readonly windowsClosed = new Map<string, number>()
  readonly late = new Map<string, number>()
  /** Generations of the group that this worker took part in. */
  generations = 0
  /** Commits given up, whose records are processed again. */
  rollbacks = 0
  /** Changelog records read to restore state. */
  restored = 0
  commits = 0
  /** Told of every commit that took something: how long it lasted, ms. */
  onCommit: ((ms: number) => void) | undefined

  committed(ms: number): void {
    this.commits++
    this.onCommit?.(ms)
  }
}

export function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
