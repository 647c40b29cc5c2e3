import type { StreamRecord } from '../record'
import type { PendingStore } from '../state/pending-store'
import { type Compile, type Emit, step } from './operator'
import { OperatorTime } from './operator-time'

/**
 * Joins each record of a stream with the table's present value of its key, or, where the table is versioned, with the value that it
 * had at the record's time. `KStreamKTableJoin`, KIP-962 for null keys, KIP-914 and KIP-923 for versions and grace.
 */
export const streamTableJoin: Compile<'streamTableJoin'> = (node, context) => {
  const { type, joiner, graceMs, buffer } = node.spec
  const table = context.getter(node.parents[1]!)
  const isLeft = type === 'left'
  let out: Emit = () => {}

  const join = (record: StreamRecord<any, any>, emit: Emit) => {
    const { key, value, timestamp } = record
    const isNull = key === null || key === undefined
    const entry = isNull ? undefined : table.asOf ? table.asOf(key, timestamp) : table.get(key)
    if (entry !== undefined) emit({ ...record, value: joiner(value, entry.value, key) })
    else if (isLeft) emit({ ...record, value: joiner(value, null, key) })
  }

  const take = graceMs === undefined ? join : waiting(graceMs, buffer!)
  return {
    inputs: [
      step(
        node,
        context,
        (record, emit) => {
          if (record.value === null || record.value === undefined) return
          take(record, emit)
        },
        emit => {
          out = emit
        },
      ),
      step(node, context, () => {}),
    ],
  }

  /** Records wait until the table's updates of their time must have come, then are joined in order of timestamp and key. */
  function waiting(waitMs: number, name: string) {
    const store = context.store<PendingStore>(name)
    const time = new OperatorTime(node, context)
    const release = (emit: Emit) => {
      const due = []
      for (const entry of store) {
        if (entry.timestamp > time.value - waitMs) break
        due.push(entry)
      }
      for (const entry of due) {
        store.delete(entry)
        const { key, value, timestamp } = entry
        context.emitResult(node, key, value, () => join({ key, value, timestamp }, emit))
      }
    }
    const next = () => {
      const [first] = store
      return first && first.timestamp + waitMs
    }
    context.onAdvance(timeMs => {
      if (time.advance(timeMs)) release(out)
    }, next)

    return (record: StreamRecord<any, any>, emit: Emit) => {
      const { key, value, timestamp } = record
      if (key === null || key === undefined || timestamp < time.value - waitMs) return join(record, emit)
      time.observe(timestamp)
      store.add(true, key, timestamp, value)
      release(emit)
    }
  }
}
