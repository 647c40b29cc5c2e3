import type { GraphNode, Joiner } from '../dsl/graph'
import type { StreamRecord } from '../record'
import type { Cell } from '../state/cell'
import type { JoinWindowStore } from '../state/join-window-store'
import type { PendingStore } from '../state/pending-store'
import { isNone } from './is-none'
import { type Compile, type Emit, type OperatorContext, step } from './operator'
import { OperatorTime } from './operator-time'
import { UnmatchedRecords } from './unmatched-records'
import { withHeaders } from './windowed-output'

/**
 * Joins two streams by key and nearness in time, duplicates kept. `KStreamKStreamJoin` with KAFKA-10847 (unmatched records
 * come when their window has closed) and KIP-962 (outer sides keep null keys).
 */
export const streamJoin: Compile<'streamJoin'> = (node, context) => {
  const { pending, windows, joiner } = node.spec
  const time = new OperatorTime(node, context)
  const unmatched =
    pending === undefined
      ? undefined
      : new UnmatchedRecords(node, context, context.store<PendingStore>(pending), time, windows, joiner)
  const left = new Side(node, context, 'left', time, unmatched)
  const right = new Side(node, context, 'right', time, unmatched)
  left.other = right
  right.other = left

  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  const advance = (timeMs: number) => {
    if (time.advance(timeMs)) unmatched?.emitClosed(Math.min(windows.beforeMs, windows.afterMs), undefined, out)
  }
  context.onAdvance(advance, () => unmatched?.next())
  return {
    inputs: [
      step(node, context, (record, emit) => left.take(record, emit), bind),
      step(node, context, (record, emit) => right.take(record, emit)),
    ],
  }
}

/** One of the two streams: keeps its records for the other's to find, and looks for partners among the other's. */
class Side {
  /** The other stream; set before the first record. */
  other: Side = this
  private readonly isLeft: boolean
  /** Whether a record without partner has a result. */
  private readonly isOuter: boolean
  private readonly backMs: number
  private readonly aheadMs: number
  private readonly retentionMs: number
  private readonly joiner: Joiner
  private readonly store: JoinWindowStore
  /** The largest timestamp that came to the store. */
  private readonly newest: Cell

  constructor(
    private readonly node: GraphNode<'streamJoin'>,
    private readonly context: OperatorContext,
    side: 'left' | 'right',
    private readonly time: OperatorTime,
    private readonly unmatched: UnmatchedRecords | undefined,
  ) {
    const { type, windows, joiner } = node.spec
    const { beforeMs, afterMs, graceMs } = windows
    this.isLeft = side === 'left'
    this.isOuter = type === 'outer' || (type === 'left' && this.isLeft)
    this.backMs = this.isLeft ? beforeMs : afterMs
    this.aheadMs = this.isLeft ? afterMs : beforeMs
    this.retentionMs = beforeMs + afterMs + graceMs
    this.joiner = joiner
    this.store = context.store<JoinWindowStore>(node.spec[side])
    this.newest = context.cell(node, side, -1)
  }

  take(record: StreamRecord, emit: Emit): void {
    const { key, value, timestamp, headers } = record
    const { time, unmatched, other, isOuter } = this
    time.observe(timestamp)
    if (isNone(value)) return
    if (isNone(key)) {
      if (isOuter) this.emitJoined(record, null, timestamp, emit)
      return
    }
    if (timestamp >= time.value) unmatched?.emitClosed(this.aheadMs, headers, emit)
    const to = Math.max(0, timestamp + this.aheadMs)
    const matches = other.store.fetch(key, Math.max(0, timestamp - this.backMs, other.expired + 1), to)
    for (const match of matches) {
      unmatched?.found(!this.isLeft, key, match.timestamp)
      this.emitJoined(record, match.value, Math.max(timestamp, match.timestamp), emit)
    }
    if (matches.length === 0 && isOuter) {
      if (to < time.value) this.emitJoined(record, null, timestamp, emit)
      else unmatched?.add(this.isLeft, key, timestamp, value)
    }
    this.keep(record)
  }

  /** The stream's records at or before this can't be found any more. */
  private get expired(): number {
    return Math.min(this.newest.value, this.time.value) - this.retentionMs
  }

  private emitJoined({ key, value, headers }: StreamRecord, partner: unknown, timestamp: number, emit: Emit): void {
    const joined = this.isLeft ? this.joiner(value, partner, key) : this.joiner(partner, value, key)
    emit(withHeaders(key, joined, timestamp, headers))
  }

  private keep(record: StreamRecord): void {
    const { key, value, timestamp } = record
    if (timestamp > this.newest.value) {
      this.newest.value = timestamp
      this.store.expire(this.expired)
    }
    const lateByMs = this.expired + 1 - timestamp
    if (lateByMs > 0) this.context.late(this.node, record, 1, lateByMs)
    else this.store.put(key, timestamp, value)
  }
}
