import type { GraphNode, Joiner } from '../dsl/graph'
import type { Headers } from '../record'
import type { Cell } from '../state/cell'
import type { PendingEntry, PendingStore } from '../state/pending-store'
import type { Emit, OperatorContext } from './operator'
import type { OperatorTime } from './operator-time'
import { withHeaders } from './windowed-output'

/** Stands for "no record waits" in the lower bound of their timestamps: a cell can't hold infinity. */
const never = Number.MAX_SAFE_INTEGER

interface Windows {
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
}

/** The records of a left or outer stream-stream join that have found no partner yet: they wait until their window has closed. */
export class UnmatchedRecords {
  /** Lower bound of their timestamps. */
  private readonly bound: Cell

  constructor(
    private readonly node: GraphNode,
    private readonly context: OperatorContext,
    private readonly store: PendingStore,
    private readonly time: OperatorTime,
    private readonly windows: Windows,
    private readonly joiner: Joiner,
  ) {
    this.bound = context.cell(node, 'pending', never)
  }

  add(left: boolean, key: unknown, timestamp: number, value: unknown): void {
    if (timestamp < this.bound.value) this.bound.value = timestamp
    this.store.add(left, key, timestamp, value)
  }

  /** The records of that side, key and timestamp have found a partner. */
  found(left: boolean, key: unknown, timestamp: number): void {
    this.store.deleteAt(left, key, timestamp)
  }

  /**
   * Emits the records whose window has closed, with the headers of the record in hand, as Kafka Streams does. The scan stops where both
   * sides' records are open.
   */
  emitClosed(aheadMs: number, headers: Headers | undefined, emit: Emit): void {
    if (this.bound.value + aheadMs + this.windows.graceMs >= this.time.value) return
    for (const entry of this.closed()) {
      const { key, timestamp, value, left } = entry
      this.store.delete(entry)
      this.context.emitResult(this.node, key, value, () => {
        const joined = left ? this.joiner(value, null, key) : this.joiner(null, value, key)
        emit(withHeaders(key, joined, timestamp, headers))
      })
    }
  }

  /** The time at which the first of them is due; undefined: none waits. */
  next(): number | undefined {
    const [first] = this.store
    return first && this.lastOpen(first) + 1
  }

  private closed(): PendingEntry[] {
    let least = never
    let leftOpen = false
    let rightOpen = false
    const closed: PendingEntry[] = []
    for (const entry of this.store) {
      least = entry.timestamp
      if (leftOpen && rightOpen) break
      if (this.lastOpen(entry) < this.time.value) closed.push(entry)
      else if (entry.left) leftOpen = true
      else rightOpen = true
    }
    this.bound.value = least
    return closed
  }

  /** The last time at which a partner may still come. */
  private lastOpen({ timestamp, left }: PendingEntry): number {
    const { beforeMs, afterMs, graceMs } = this.windows
    return timestamp + (left ? afterMs : beforeMs) + graceMs
  }
}
