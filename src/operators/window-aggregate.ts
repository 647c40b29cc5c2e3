import type { Windowed } from '../record'
import type { WindowStore } from '../state/window-store'
import { InputTimes } from './input-times'
import { type Change, type Compile, type Emit, step } from './operator'
import { Retention } from './retention'
import { viewOf } from './windowed-output'

/**
 * Aggregates a stream by key and tumbling or hopping window. `KStreamWindowAggregate`; on window close (KIP-825) no final
 * result is ever lost: a window leaves the store only once it is closed and, on close, emitted.
 */
export const windowAggregate: Compile<'windowAggregate'> = (node, context) => {
  const { windows, initial, adds = [node.spec.add], result, emit: strategy, retentionMs, historyMs = 0 } = node.spec
  if (windows.type !== 'time') throw new TypeError(`${node.name}: not time windows`)
  const { sizeMs, advanceMs, graceMs } = windows
  const store = context.store<WindowStore>(node.spec.store)
  const times = new InputTimes(node, context, retentionMs)
  const closed = context.cell(node, 'closed', -1)
  const retention = new Retention(node, context, retentionMs)
  const onClose = strategy === 'onWindowClose'
  const keepMs = Math.max(historyMs, (retentionMs ?? 0) - sizeMs - graceMs)
  const sendsOld = context.facts.sendsOldValues(node.id)
  const view = viewOf(result)
  let lastStart = Number.NaN
  let lastWindow = { start: 0, end: 0 }

  const forward = (
    key: unknown,
    start: number,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    emit: Emit,
  ) => {
    if (start !== lastStart) lastWindow = { start: (lastStart = start), end: start + sizeMs }
    const change: Change = { newValue: view(newValue), oldValue: sendsOld ? view(oldValue) : null }
    emit({ key: { key, window: lastWindow } satisfies Windowed<unknown>, value: change, timestamp })
  }

  const update = (input: number, key: any, value: any, start: number, timestamp: number, emit: Emit) => {
    const old = store.get(key, start)
    const before = old === undefined ? initial?.() : old.value
    const next = old === undefined && initial === undefined ? value : adds[input]!(before, value, key)
    const stamp = old === undefined ? timestamp : Math.max(old.timestamp, timestamp)
    retention.given(start)
    if (next === null || next === undefined) store.delete(key, start)
    else store.put(key, start, next, stamp)
    if (!onClose) forward(key, start, next, before, stamp, emit)
  }

  /** Emits (on close) and forgets the windows that have closed since the last time, in order of start, then key. */
  const close = (emit: Emit) => {
    const closeTime = times.slowest - graceMs
    if (closeTime <= closed.value) return
    const from = closed.value - sizeMs + 1
    const until = closeTime - sizeMs
    closed.value = closeTime
    // Closed windows may stay: what is due is looked for beyond them.
    if (onClose && isUpTo(until, store.firstStart(from))) {
      const final = store.fetchAll(from, until).filter(({ start }) => start >= retention.least)
      context.count('windowsClosed', node, final.length)
      for (const { key, start, value, timestamp } of final)
        context.emitResult(node, { key, window: { start, end: start + sizeMs } }, value, () =>
          forward(key, start, value, null, timestamp, emit),
        )
    }
    const first = store.firstStart()
    if (isUpTo(until - keepMs, first))
      for (const { key, start } of store.fetchAll(first, until - keepMs)) store.delete(key, start)
  }

  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  const advance = (timeMs: number) => {
    if (times.advance(timeMs)) close(out)
  }
  context.onAdvance(advance, () => {
    const open = store.firstStart(closed.value - sizeMs + 1)
    return open === undefined ? undefined : open + sizeMs + graceMs
  })

  return {
    inputs: adds.map((_, input) =>
      step(
        node,
        context,
        (record, emit) => {
          const { key, value, timestamp } = record
          if (key === null || key === undefined) return
          times.observe(input, timestamp)
          const closeTime = times.of(input) - graceMs
          let start = Math.max(0, (Math.floor((timestamp - sizeMs) / advanceMs) + 1) * advanceMs)
          let missed = 0
          // The first of its windows closed the longest ago.
          const lateByMs = closeTime - start - sizeMs
          for (; start <= timestamp; start += advanceMs)
            if (start + sizeMs > closeTime) update(input, key, value, start, timestamp, emit)
            else missed++
          if (missed > 0) context.late(node, record, missed, lateByMs)
          close(emit)
        },
        bind,
      ),
    ),
    getter: {
      get: ({ key, window }: Windowed<unknown>) => {
        const entry = store.get(key, window.start)
        return entry && { value: view(entry.value), timestamp: entry.timestamp }
      },
    },
  }
}

const isUpTo = (until: number, start: number | undefined): start is number => start !== undefined && start <= until
