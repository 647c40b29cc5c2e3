import type { Position } from '../../errors'
import type { StreamRecord } from '../../record'

export interface MemoryRow {
  readonly target: string
  readonly record: StreamRecord
  readonly origin: Position
}

/** What the end says of a row that it doesn't take. */
export interface MemoryRefusal {
  readonly reason: string
  /** When it finds out. */
  readonly at: 'write' | 'commit'
  /** Whether it says which record it is about. */
  readonly saysWhich: boolean
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
  /** What a commit waits for before it stores anything, as a database works on it while the next rows are gathered. */
  commitTakes: () => Promise<unknown> = () => new Promise(setImmediate)
  /** Says what is wrong with a row, as a constraint of a table would. */
  refuses: (row: MemoryRow) => MemoryRefusal | undefined = () => undefined

  /** The rows of one target, in the order of their commits. */
  rowsOf(target: string): MemoryRow[] {
    return this.rows.filter(row => row.target === target)
  }
}
