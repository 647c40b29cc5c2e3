import type { StreamRecord } from '../record'
import type { JoinWindowStore } from '../state/join-window-store'
import type { PendingEntry, PendingStore } from '../state/pending-store'
import { type Compile, type Emit, step } from './operator'
import { OperatorTime } from './operator-time'

/** Stands for "no pending record" in the lower bound of their timestamps: a cell can't hold infinity. */
const never = Number.MAX_SAFE_INTEGER

/**
 * Joins two streams by key and nearness in time, duplicates kept. `KStreamKStreamJoin` with KAFKA-10847 (unmatched records
 * come when their window has closed) and KIP-962 (outer sides keep null keys).
 */
export const streamJoin: Compile<'streamJoin'> = (node, context) => {
  const { type, windows, joiner, left, right, pending: pendingName } = node.spec
  const { beforeMs, afterMs, graceMs } = windows
  const retentionMs = beforeMs + afterMs + graceMs
  const pending = pendingName === undefined ? undefined : context.store<PendingStore>(pendingName)
  const time = new OperatorTime(node, context)
  /** Lower bound of the pending records' timestamps. */
  const bound = context.cell(node, 'pending', never)
  const stores = [context.store<JoinWindowStore>(left), context.store<JoinWindowStore>(right)] as const
  /** Largest timestamp that each side's store has been given. */
  const stored = [context.cell(node, 'left', -1), context.cell(node, 'right', -1)] as const

  /** A side's records at or before this can't be found any more. */
  const expired = (side: 0 | 1) => Math.min(stored[side].value, time.value) - retentionMs

  const isOpen = (entry: PendingEntry) => entry.timestamp + (entry.left ? afterMs : beforeMs) + graceMs >= time.value

  /** Emits the pending records whose window has closed. The scan stops where both sides' records are open. */
  const emitUnmatched = (aheadMs: number, emit: Emit) => {
    if (pending === undefined || bound.value + aheadMs + graceMs >= time.value) return
    let least = never
    let leftOpen = false
    let rightOpen = false
    const closed: PendingEntry[] = []
    for (const entry of pending) {
      least = entry.timestamp
      if (leftOpen && rightOpen) break
      if (!isOpen(entry)) closed.push(entry)
      else if (entry.left) leftOpen = true
      else rightOpen = true
    }
    bound.value = least
    for (const entry of closed) {
      const { key, timestamp, value } = entry
      pending.delete(entry)
      context.emitResult(node, key, value, () =>
        emit({ key, value: entry.left ? joiner(value, null, key) : joiner(null, value, key), timestamp }),
      )
    }
  }

  const input = (own: 0 | 1, bind?: (emit: Emit) => void) => {
    const isLeft = own === 0
    const other = isLeft ? 1 : 0
    const outer = type === 'outer' || (type === 'left' && isLeft)
    const backMs = isLeft ? beforeMs : afterMs
    const aheadMs = isLeft ? afterMs : beforeMs
    const join = isLeft
      ? (mine: unknown, theirs: unknown, key: unknown) => joiner(mine, theirs, key)
      : (mine: unknown, theirs: unknown, key: unknown) => joiner(theirs, mine, key)

    const keep = (record: StreamRecord) => {
      const { key, value, timestamp } = record
      if (timestamp > stored[own].value) {
        stored[own].value = timestamp
        stores[own].expire(expired(own))
      }
      const lateByMs = expired(own) + 1 - timestamp
      if (lateByMs > 0) context.late(node, record, 1, lateByMs)
      else stores[own].put(key, timestamp, value)
    }

    return step(
      node,
      context,
      (record, emit) => {
        const { key, value, timestamp } = record
        time.observe(timestamp)
        if (value === null || value === undefined) return
        if (key === null || key === undefined) {
          if (outer) emit({ ...record, value: join(value, null, key) })
          return
        }
        if (timestamp >= time.value) emitUnmatched(aheadMs, emit)
        const from = Math.max(0, timestamp - backMs, expired(other) + 1)
        const to = Math.max(0, timestamp + aheadMs)
        const matches = stores[other].fetch(key, from, to)
        for (const match of matches) {
          pending?.deleteAt(!isLeft, key, match.timestamp)
          emit({ ...record, value: join(value, match.value, key), timestamp: Math.max(timestamp, match.timestamp) })
        }
        if (matches.length === 0 && outer) {
          if (to < time.value) emit({ ...record, value: join(value, null, key) })
          else {
            if (timestamp < bound.value) bound.value = timestamp
            pending!.add(isLeft, key, timestamp, value)
          }
        }
        keep(record)
      },
      bind,
    )
  }

  let out: Emit = () => {}
  const advance = (timeMs: number) => {
    if (time.advance(timeMs)) emitUnmatched(Math.min(beforeMs, afterMs), out)
  }
  context.onAdvance(advance, () => {
    const [first] = pending ?? []
    return first && first.timestamp + (first.left ? afterMs : beforeMs) + graceMs + 1
  })
  const inputs = [
    input(0, emit => {
      out = emit
    }),
    input(1),
  ]
  return { inputs }
}
