import { keyBytes, offsetOf, timestampOf, valueBytes } from '../connectors/batch'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { Cluster } from './cluster'
import { topicFacts } from './consume'
import { committedOffsets, requireGroup } from './groups'
import { JsonBytes } from './json-bytes'
import { type Decoders, plainText, prepare, RecordWriter, type TopicFacts } from './record-json'
import { scan } from './scan'
import { partitionsOf } from './topics'
import { type OnUnreadable, readable, tellDamage } from './unreadable'
import { type Bounds, locate } from './where'

export interface PeekOptions {
  readonly topic: string
  /** Records at most. */
  readonly count: number
  readonly partitions?: readonly number[]
  /** Looks at what the group would be given next; otherwise at the end of the topic. */
  readonly group?: string
  readonly readCommitted?: boolean
  /** Told of each record that can't be read as it was asked for: it is left out. */
  readonly onUnreadable?: OnUnreadable
}

/** A record as it is shown. */
export interface PeekedRecord {
  readonly partition: number
  readonly offset: number
  /** ms. */
  readonly ts: number
  /** As text; null for null. */
  readonly key: string | null
  readonly payload: string | null
  /** The whole record, as `weir consume` prints it. */
  readonly json: string
}

/**
 * The next records of a group, or the last ones of a topic, in order of their timestamps. Nothing is joined, committed or
 * moved. Throws NotFoundError.
 */
export async function peek(cluster: Cluster, options: PeekOptions, decoders: Decoders): Promise<PeekedRecord[]> {
  const { topic, count, group, readCommitted = true } = options
  if (group !== undefined) await requireGroup(cluster, group)
  const partitions = await partitionsOf(cluster, topic, options.partitions)
  const bounds = await locate(cluster, partitions, { last: count }, readCommitted)
  const show = shower(await topicFacts(cluster, topic), decoders)
  const onUnreadable = once(options.onUnreadable)
  const render = async (batch: ConsumedBatch) => {
    tellDamage(batch, onUnreadable)
    await prepare(decoders, batch)
    return Array.from({ length: batch.count }, (_, i) => readable(batch, i, onUnreadable, () => show(batch, i))).filter(
      record => record !== undefined,
    )
  }
  if (group === undefined) return last(await lastOf(cluster, bounds, count, readCommitted, render), count)
  const committed = new Map<number, number>()
  for (const at of await committedOffsets(cluster, group))
    if (at.topic === topic) committed.set(at.partition, at.offset)
  const found: PeekedRecord[] = []
  for (const { partition, first, last: end } of bounds) {
    const from = Math.max(committed.get(partition) ?? first, first)
    found.push(...(await upTo(cluster, { topic, partition, from, to: end }, count, readCommitted, render)))
  }
  return byTime(found).slice(0, count)
}

/** It looks further back from time to time, and then meets the same again. */
function once(tell: OnUnreadable | undefined): OnUnreadable | undefined {
  const told = new Set<string>()
  return tell && ((error, records) => void (told.size < told.add(error.message).size && tell(error, records)))
}

function shower(facts: TopicFacts, decoders: Decoders): (batch: ConsumedBatch, i: number) => PeekedRecord {
  const writer = new RecordWriter(facts, decoders)
  const bytes = new JsonBytes()
  return (batch, i) => {
    writer.write(batch, i, bytes)
    return {
      ...{ partition: batch.partition, offset: offsetOf(batch, i), ts: timestampOf(batch, i) },
      key: plainText(decoders.key, keyBytes(batch, i)),
      payload: plainText(decoders.value, valueBytes(batch, i)),
      json: bytes.take().toString('utf8'),
    }
  }
}

type Render = (batch: ConsumedBatch) => Promise<PeekedRecord[]>

async function upTo(
  cluster: Cluster,
  range: { topic: string; partition: number; from: number; to: number },
  count: number,
  readCommitted: boolean,
  render: Render,
): Promise<PeekedRecord[]> {
  const found: PeekedRecord[] = []
  if (count === 0) return found
  for await (const batch of scan(cluster, [range], { readCommitted })) {
    found.push(...(await render(batch as ConsumedBatch)))
    if (found.length >= count) break
  }
  return found.slice(0, count)
}

/** Holes (compaction, markers) can leave fewer records than offsets: then it looks further back. */
async function lastOf(
  cluster: Cluster,
  bounds: readonly Bounds[],
  count: number,
  readCommitted: boolean,
  render: Render,
): Promise<PeekedRecord[]> {
  const found: PeekedRecord[] = []
  for (const { topic, partition, first, last: end } of count === 0 ? [] : bounds) {
    let records: PeekedRecord[] = []
    for (let back = count; back > 0; back *= 4) {
      records = []
      const from = Math.max(first, end - back)
      for await (const batch of scan(cluster, [{ topic, partition, from, to: end }], { readCommitted })) {
        records = [...records, ...(await render(batch as ConsumedBatch))].slice(-count)
      }
      if (records.length >= count || from === first) break
    }
    found.push(...records)
  }
  return found
}

const byTime = (records: readonly PeekedRecord[]) =>
  [...records].sort((a, b) => a.ts - b.ts || a.partition - b.partition || a.offset - b.offset)
const last = (records: readonly PeekedRecord[], count: number) => (count === 0 ? [] : byTime(records).slice(-count))
