import { TopologyError } from '../../errors'
import { joinSideStore, pendingStore, waitingRecordsStore } from '../../names'
import { itemAt } from '../../required'
import type { Joiner, Mapper } from '../graph/functions'
import { historyOf } from '../graph/history'
import type { JoinType, JoinWindows } from '../graph/join-specs'
import { type StoreLocation, type StoreSpec, storeSpec } from '../graph/store-spec'
import { checkStep } from './checked-step'
import { checkOneTopology, type GlobalTableDraft, type StreamDraft, serdesOf, type TableDraft } from './drafts'
import { checkedWindows } from './join-windows'
import { addLateRecords, type TakeLate } from './late-records'
import { keyed } from './repartitioning'

/** What the author says of a stream's join, whatever it is joined with. */
export interface JoinParts {
  readonly name?: string
  readonly joiner: Joiner
  readonly windows?: JoinWindows
  readonly keyMapper?: Mapper
  readonly graceMs?: number
  readonly location?: StoreLocation
}

const joins = { stream: 'streamJoin', table: 'streamTableJoin', globalTable: 'globalJoin' } as const

/** Joins a stream with whatever it may be joined with. */
export function streamJoined(
  left: StreamDraft,
  right: StreamDraft | TableDraft | GlobalTableDraft | undefined,
  type: JoinType,
  options: JoinParts | undefined,
  late?: TakeLate,
): StreamDraft {
  // Without a compiler the options may be missing: what they lack is refused where it is needed.
  const parts = options ?? ({} as JoinParts)
  const name = parts.name ?? 'join'
  checkOneTopology(name, 'both sides of a join', left.builder, right?.builder)
  checkStep('join', options, right === undefined ? 'streamJoin' : joins[right.kind])
  if (right?.kind === 'stream') return joinStreams(left, right, type, parts, late)
  if (type === 'outer') throw new TopologyError(`${name}: outerJoin takes a stream; a table is joined with leftJoin`)
  if (right?.kind === 'table') return joinTable(left, right, type, parts)
  return joinGlobal(left, right as GlobalTableDraft, type, parts)
}

function joinStreams(
  left: StreamDraft,
  right: StreamDraft,
  type: JoinType,
  { name, windows, joiner, location }: JoinParts,
  late: TakeLate | undefined,
): StreamDraft {
  if (!name) throw new TopologyError('a stream-stream join needs a name: it becomes its stores and their changelogs')
  const { beforeMs, afterMs, graceMs } = checkedWindows(name, windows)
  const leftKeyed = keyed(left, `${name}-left`)
  const rightKeyed = keyed(right, `${name}-right`)
  const identity = JSON.stringify({ type, beforeMs, afterMs, graceMs })
  // A sixteenth more than can still be found is kept, so that records expire in bulk.
  const sliceMs = Math.max(1, Math.ceil((beforeMs + afterMs + graceMs) / 16))
  const side = (of: 'left' | 'right'): StoreSpec => ({
    ...storeSpec('joinWindow', { name: joinSideStore(name, of), location }),
    identity,
    options: { sliceMs },
  })
  const stores = [side('left'), side('right')]
  if (type !== 'inner') stores.push({ ...storeSpec('pending', { name: pendingStore(name) }), identity })
  const [leftStore, rightStore, pending] = stores as [StoreSpec, StoreSpec, StoreSpec?]
  const spec = {
    type,
    windows: { beforeMs, afterMs, graceMs },
    joiner,
    left: leftStore.name,
    right: rightStore.name,
    ...(pending && { pending: pending.name }),
    sides: [serdesOf(leftKeyed), serdesOf(rightKeyed)] as const,
  }
  const node = left.builder.add('streamJoin', [leftKeyed.node.id, rightKeyed.node.id], spec, { name, stores })
  addLateRecords(node, [leftKeyed, rightKeyed], late)
  return { kind: 'stream', builder: left.builder, node, key: leftKeyed.key ?? rightKeyed.key, rekeyed: false }
}

function joinTable(
  left: StreamDraft,
  right: TableDraft,
  type: 'inner' | 'left',
  { name, joiner, graceMs }: JoinParts,
): StreamDraft {
  if (left.rekeyed && !name)
    throw new TopologyError(
      "a stream whose key may have changed is joined with a table: give the join a name, it becomes its repartition topic's",
    )
  const stream = left.rekeyed ? keyed(left, name) : left
  const stores = graceMs === undefined ? [] : [waitingStore(name, right, graceMs)]
  const sides = [serdesOf(stream)] as const
  const spec = { type, joiner, sides, ...(graceMs !== undefined && { graceMs, buffer: itemAt(stores, 0).name }) }
  const node = left.builder.add('streamTableJoin', [stream.node.id, right.node.id], spec, { name, stores })
  return { kind: 'stream', builder: left.builder, node, key: stream.key ?? right.key, rekeyed: false }
}

function waitingStore(name: string | undefined, table: TableDraft, graceMs: number): StoreSpec {
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
  return { ...storeSpec('pending', { name: waitingRecordsStore(name) }), identity: JSON.stringify({ graceMs }) }
}

function joinGlobal(
  left: StreamDraft,
  right: GlobalTableDraft,
  type: 'inner' | 'left',
  { name, keyMapper, joiner }: JoinParts,
): StreamDraft {
  // Without a compiler it may be missing: the builder says so.
  const spec = { type, joiner, keyMapper: keyMapper as Mapper, store: right.node.spec.store }
  const node = left.builder.add('streamGlobalJoin', [left.node.id], spec, { name })
  return { kind: 'stream', builder: left.builder, node, key: left.key, rekeyed: left.rekeyed }
}
