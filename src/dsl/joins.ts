import { TopologyError } from '../errors'
import type { GlobalKTable } from './global-table'
import { keyed } from './grouped-stream'
import type { JoinSide, JoinType, JoinWindows } from './join-nodes'
import type {
  Joinable,
  StreamGlobalJoinOptions,
  StreamJoinOptions,
  StreamTableJoinOptions,
  TableJoinOptions,
} from './join-types'
import type { StoreSpec } from './nodes'
import { materialisedStore, storeSpec } from './store-spec'
import { KStream } from './stream'
import { KTable } from './table'
import { historyOf } from './versioned-table'
import { graceOf, type Windows } from './windows'

/** Joins a stream with whatever it may be joined with. */
export function joinStream(
  left: KStream<any, any>,
  right: Joinable,
  type: JoinType,
  options: any = {},
): KStream<any, any> {
  if (right.builder !== left.builder)
    throw new TopologyError(`${options.name ?? 'join'}: both sides of a join have to belong to one topology`)
  if (right instanceof KStream) return joinStreams(left, right, type, options)
  if (type === 'outer')
    throw new TopologyError(`${options.name ?? 'join'}: outerJoin takes a stream; a table is joined with leftJoin`)
  if (right instanceof KTable) return joinTable(left, right, type, options)
  return joinGlobal(left, right, type, options)
}

function joinStreams(
  left: KStream<any, any>,
  right: KStream<any, any>,
  type: JoinType,
  { name, windows, joiner, location }: StreamJoinOptions<any, any, any, any> & { readonly location?: unknown },
): KStream<any, any> {
  if (!name) throw new TopologyError('a stream-stream join needs a name: it becomes its stores and their changelogs')
  const { beforeMs, afterMs, graceMs } = checked(name, windows)
  const leftKeyed = keyed(left, `${name}-left`)
  const rightKeyed = keyed(right, `${name}-right`)
  const identity = JSON.stringify({ type, beforeMs, afterMs, graceMs })
  // A sixteenth more than can still be found is kept, so that records expire in bulk.
  const sliceMs = Math.max(1, Math.ceil((beforeMs + afterMs + graceMs) / 16))
  const side = (suffix: string): StoreSpec => ({
    ...storeSpec('joinWindow', { name: `${name}-${suffix}`, location }),
    identity,
    options: { sliceMs },
  })
  const stores = [side('left'), side('right')]
  if (type !== 'inner') stores.push({ ...storeSpec('pending', { name: `${name}-pending` }), identity })
  const [leftStore, rightStore, pending] = stores as [StoreSpec, StoreSpec, StoreSpec?]
  const spec = {
    type,
    windows: { beforeMs, afterMs, graceMs },
    joiner,
    left: leftStore.name,
    right: rightStore.name,
    ...(pending && { pending: pending.name }),
    sides: [sideOf(leftKeyed), sideOf(rightKeyed)] as const,
  }
  const node = left.builder.add('streamJoin', [leftKeyed.node.id, rightKeyed.node.id], spec, { name, stores })
  return new KStream(left.builder, node, { key: leftKeyed.memory.key ?? rightKeyed.memory.key, rekeyed: false })
}

function checked(name: string, windows: JoinWindows | undefined): JoinWindows {
  if (windows === undefined)
    throw new TopologyError(`${name}: a stream-stream join needs windows: { beforeMs, afterMs, graceMs }`)
  const { beforeMs, afterMs, graceMs } = windows
  for (const [field, ms] of Object.entries({ beforeMs, afterMs, graceMs }))
    if (!Number.isSafeInteger(ms))
      throw new TopologyError(`${name}: ${field} of the join's windows has to be a whole number of ms, and is ${ms}`)
  if (graceMs < 0) throw new TopologyError(`${name}: graceMs has to be 0 or more, and is ${graceMs}`)
  if (beforeMs + afterMs < 0)
    throw new TopologyError(
      `${name}: beforeMs ${beforeMs} + afterMs ${afterMs} is below 0, so that no records could meet; make the sum 0 or more`,
    )
  return { beforeMs, afterMs, graceMs }
}

