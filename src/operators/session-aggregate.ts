import type { GraphNode, Merger } from '../dsl/graph'
import type { Headers, StreamRecord, Windowed } from '../record'
import type { Cell } from '../state/cell'
import type { SessionEntry, SessionStore } from '../state/session-store'
import type { Stamped } from '../state/store'
import { isNone } from './is-none'
import type { Compile, Emit, OperatorContext } from './operator'
import { type AggregationInput, WindowedAggregation } from './windowed-aggregation'

/** Kafka Streams' least segment of a store. */
const leastSegmentMs = 60_000

/** Closed sessions are kept this much longer than records in order can need them. */
const leastReserveMs = leastSegmentMs

/**
 * Aggregates a stream by key and session. `KStreamSessionWindowAggregate`; no session is lost by retention: it is forgotten
 * once it is closed, emitted, and too old for any live session of its key to reach it.
 */
export const sessionAggregate: Compile<'sessionAggregate'> = (node, context) =>
  new SessionAggregation(node, context).operator()

class SessionAggregation extends WindowedAggregation {
  private readonly gapMs: number
  private readonly retentionMs: number | undefined
  private readonly historyMs: number
  private readonly reserveMs: number
  private readonly merge: Merger | undefined
  private readonly store: SessionStore
  /** The time up to which old sessions have been looked for. */
  private readonly swept: Cell

  constructor(node: GraphNode<'sessionAggregate'>, context: OperatorContext) {
    super(node, context)
    const { windows, merge, retentionMs, historyMs = 0, store } = node.spec
    if (windows.type !== 'session') throw new TypeError(`${node.name}: not session windows`)
    this.gapMs = windows.gapMs
    this.retentionMs = retentionMs
    this.historyMs = historyMs
    this.reserveMs = Math.max(leastReserveMs, 2 * windows.gapMs)
    this.merge = merge
    this.store = context.store<SessionStore>(store)
    this.swept = context.cell(node, 'swept', -1)
  }

  take(input: AggregationInput, record: StreamRecord, emit: Emit): void {
    if (isNone(record.key)) return
    input.time.observe(record.timestamp)
    this.update(input, record, emit)
    this.close(record.headers, emit)
  }

  get({ key, window }: Windowed<unknown>): Stamped<unknown> | undefined {
    const session = this.store.get(key, window.start, window.end)
    return session && { value: this.output.view(session.value), timestamp: session.end }
  }

  private update({ add, time }: AggregationInput, record: StreamRecord, emit: Emit): void {
    const { key, value, timestamp } = record
    const { store, gapMs, retention } = this
    const found = store.find(key, Math.max(timestamp - gapMs, retention.least + 1), timestamp + gapMs)
    let start = timestamp
    let end = timestamp
    for (const session of found) {
      if (session.start < start) start = session.start
      if (session.end > end) end = session.end
    }
    const closeTime = this.closeTimeOf(this.times.of(time))
    if (end < closeTime) {
      this.context.late(this.node, record, 1, closeTime - end)
      return
    }
    const before = this.joined(key, found)
    // What the record extends or joins goes; a session that is its own instant stays in place.
    if (start !== end || start !== timestamp)
      for (const session of found) {
        store.delete(session)
        this.change(key, session.start, session.end, null, session.value, emit)
      }
    const next = this.initial === undefined && isNone(before) ? value : add(before, value, key)
    retention.observe(end)
    if (isNone(next)) store.delete({ key, start, end })
    else store.put(key, start, end, next)
    if (this.retentionMs !== undefined) this.dropSegments(this.retentionMs)
    this.change(key, start, end, next, null, emit)
  }

  /** The aggregate of all the sessions that a record touches; the initial one where there are none. */
  private joined(key: unknown, sessions: readonly SessionEntry[]): unknown {
    const { initial, merge } = this
    let aggregate = initial?.()
    for (const { value } of sessions)
      aggregate =
        merge === undefined || (initial === undefined && isNone(aggregate)) ? value : merge(key, aggregate, value)
    return aggregate
  }

  close(headers: Headers | undefined, emit: Emit): void {
    const { closed } = this
    const closeTime = this.closeTimeOf(this.times.slowest)
    if (this.onClose && closeTime > closed.value) {
      const final = this.store.endingBetween(Math.max(0, closed.value), closeTime - 1)
      this.context.count('windowsClosed', this.node, final.length)
      for (const { key, start, end, value } of final)
        this.context.emitResult(this.node, { key, window: { start, end } }, value, () =>
          this.output.forward(key, { start, end }, value, null, end, headers, emit),
        )
      closed.value = closeTime
    }
    this.sweep(closeTime)
  }

  /** The author's own retention drops whole segments, unemitted sessions included. */
  private dropSegments(retentionMs: number): void {
    const segmentMs = Math.max(Math.floor(retentionMs / 2), leastSegmentMs)
    const live = Math.floor(this.retention.least / segmentMs) * segmentMs
    for (const session of this.store.endingBetween(0, live - 1)) this.store.delete(session)
  }

  /** Forgets closed sessions that no live session of their key can reach. */
  private sweep(closeTime: number): void {
    const { store, swept, gapMs, reserveMs } = this
    if (this.retentionMs !== undefined || closeTime < swept.value + reserveMs) return
    swept.value = closeTime
    for (const session of store.endingBetween(0, closeTime - Math.max(reserveMs + 2 * gapMs, this.historyMs) - 1)) {
      const reach = session.end + 2 * gapMs + reserveMs
      if (store.find(session.key, closeTime, reach).length === 0) store.delete(session)
    }
  }

  /** Forwards an update. Kafka Streams passes headers on with final results of sessions only; so it is here. */
  private change(key: unknown, start: number, end: number, newValue: unknown, oldValue: unknown, emit: Emit): void {
    if (!this.onClose) this.output.forward(key, { start, end }, newValue, oldValue, end, undefined, emit)
  }

  private closeTimeOf(time: number): number {
    return time - this.graceMs - this.gapMs
  }
}
