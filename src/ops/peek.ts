import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import type { Cluster } from './cluster'
import { topicFacts } from './consume'
import { committedOffsets, requireGroup } from './groups'
import { type ConsumedRecord, type Decoders, placed, prepare, recordObject } from './record-json'
import { scan } from './scan'
import { partitionsOf } from './topics'
import { type Bounds, locate } from './where'

export interface PeekOptions {
  readonly topic: string
  /** Records at most. */
  readonly count: number
  readonly partitions?: readonly number[]
  /** Looks at what the group would be given next; otherwise at the end of the topic. */
  readonly group?: string
  readonly readCommitted?: boolean
}

/**
 * The next records of a group, or the last ones of a topic, in order of their timestamps. Nothing is joined, committed or
 * moved. Throws NotFoundError.
 */
export async function peek(cluster: Cluster, options: PeekOptions, decoders: Decoders): Promise<ConsumedRecord[]> {
  const { topic, count, group, readCommitted = true } = options
  if (group !== undefined) await requireGroup(cluster, group)
  const partitions = await partitionsOf(cluster, topic, options.partitions)
  const bounds = await locate(cluster, partitions, { last: count }, readCommitted)
  const facts = await topicFacts(cluster, topic)
  const render = async (batch: ConsumedBatch) => {
    await prepare(decoders, batch)
    return Array.from({ length: batch.count }, (_, i) => {
      try {
        return recordObject(facts, decoders, batch, i)
      } catch (error) {
        throw placed(error, batch, i)
      }
    })
  }
  if (group === undefined) return last(await lastOf(cluster, bounds, count, readCommitted, render), count)
  const committed = new Map<number, number>()
  for (const at of await committedOffsets(cluster, group))
    if (at.topic === topic) committed.set(at.partition, at.offset)
  const found: ConsumedRecord[] = []
  for (const { partition, first, last: end } of bounds) {
    const from = Math.max(committed.get(partition) ?? first, first)
    found.push(...(await upTo(cluster, { topic, partition, from, to: end }, count, readCommitted, render)))
  }
  return byTime(found).slice(0, count)
}

type Render = (batch: ConsumedBatch) => Promise<ConsumedRecord[]>

async function upTo(
  cluster: Cluster,
  range: { topic: string; partition: number; from: number; to: number },
  count: number,
  readCommitted: boolean,
  render: Render,
): Promise<ConsumedRecord[]> {
  const found: ConsumedRecord[] = []
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
): Promise<ConsumedRecord[]> {
  const found: ConsumedRecord[] = []
  for (const { topic, partition, first, last: end } of count === 0 ? [] : bounds) {
    let records: ConsumedRecord[] = []
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

const byTime = (records: readonly ConsumedRecord[]) =>
  [...records].sort((a, b) => a.ts - b.ts || a.partition - b.partition || a.offset - b.offset)
const last = (records: readonly ConsumedRecord[], count: number) => (count === 0 ? [] : byTime(records).slice(-count))
