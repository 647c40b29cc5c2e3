import type { Broker } from '../../connectors/broker'
import type { CommittedOffset } from '../../connectors/ledger'
import { assignorName, changelogTopic, timesTopic } from '../../names'
import { entryOf } from '../../required'
import { stateText } from '../../state/state-codec'
import { KeptTimes } from '../plan/kept-times'
import { keptManifest, type Manifest } from '../plan/state-manifest'
import { storePlaces } from '../queries/store-places'
import type { GrowParts } from './grow-parts'
import type { Growth } from './growth'
import { misplacedKeys } from './misplaced-keys'
import { movePending } from './move-pending'
import { moveStore, type StoreMove } from './move-store'
import { moveTimes } from './move-times'
import { Outbound } from './outbound'
import { homeOf } from './state-keys'
import { refuseUnreadRows } from './unread-rows'

/** What a growth has moved. */
export interface Grown {
  /** Entries of stores, deleted ones among them. */
  readonly entries: number
  /** Records that waited in internal topics. */
  readonly records: number
}

/**
 * Spreads an application's state over more tasks. Nobody may run it meanwhile: its group is held. First its present width is noted in the manifest, so that from
 * there on no worker begins with topics of another width; then the topics get their partitions; then all that moves is one
 * transaction with the offsets. Killed anywhere, it begins again from what was committed, and does nothing where all was.
 * Throws FencedError where a worker runs or joins, TopologyError where two entries would meet under one key.
 */
export async function grow(growth: Growth, parts: GrowParts): Promise<Grown> {
  const { manifest, broker, nowMs } = parts
  const { application, partitions, topics } = growth
  const hold = await broker.holdGroup(assignorName)
  try {
    const out = new Outbound(hold)
    // All that is read is known before the first record is written: reading would wait for what is open in its own transaction.
    const moves = await movesOf(growth, parts)
    const times = await timesOf(growth, broker)
    for (const each of growth.parts) await refuseUnreadRows(each, growth, times, broker)
    if (growth.parts.length > 0) {
      addManifest(application, widened(manifest, growth, 'from'), nowMs, out)
      await out.flush()
      await hold.commit([])
    }
    await broker.ensureTopics([...topics.keys()].map(topic => ({ topic, partitions, mayGrow: true })))
    const offsets: CommittedOffset[] = []
    let [entries, records] = [0, 0]
    for (const each of growth.parts) {
      const waiting = await movePending(each, growth, times, broker, out)
      moveTimes(each, growth, waiting.offsets, parts, times, out)
      records += waiting.records
      offsets.push(...waiting.offsets)
    }
    for (const { move, misplaced } of moves) entries += await moveStore(move, misplaced, broker, out)
    // Where no state is moved there is nothing to commit, and Kafka ends no transaction that has not begun.
    if (growth.parts.length > 0) {
      addManifest(application, widened(manifest, growth, 'to'), nowMs, out)
      await out.flush()
      await hold.commit(offsets)
    }
    return { entries, records }
  } finally {
    await hold.release()
  }
}

/** What each task keeps beside its stores. */
async function timesOf({ parts, application }: Growth, broker: Broker): Promise<KeptTimes[]> {
  const width = Math.max(0, ...parts.map(({ from }) => from))
  const times: KeptTimes[] = []
  for (let partition = 0; partition < width; partition++)
    times.push(await KeptTimes.read(application, partition, broker, Number.POSITIVE_INFINITY))
  return times
}

interface CheckedMove {
  readonly move: StoreMove
  readonly misplaced: ReadonlyMap<string, number>
}

async function movesOf(
  { parts, application, partitions }: Growth,
  { plan, broker, registry }: GrowParts,
): Promise<CheckedMove[]> {
  const places = storePlaces(plan)
  const partitioner = (key: Buffer | null, count: number) => broker.partitionOf(key, count)
  const moves: CheckedMove[] = []
  for (const { stores, from } of parts)
    for (const { name } of stores) {
      const place = entryOf(places, name)
      const topic = changelogTopic(application, name)
      const ats = Array.from({ length: from }, (_, partition) => ({ topic, partition }))
      const ends = await Promise.all(ats.map(at => broker.endOffset(at)))
      const [formerHomeOf, home] = [
        await homeOf(place, from, partitioner, registry),
        await homeOf(place, partitions, partitioner, registry),
      ]
      const move = { topic, from, partitions, ends, formerHomeOf, homeOf: home }
      moves.push({ move, misplaced: await misplacedKeys(move, broker) })
    }
  return moves
}

/** What the state is made of, with the width of what grows as it is or as it will be. */
function widened(manifest: Manifest, { parts, partitions }: Growth, width: 'from' | 'to'): Manifest {
  const widths = parts.flatMap(({ part, from }) =>
    part.stores.map(({ name }) => [name, width === 'from' ? from : partitions] as const),
  )
  const grown = width === 'from' ? [] : parts.flatMap(each => each.grown)
  return {
    ...manifest,
    widths: { ...manifest.widths, ...Object.fromEntries(widths) },
    grown: [...new Set([...manifest.grown, ...grown])].sort(),
  }
}

/** As the tasks of partition 0 keep it. */
function addManifest(application: string, manifest: Manifest, nowMs: number, out: Outbound): void {
  for (const [name, value] of keptManifest(0, manifest))
    out.add(
      { topic: timesTopic(application), partition: 0 },
      { key: Buffer.from(name), value: Buffer.from(stateText(value)), timestamp: nowMs },
    )
}
