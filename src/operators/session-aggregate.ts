import type { StreamRecord, Windowed } from '../record'
import type { SessionEntry, SessionStore } from '../state/session-store'
import { InputTimes } from './input-times'
import { type Compile, type Emit, step } from './operator'
import { Retention } from './retention'
import { viewOf, windowedOutput } from './windowed-output'

/** Kafka Streams' least segment of a store. */
const leastSegmentMs = 60_000

/** Closed sessions are kept this much longer than records in order can need them. */
const leastReserveMs = leastSegmentMs

/**
 * Aggregates a stream by key and session. `KStreamSessionWindowAggregate`; no session is lost by retention: it is forgotten
 * once it is closed, emitted, and too old for any live session of its key to reach it.
 */
export const sessionAggregate: Compile<'sessionAggregate'> = (node, context) => {
  const {
    windows,
    initial,
    adds = [node.spec.add],
    merge,
    result,
    emit: strategy,
    retentionMs,
    historyMs = 0,
  } = node.spec
  if (windows.type !== 'session') throw new TypeError(`${node.name}: not session windows`)
  const { gapMs, graceMs } = windows
  const store = context.store<SessionStore>(node.spec.store)
  const times = new InputTimes(node, context, retentionMs)
  const emitted = context.cell(node, 'closed', -1)
  const swept = context.cell(node, 'swept', -1)
  const onClose = strategy === 'onWindowClose'
  const retention = new Retention(node, context, retentionMs)
  const reserveMs = Math.max(leastReserveMs, 2 * gapMs)
  const forward = windowedOutput(result, context.facts.sendsOldValues(node.id))
  const view = viewOf(result)
  const closeTimeOf = (time: number) => time - graceMs - gapMs
  const none = (value: unknown) => value === null || value === undefined

  const change = ({ key, start, end }: Bounds, newValue: unknown, oldValue: unknown, emit: Emit) => {
    if (!onClose) forward(key, { start, end }, newValue, oldValue, end, emit)
  }

  const joined = (key: unknown, sessions: readonly SessionEntry[]) => {
    let aggregate = initial?.()
    for (const { value } of sessions)
      aggregate = initial === undefined && none(aggregate) ? value : merge!(key, aggregate, value)
    return aggregate
  }

  const update = (input: number, record: StreamRecord, emit: Emit) => {
    const { key, value, timestamp } = record
    const found = store.find(key, Math.max(timestamp - gapMs, retention.least + 1), timestamp + gapMs)
    let start = timestamp
    let end = timestamp
    for (const session of found) {
      if (session.start < start) start = session.start
      if (session.end > end) end = session.end
    }
    const closeTime = closeTimeOf(times.of(input))
    if (end < closeTime) return context.late(node, record, 1, closeTime - end)
    const before = joined(key, found)
    if (start !== end || start !== timestamp)
      for (const session of found) {
        store.delete(session)
        change(session, null, session.value, emit)
      }
    const next = initial === undefined && none(before) ? value : adds[input]!(before, value, key)
    retention.given(end)
    if (none(next)) store.delete({ key, start, end })
    else store.put(key, start, end, next)
    if (retentionMs !== undefined) dropSegments(retentionMs)
    change({ key, start, end }, next, null, emit)
  }

  /** Emits (on close) the sessions that have closed since the last time, and forgets those that can't matter any more. */
  const close = (emit: Emit) => {
    const closeTime = closeTimeOf(times.slowest)
    if (onClose && closeTime > emitted.value) {
      const final = store.endingBetween(Math.max(0, emitted.value), closeTime - 1)
      context.count('windowsClosed', node, final.length)
      for (const { key, start, end, value } of final)
        context.emitResult(node, { key, window: { start, end } }, value, () =>
          forward(key, { start, end }, value, null, end, emit),
        )
      emitted.value = closeTime
    }
    sweep(closeTime)
  }

  /** The author's own retention drops whole segments, unemitted sessions included. */
  const dropSegments = (retentionMs: number) => {
    const segmentMs = Math.max(Math.floor(retentionMs / 2), leastSegmentMs)
    const live = Math.floor(retention.least / segmentMs) * segmentMs
    for (const session of store.endingBetween(0, live - 1)) store.delete(session)
  }

  const sweep = (closeTime: number) => {
    if (retentionMs !== undefined || closeTime < swept.value + reserveMs) return
    swept.value = closeTime
    for (const session of store.endingBetween(0, closeTime - Math.max(reserveMs + 2 * gapMs, historyMs) - 1)) {
      const reach = session.end + 2 * gapMs + reserveMs
      if (store.find(session.key, closeTime, reach).length === 0) store.delete(session)
    }
  }

  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  context.onAdvance(timeMs => {
    if (times.advance(timeMs)) close(out)
  })

  const handle = (input: number, record: StreamRecord, emit: Emit) => {
    if (none(record.key)) return
    times.observe(input, record.timestamp)
    update(input, record, emit)
    close(emit)
  }

  return {
    inputs: adds.map((_, input) => step(node, context, (record, emit) => handle(input, record, emit), bind)),
    getter: {
      get: ({ key, window }: Windowed<unknown>) => {
        const session = store.get(key, window.start, window.end)
        return session && { value: view(session.value), timestamp: session.end }
      },
    },
  }
}

type Bounds = Pick<SessionEntry, 'key' | 'start' | 'end'>
