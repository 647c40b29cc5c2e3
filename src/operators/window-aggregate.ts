import type { Adder, GraphNode } from '../dsl/graph'
import type { Headers, StreamRecord, Windowed } from '../record'
import type { Stamped } from '../state/store'
import type { WindowStore } from '../state/window-store'
import { isNone } from './is-none'
import type { Compile, Emit, OperatorContext } from './operator'
import { type AggregationInput, WindowedAggregation } from './windowed-aggregation'

/**
 * Aggregates a stream by key and tumbling or hopping window. `KStreamWindowAggregate`; on window close (KIP-825) no final
 * result is ever lost: a window leaves the store only once it is closed and, on close, emitted.
 */
export const windowAggregate: Compile<'windowAggregate'> = (node, context) =>
  new TimeWindowAggregation(node, context).operator()

class TimeWindowAggregation extends WindowedAggregation {
  private readonly sizeMs: number
  private readonly advanceMs: number
  /** ms that closed windows stay in the store. */
  private readonly keepMs: number
  private readonly store: WindowStore
  /** The window of the last result: windows of the same start share one object. */
  private window = { start: Number.NaN, end: Number.NaN }

  constructor(node: GraphNode<'windowAggregate'>, context: OperatorContext) {
    super(node, context)
    const { windows, retentionMs, historyMs = 0, store } = node.spec
    if (windows.type !== 'time') throw new TypeError(`${node.name}: not time windows`)
    this.sizeMs = windows.sizeMs
    this.advanceMs = windows.advanceMs
    this.keepMs = Math.max(historyMs, (retentionMs ?? 0) - windows.sizeMs - windows.graceMs)
    this.store = context.store<WindowStore>(store)
  }

  take({ add, time }: AggregationInput, record: StreamRecord, emit: Emit): void {
    const { timestamp, headers } = record
    const { sizeMs, advanceMs } = this
    if (isNone(record.key)) return
    time.observe(timestamp)
    const closeTime = this.times.of(time) - this.graceMs
    let start = Math.max(0, (Math.floor((timestamp - sizeMs) / advanceMs) + 1) * advanceMs)
    let missed = 0
    // The first of its windows closed the longest ago.
    const lateByMs = closeTime - start - sizeMs
    for (; start <= timestamp; start += advanceMs)
      if (start + sizeMs > closeTime) this.update(add, record, start, emit)
      else missed++
    if (missed > 0) this.context.late(this.node, record, missed, lateByMs)
    this.close(headers, emit)
  }

  override next(): number | undefined {
    const open = this.store.firstStart(this.closed.value - this.sizeMs + 1)
    return open === undefined ? undefined : open + this.sizeMs + this.graceMs
  }

  get({ key, window }: Windowed<unknown>): Stamped<unknown> | undefined {
    const entry = this.store.get(key, window.start)
    return entry && { value: this.output.view(entry.value), timestamp: entry.timestamp }
  }

  private update(add: Adder, { key, value, timestamp, headers }: StreamRecord, start: number, emit: Emit): void {
    const { store, initial } = this
    const old = store.get(key, start)
    const before = old === undefined ? initial?.() : old.value
    const next = old === undefined && initial === undefined ? value : add(before, value, key)
    const stamp = old === undefined ? timestamp : Math.max(old.timestamp, timestamp)
    this.retention.observe(start)
    if (isNone(next)) store.delete(key, start)
    else store.put(key, start, next, stamp)
    if (!this.onClose) this.forward(key, start, next, before, stamp, headers, emit)
  }

  /** In order of start, then key. */
  close(headers: Headers | undefined, emit: Emit): void {
    const { store, closed, sizeMs } = this
    const closeTime = this.times.slowest - this.graceMs
    if (closeTime <= closed.value) return
    const from = closed.value - sizeMs + 1
    const until = closeTime - sizeMs
    closed.value = closeTime
    // Closed windows may stay: what is due is looked for beyond them.
    if (this.onClose && isUpTo(until, store.firstStart(from))) {
      const final = store.fetchAll(from, until).filter(({ start }) => start >= this.retention.least)
      this.context.count('windowsClosed', this.node, final.length)
      for (const { key, start, value, timestamp } of final)
        this.context.emitResult(this.node, { key, window: { start, end: start + sizeMs } }, value, () =>
          this.forward(key, start, value, null, timestamp, headers, emit),
        )
    }
    const first = store.firstStart()
    if (isUpTo(until - this.keepMs, first))
      for (const { key, start } of store.fetchAll(first, until - this.keepMs)) store.delete(key, start)
  }

  private forward(
    key: unknown,
    start: number,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    headers: Headers | undefined,
    emit: Emit,
  ): void {
    if (start !== this.window.start) this.window = { start, end: start + this.sizeMs }
    this.output.forward(key, this.window, newValue, oldValue, timestamp, headers, emit)
  }
}

const isUpTo = (until: number, start: number | undefined): start is number => start !== undefined && start <= until
