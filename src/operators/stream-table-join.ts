import type { GraphNode } from '../dsl/graph'
import type { StreamRecord } from '../record'
import { itemAt } from '../required'
import type { PendingStore } from '../state/pending-store'
import { isNone } from './is-none'
import { type Compile, type Emit, type OperatorContext, step } from './operator'
import { OperatorTime } from './operator-time'
import { withHeaders } from './windowed-output'

type Join = (record: StreamRecord, emit: Emit) => void

/**
 * Joins each record of a stream with the table's present value of its key, or, where the table is versioned, with the value that it
 * had at the record's time. `KStreamKTableJoin`, KIP-962 for null keys, KIP-914 and KIP-923 for versions and grace.
 */
export const streamTableJoin: Compile<'streamTableJoin'> = (node, context) => {
  const { type, joiner, graceMs, buffer } = node.spec
  const table = context.getter(itemAt(node.parents, 1))
  const isLeft = type === 'left'

  const join: Join = ({ key, value, timestamp, headers }, emit) => {
    const entry = isNone(key) ? undefined : table.asOf ? table.asOf(key, timestamp) : table.get(key)
    if (entry === undefined && !isLeft) return
    const partner = entry === undefined ? null : entry.value
    emit(withHeaders(key, joiner(value, partner, key), timestamp, headers))
  }

  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  const take =
    graceMs === undefined || buffer === undefined
      ? join
      : waiting(node, context, { graceMs, buffer, join, out: record => out(record) })
  const takeValues: Join = (record, emit) => {
    if (!isNone(record.value)) take(record, emit)
  }
  return { inputs: [step(node, context, takeValues, bind), step(node, context, () => {})] }
}

interface Waiting {
  readonly graceMs: number
  /** The store of the records that wait. */
  readonly buffer: string
  readonly join: Join
  readonly out: Emit
}

/** Records wait until the table's updates of their time must have come, then are joined in order of timestamp and key. */
function waiting(node: GraphNode, context: OperatorContext, { graceMs, buffer, join, out }: Waiting): Join {
  const store = context.store<PendingStore>(buffer)
  const time = new OperatorTime(node, context)
  const release = (emit: Emit) => {
    const due = []
    for (const entry of store) {
      if (entry.timestamp > time.value - graceMs) break
      due.push(entry)
    }
    for (const entry of due) {
      store.delete(entry)
      const { key, value, timestamp, headers } = entry
      context.emitResult(node, key, value, () => join(withHeaders(key, value, timestamp, headers), emit))
    }
  }
  const next = () => {
    const [first] = store
    return first && first.timestamp + graceMs
  }
  context.onAdvance(timeMs => {
    if (time.advance(timeMs)) release(out)
  }, next)

  return (record, emit) => {
    const { key, value, timestamp, headers } = record
    if (isNone(key) || timestamp < time.value - graceMs) return join(record, emit)
    time.observe(timestamp)
    store.add(true, key, timestamp, value, headers)
    release(emit)
  }
}
