import type { Position } from '../../errors'
import type { StreamRecord } from '../../record'

export interface MemoryRow {
  readonly target: string
  readonly record: StreamRecord
  readonly origin: Position
}

interface StoredPosition {
  readonly topicId: string
  readonly next: number
  readonly epoch: number
}

/** The place that memory sinks of several workers write to, as a database would be: rows, positions and epochs. */
export class MemoryEnd {
  readonly rows: MemoryRow[] = []
  readonly positions = new Map<string, StoredPosition>()
  /** While true nothing can be opened, written or committed. */
  down = false
  /** Lets the next commit fail, before or after it was stored (its answer is lost). */
  failNextCommit: 'before' | 'after' | undefined

  /** The rows of one target, in the order of their commits. */
  rowsOf(target: string): MemoryRow[] {
    return this.rows.filter(row => row.target === target)
  }
}
