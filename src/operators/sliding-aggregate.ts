import type { StreamRecord, Windowed } from '../record'
import type { WindowStore } from '../state/window-store'
import { InputTimes } from './input-times'
import { type Compile, type Emit, step } from './operator'
import { Retention } from './retention'
import { type SlidingUpdates, updateEarly, updateInOrder } from './sliding-update'
import { viewOf, windowedOutput } from './windowed-output'

/**
 * Aggregates a stream by key and sliding window. `KStreamSlidingWindowAggregate` (KIP-450); on close no result is lost: a window
 * leaves the store only once no record can be late enough to need it.
 */
export const slidingAggregate: Compile<'slidingAggregate'> = (node, context) => {
  const { windows, initial, adds = [node.spec.add], result, emit: strategy, retentionMs, historyMs = 0 } = node.spec
  if (windows.type !== 'sliding') throw new TypeError(`${node.name}: not sliding windows`)
  const { timeDifferenceMs, graceMs } = windows
  const store = context.store<WindowStore>(node.spec.store)
  const times = new InputTimes(node, context, retentionMs)
  const emitted = context.cell(node, 'closed', -1)
  const retention = new Retention(node, context, retentionMs)
  const onClose = strategy === 'onWindowClose'
  const keepMs = Math.max(3 * timeDifferenceMs, (retentionMs ?? 0) - graceMs, timeDifferenceMs + historyMs)
  const forward = windowedOutput(result, context.facts.sendsOldValues(node.id))
  const view = viewOf(result)
  const none = (value: unknown) => value === null || value === undefined
  /** Windows that the record in hand missed, and how long ago the first of them closed, ms. */
  let missed = 0
  let mostMs = 0
  const windowAt = (start: number) => ({ start, end: start + timeDifferenceMs })

  const updatesOf = (input: number): SlidingUpdates => ({
    timeDifferenceMs,
    fetch: (key, from, to) => store.fetch(key, from, to),
    update: ({ key, value, timestamp }, start, stored, emit) => {
      const lateByMs = times.of(input) - graceMs - start - timeDifferenceMs
      if (lateByMs > 0) {
        missed++
        if (lateByMs > mostMs) mostMs = lateByMs
        return
      }
      const before = stored === undefined ? initial?.() : stored.value
      const next = initial === undefined && none(before) ? value : adds[input]!(before, value, key)
      const stamp = stored === undefined ? timestamp : Math.max(stored.timestamp, timestamp)
      retention.given(start)
      if (none(next)) store.delete(key, start)
      else store.put(key, start, next, stamp)
      if (!onClose) forward(key, windowAt(start), next, before, stamp, emit)
    },
    copy: (key, start, { value, timestamp }, emit) => {
      retention.given(start)
      store.put(key, start, value, timestamp)
      if (!onClose) forward(key, windowAt(start), value, null, timestamp, emit)
    },
  })

  /** Emits (on close) the windows that have closed since the last time. */
  const close = (emit: Emit) => {
    const closeTime = times.slowest - graceMs
    if (!onClose || closeTime <= emitted.value) return
    const from = Math.max(0, emitted.value - timeDifferenceMs)
    const final = store.fetchAll(from, closeTime - timeDifferenceMs - 1).filter(({ start }) => start >= retention.least)
    context.count('windowsClosed', node, final.length)
    for (const { key, start, value, timestamp } of final)
      context.emitResult(node, { key, window: windowAt(start) }, value, () =>
        forward(key, windowAt(start), value, null, timestamp, emit),
      )
    emitted.value = closeTime
  }

  const forget = () => {
    const until = times.slowest - graceMs - keepMs - 1
    const first = store.firstStart()
    if (first === undefined || first > until) return
    for (const { key, start } of store.fetchAll(first, until)) store.delete(key, start)
  }

  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  context.onAdvance(timeMs => {
    if (!times.advance(timeMs)) return
    close(out)
    forget()
  })

  const handle = (input: number, updates: SlidingUpdates, record: StreamRecord, emit: Emit) => {
    const { key, value, timestamp } = record
    if (none(key) || none(value)) return
    times.observe(input, timestamp)
    const lateByMs = times.of(input) - graceMs - timestamp - timeDifferenceMs
    if (lateByMs > 0) return context.late(node, record, 1, lateByMs)
    missed = mostMs = 0
    if (timestamp < timeDifferenceMs) updateEarly(record, updates, emit)
    else updateInOrder(record, updates, emit)
    if (missed > 0) context.late(node, record, missed, mostMs)
    if (timestamp < timeDifferenceMs) return
    close(emit)
    forget()
  }

  return {
    inputs: adds.map((_, input) => {
      const updates = updatesOf(input)
      return step(node, context, (record, emit) => handle(input, updates, record, emit), bind)
    }),
    getter: {
      get: ({ key, window }: Windowed<unknown>) => {
        const entry = store.get(key, window.start)
        return entry && { value: view(entry.value), timestamp: entry.timestamp }
      },
    },
  }
}