function joinTable(
  left: KStream<any, any>,
  right: KTable<any, any>,
  type: 'inner' | 'left',
  { name, joiner, graceMs }: StreamTableJoinOptions<any, any, any, any>,
): KStream<any, any> {
  if (left.memory.rekeyed && !name)
    throw new TopologyError(
      "a stream whose key may have changed is joined with a table: give the join a name, it becomes its repartition topic's",
    )
  const stream = left.memory.rekeyed ? keyed(left, name!) : left
  const stores = graceMs === undefined ? [] : [waitingStore(name, right, graceMs)]
  const sides = [sideOf(stream)] as const
  const spec = { type, joiner, sides, ...(graceMs !== undefined && { graceMs, buffer: stores[0]!.name }) }
  const node = left.builder.add('streamTableJoin', [stream.node.id, right.node.id], spec, { name, stores })
  return new KStream(left.builder, node, { key: stream.memory.key ?? right.memory.key, rekeyed: false })
}

function sideOf({ memory: { key, value } }: KStream<any, any>): JoinSide {
  return { ...(key && { key }), ...(value && { value }) }
}

function waitingStore(name: string | undefined, table: KTable<any, any>, graceMs: number): StoreSpec {
  if (!name) throw new TopologyError('a join with graceMs needs a name: it becomes the store of the records that wait')
  if (!Number.isSafeInteger(graceMs) || graceMs < 0)
    throw new TopologyError(`${name}: graceMs has to be a whole number of ms, 0 or more, and is ${graceMs}`)
  const historyMs = historyOf(id => table.builder.node(id), table.node.id)
  if (historyMs === undefined)
    throw new TopologyError(
      `${name}: graceMs needs a versioned table, which knows its past: table(topic, { materialized, versioned: { historyRetentionMs } })`,
    )
  if (historyMs < graceMs)
    throw new TopologyError(`${name}: graceMs ${graceMs} is longer than the table remembers, ${historyMs} ms`)
  return { ...storeSpec('pending', { name: `${name}-waiting` }), identity: JSON.stringify({ graceMs }) }
}

function joinGlobal(
  left: KStream<any, any>,
  right: GlobalKTable<any, any>,
  type: 'inner' | 'left',
  { name, keyMapper, joiner }: StreamGlobalJoinOptions<any, any, any, any, any>,
): KStream<any, any> {
  const spec = { type, joiner, keyMapper, store: right.store }
  const node = left.builder.add('streamGlobalJoin', [left.node.id], spec, { name })
  return new KStream(left.builder, node, { key: left.memory.key, rekeyed: left.memory.rekeyed })
}

/** Joins two tables by their keys. */
export function joinTables(
  left: KTable<any, any>,
  right: KTable<any, any>,
  type: JoinType,
  { name = undefined, materialized, location, joiner }: TableJoinOptions<any, any, any, any>,
): KTable<any, any> {
  if (right.builder !== left.builder)
    throw new TopologyError(`${name ?? 'join'}: both sides of a join have to belong to one topology`)
  const stores = materialisedStore(name ?? 'join', materialized, location)
  const spec = { type, joiner, ...(materialized !== undefined && { store: materialized }) }
  const node = left.builder.add('tableJoin', [left.node.id, right.node.id], spec, {
    name: name ?? materialized,
    stores,
  })
  const windows = longerOpen(left.memory.windows, right.memory.windows)
  return new KTable(left.builder, node, { key: left.memory.key ?? right.memory.key, ...(windows && { windows }) })
}

/** Of two windowed tables' windows those that close later: the join's results are final then. */
function longerOpen(left: Windows | undefined, right: Windows | undefined): Windows | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return graceOf(left) >= graceOf(right) ? left : right
}
