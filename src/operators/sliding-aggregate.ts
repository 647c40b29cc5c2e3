import type { GraphNode } from '../dsl/graph'
import type { Headers, StreamRecord, Window, Windowed } from '../record'
import { itemAt } from '../required'
import type { Stamped } from '../state/store'
import type { WindowEntry, WindowStore } from '../state/window-store'
import { isNone } from './is-none'
import type { Compile, Emit, OperatorContext } from './operator'
import { type SlidingUpdates, updateEarly, updateInOrder } from './sliding-update'
import { type AggregationInput, WindowedAggregation } from './windowed-aggregation'

/**
 * Aggregates a stream by key and sliding window. `KStreamSlidingWindowAggregate` (KIP-450); on close no result is lost: a window
 * leaves the store only once no record can be late enough to need it.
 */
export const slidingAggregate: Compile<'slidingAggregate'> = (node, context) =>
  new SlidingAggregation(node, context).operator()

class SlidingAggregation extends WindowedAggregation implements SlidingUpdates {
  readonly timeDifferenceMs: number
  /** ms that closed windows stay in the store. */
  private readonly keepMs: number
  private readonly store: WindowStore
  /** The input of the record in hand, the windows that it missed, and how long ago the first of them closed, ms. */
  private input: AggregationInput
  private missed = 0
  private mostMs = 0

  constructor(node: GraphNode<'slidingAggregate'>, context: OperatorContext) {
    super(node, context)
    const { windows, retentionMs, historyMs = 0, store } = node.spec
    if (windows.type !== 'sliding') throw new TypeError(`${node.name}: not sliding windows`)
    const { timeDifferenceMs, graceMs } = windows
    this.timeDifferenceMs = timeDifferenceMs
    this.keepMs = Math.max(3 * timeDifferenceMs, (retentionMs ?? 0) - graceMs, timeDifferenceMs + historyMs)
    this.store = context.store<WindowStore>(store)
    this.input = itemAt(this.inputs, 0)
  }

  take(input: AggregationInput, record: StreamRecord, emit: Emit): void {
    const { timestamp, headers } = record
    if (isNone(record.key) || isNone(record.value)) return
    input.time.observe(timestamp)
    const lateByMs = this.times.of(input.time) - this.graceMs - timestamp - this.timeDifferenceMs
    if (lateByMs > 0) {
      this.context.late(this.node, record, 1, lateByMs)
      return
    }
    this.input = input
    this.missed = this.mostMs = 0
    const isEarly = timestamp < this.timeDifferenceMs
    if (isEarly) updateEarly(record, this, emit)
    else updateInOrder(record, this, emit)
    if (this.missed > 0) this.context.late(this.node, record, this.missed, this.mostMs)
    if (!isEarly) this.close(headers, emit)
  }

  get({ key, window }: Windowed<unknown>): Stamped<unknown> | undefined {
    const entry = this.store.get(key, window.start)
    return entry && { value: this.output.view(entry.value), timestamp: entry.timestamp }
  }

  fetch(key: unknown, from: number, to: number): WindowEntry[] {
    return this.store.fetch(key, from, to)
  }

  update(record: StreamRecord, start: number, stored: Stamped<unknown> | undefined, emit: Emit): void {
    const { key, value, timestamp, headers } = record
    const { store, initial, input } = this
    const lateByMs = this.times.of(input.time) - this.graceMs - start - this.timeDifferenceMs
    if (lateByMs > 0) {
      this.missed++
      if (lateByMs > this.mostMs) this.mostMs = lateByMs
      return
    }
    const before = stored === undefined ? initial?.() : stored.value
    const next = initial === undefined && isNone(before) ? value : input.add(before, value, key)
    const stamp = stored === undefined ? timestamp : Math.max(stored.timestamp, timestamp)
    this.retention.observe(start)
    if (isNone(next)) store.delete(key, start)
    else store.put(key, start, next, stamp)
    if (!this.onClose) this.output.forward(key, this.windowAt(start), next, before, stamp, headers, emit)
  }

  copy(record: StreamRecord, start: number, { value, timestamp }: Stamped<unknown>, emit: Emit): void {
    const { key, headers } = record
    this.retention.observe(start)
    this.store.put(key, start, value, timestamp)
    if (!this.onClose) this.output.forward(key, this.windowAt(start), value, null, timestamp, headers, emit)
  }

  close(headers: Headers | undefined, emit: Emit): void {
    if (this.onClose) this.emitClosed(headers, emit)
    this.forget()
  }

  private emitClosed(headers: Headers | undefined, emit: Emit): void {
    const { closed, timeDifferenceMs } = this
    const closeTime = this.times.slowest - this.graceMs
    if (closeTime <= closed.value) return
    const from = Math.max(0, closed.value - timeDifferenceMs)
    const found = this.store.fetchAll(from, closeTime - timeDifferenceMs - 1)
    const final = found.filter(({ start }) => start >= this.retention.least)
    this.context.count('windowsClosed', this.node, final.length)
    for (const { key, start, value, timestamp } of final)
      this.context.emitResult(this.node, { key, window: this.windowAt(start) }, value, () =>
        this.output.forward(key, this.windowAt(start), value, null, timestamp, headers, emit),
      )
    closed.value = closeTime
  }

  private forget(): void {
    const { store } = this
    const until = this.times.slowest - this.graceMs - this.keepMs - 1
    const first = store.firstStart()
    if (first === undefined || first > until) return
    for (const { key, start } of store.fetchAll(first, until)) store.delete(key, start)
  }

  private windowAt(start: number): Window {
    return { start, end: start + this.timeDifferenceMs }
  }
}
