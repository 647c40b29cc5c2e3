import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { beginOnly, type OneTransaction } from '../connectors/kafka/write/one-transaction'
import type { Output, OutputRecord } from '../connectors/ledger'
import { deadLetterTopic, redrivenTopic } from '../names'
import type { Cluster } from './cluster'
import { letterFacts, letterGroupId, letterPlace, recordHeaders, redrivenOf } from './dead-letters'
import { RefusedError } from './errors'
import { scan } from './scan'
import { createTopic, partitionsOf, requireTopic } from './topics'
import { locate } from './where'

export interface RedriveOptions {
  /** The topic that the bad records came from and go to again. */
  readonly origin: string
  /** Only letters of this group (`letterGroupId`). */
  readonly group: string
  /** Only these of them. */
  readonly only?: readonly { readonly partition: number; readonly offset: number }[]
  /** Otherwise it is only said what would be done. */
  readonly execute: boolean
  readonly timeoutMs: number
}

export interface RedriveReport {
  readonly to: string
  /** That were sent, or would be. */
  readonly letters: number
  /** That were not, by reason. */
  readonly passed: readonly { readonly why: string; readonly letters: number }[]
}

/** Records that are sent at once. */
const chunk = 500
/** The broker's own limit (`transaction.max.timeout.ms`). */
const transactionTimeoutMs = 900_000

/**
 * Sends bad records to their topic again, as they were: to the partition that they came from, in their order, with their own headers and times. They and the marks that
 * they were sent are one transaction, and two that run at once fence one another, so that no letter goes twice. Throws NotFoundError, RefusedError where nothing is left to
 * send, and what Kafka refuses.
 */
export async function redrive(cluster: Cluster, options: RedriveOptions): Promise<RedriveReport> {
  const { origin, execute, timeoutMs } = options
  await requireTopic(cluster, deadLetterTopic(origin))
  const partitions = (await requireTopic(cluster, origin)).partitions.length
  if (!execute) return sendAll(cluster, undefined, partitions, options)
  await makeMarks(cluster, origin, timeoutMs)
  const transaction = await beginOnly(cluster, `weir-redrive-${origin}`, transactionTimeoutMs)
  try {
    const report = await sendAll(cluster, transaction, partitions, options)
    await transaction.commit()
    return report
  } catch (error) {
    await transaction.abort().catch(() => undefined)
    throw error
  }
}

async function sendAll(
  cluster: Cluster,
  transaction: OneTransaction | undefined,
  partitions: number,
  { origin, group, only }: RedriveOptions,
): Promise<RedriveReport> {
  const topic = deadLetterTopic(origin)
  const redriven = await redrivenOf(cluster, origin)
  const { id } = await requireTopic(cluster, topic)
  const bounds = await locate(cluster, await partitionsOf(cluster, topic), 'earliest', true)
  const ranges = bounds.map(({ partition, from, last }) => ({ topic, partition, from, to: last }))
  const wanted = only && new Set(only.map(at => `${at.partition}/${at.offset}`))
  const passed = new Map<string, number>()
  let letters = 0
  for await (const found of scan(cluster, ranges)) {
    const batch = found as ConsumedBatch
    const chosen: Chosen[] = []
    for (let i = 0; i < batch.count; i++) {
      const [{ partition }, offset] = [batch, batch.offsets[i] ?? -1]
      const facts = letterFacts(batch.headerList(i))
      if (letterGroupId(topic, facts) !== group || wanted?.has(`${partition}/${offset}`) === false) continue
      const place = letterPlace(id, partition, offset)
      const why = whyNot(facts, redriven.has(place), partitions)
      if (why !== undefined) passed.set(why, (passed.get(why) ?? 0) + 1)
      else
        chosen.push({
          place,
          partition: facts.origin?.partition ?? 0,
          record: recordOf(batch, i, facts.origin?.timestampMs),
        })
    }
    letters += chosen.length
    for (let i = 0; i < chosen.length; i += chunk)
      await transaction?.send(outputsOf(origin, chosen.slice(i, i + chunk)))
  }
  const report = { to: origin, letters, passed: [...passed].map(([why, letters]) => ({ why, letters })) }
  if (transaction !== undefined && letters === 0)
    throw new RefusedError(
      `there is no letter to send: ${report.passed.map(each => each.why).join('; ') || 'none fits'}`,
    )
  return report
}

interface Chosen {
  readonly place: string
  readonly partition: number
  readonly record: OutputRecord
}

function whyNot(
  { origin, cut }: ReturnType<typeof letterFacts>,
  isRedriven: boolean,
  partitions: number,
): string | undefined {
  if (isRedriven) return 'sent again already'
  if (origin === null) return 'a result that no single record has caused: there is nothing to send'
  if (cut) return 'it was too large to be kept whole'
  return origin.partition < partitions ? undefined : 'its topic has fewer partitions now'
}

/** The record as it was. A timestamp below 0 is none that Kafka takes. */
function recordOf(batch: ConsumedBatch, i: number, timestamp = -1): OutputRecord {
  const bytes = (start = -1, end = -1) => (start < 0 ? null : Buffer.from(batch.buffer.subarray(start, end)))
  return {
    key: bytes(batch.keyStart[i], batch.keyEnd[i]),
    value: bytes(batch.valueStart[i], batch.valueEnd[i]),
    timestamp: timestamp >= 0 ? timestamp : Date.now(),
    headerList: recordHeaders(batch.headerList(i)).map(
      ([name, value]) => [name, value === null ? null : Buffer.from(value)] as const,
    ),
  }
}

function outputsOf(origin: string, chosen: readonly Chosen[]): Output[] {
  const byPartition = new Map<number, OutputRecord[]>()
  for (const { partition, record } of chosen)
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), record])
  const marks = chosen.map(({ place }) => ({
    ...{ key: Buffer.from(place), timestamp: Date.now() },
    value: Buffer.from(JSON.stringify({ redrivenTo: origin })),
  }))
  const outputs = [...byPartition].map(([partition, records]) => ({ topic: origin, partition, records }))
  return [...outputs, { topic: redrivenTopic(origin), partition: 0, records: marks }]
}

async function makeMarks(cluster: Cluster, origin: string, timeoutMs: number): Promise<void> {
  const topic = redrivenTopic(origin)
  if ((await cluster.metadata([topic]))[0]?.errorCode === 0) return
  const config = { 'cleanup.policy': 'compact' }
  await createTopic(cluster, { topic, partitions: 1, replication: -1, config }, timeoutMs)
}
