import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { beginOnly, type OneTransaction } from '../connectors/kafka/write/one-transaction'
import type { Output, OutputRecord } from '../connectors/ledger'
import { type LetterFacts, letterFacts, recordHeaders } from '../connectors/letter-headers'
import { deadLetterTopic, groupOf, isBetweenSteps, redrivenTopic } from '../names'
import type { Cluster } from './cluster'
import { letterGroupId, letterPlace, redrivenOf } from './dead-letters'
import { RefusedError } from './errors'
import { findGroup } from './groups'
import { scan } from './scan'
import { createTopic, partitionsOf, requireTopic } from './topics'
import { locate } from './where'

export interface RedriveOptions {
  /** The author's topic whose dead letters they are. */
  readonly source: string
  /** Only letters of this group (`letterGroupId`). */
  readonly group: string
  /** Only these of them. */
  readonly only?: readonly { readonly partition: number; readonly offset: number }[]
  /** Otherwise it is only said what would be done. */
  readonly execute: boolean
  readonly timeoutMs: number
}

export interface RedriveReport {
  /** The topic that the bad records were read from and go to again: the source, or an internal one behind it. */
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
 * Sends bad records to the topic that they were read from again, as they were: to the same partition, in their order, with their own headers and times. What failed behind a
 * repartition or at an end behind a step with memory goes to that internal topic, so that no step before it takes it in twice. They and the marks that they were sent are one
 * transaction, and two that run at once fence one another, so that no letter goes twice. Throws NotFoundError, RefusedError where nothing is left to send or nobody reads the
 * internal topic, and what Kafka refuses.
 */
export async function redrive(cluster: Cluster, options: RedriveOptions): Promise<RedriveReport> {
  const { source, execute, timeoutMs } = options
  await requireTopic(cluster, deadLetterTopic(source))
  if (!execute) return sendAll(cluster, undefined, options)
  await makeMarks(cluster, source, timeoutMs)
  const transaction = await beginOnly(cluster, `weir-redrive-${source}`, transactionTimeoutMs)
  try {
    const report = await sendAll(cluster, transaction, options)
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
  { source, group, only }: RedriveOptions,
): Promise<RedriveReport> {
  const topic = deadLetterTopic(source)
  const redriven = await redrivenOf(cluster, source)
  const { id } = await requireTopic(cluster, topic)
  const bounds = await locate(cluster, await partitionsOf(cluster, topic), 'earliest', true)
  const ranges = bounds.map(({ partition, from, last }) => ({ topic, partition, from, to: last }))
  const wanted = only && new Set(only.map(at => `${at.partition}/${at.offset}`))
  const passed = new Map<string, number>()
  let letters = 0
  let to: Destination | undefined
  for await (const found of scan(cluster, ranges)) {
    const batch = found as ConsumedBatch
    const chosen: Chosen[] = []
    for (let i = 0; i < batch.count; i++) {
      const [{ partition }, offset] = [batch, batch.offsets[i] ?? -1]
      const facts = letterFacts(batch.headerList(i))
      if (letterGroupId(topic, facts) !== group || wanted?.has(`${partition}/${offset}`) === false) continue
      to ??= await destinationOf(cluster, source, facts)
      const place = letterPlace(id, partition, offset)
      const why = whyNot(facts, redriven.has(place), to.partitions)
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
      await transaction?.send(outputsOf(source, to?.topic ?? source, chosen.slice(i, i + chunk)))
  }
  const report = { to: to?.topic ?? source, letters, passed: [...passed].map(([why, letters]) => ({ why, letters })) }
  if (transaction !== undefined && letters === 0)
    throw new RefusedError(
      `there is no letter to send: ${report.passed.map(each => each.why).join('; ') || 'none fits'}`,
    )
  return report
}

interface Destination {
  readonly topic: string
  readonly partitions: number
}

/**
 * Where the letters of a group go. An internal topic has to be read by who runs now: a step that was changed may have another one, and what lies in the former is
 * read by nobody. Throws RefusedError, NotFoundError.
 */
async function destinationOf(cluster: Cluster, source: string, facts: LetterFacts): Promise<Destination> {
  const { application, origin, step } = facts
  const topic = origin?.topic ?? source
  if (topic !== source) {
    if (!isBetweenSteps(application, topic))
      throw new RefusedError(
        `the letters say that they come of topic "${topic}", which is neither "${source}" nor between steps of "${application}"`,
      )
    if (!(await isRead(cluster, groupOf(application), topic)))
      throw new RefusedError(
        `they failed at step "${step}", behind topic "${topic}", which no worker of "${application}" reads now; sent to "${source}", they would be counted twice. ` +
          `Start "${application}" and try again. If it doesn't read that topic any more, since the steps before it have changed, the next record of each key brings what the letters lack, or all records do after \`weir topology reset\``,
      )
  }
  return { topic, partitions: (await requireTopic(cluster, topic)).partitions.length }
}

async function isRead(cluster: Cluster, group: string, topic: string): Promise<boolean> {
  const found = await findGroup(cluster, group)
  return found?.members.some(({ assigned }) => assigned.some(each => each.topic === topic)) ?? false
}

interface Chosen {
  readonly place: string
  readonly partition: number
  readonly record: OutputRecord
}

function whyNot({ origin, cut }: LetterFacts, isRedriven: boolean, partitions: number): string | undefined {
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

function outputsOf(source: string, to: string, chosen: readonly Chosen[]): Output[] {
  const byPartition = new Map<number, OutputRecord[]>()
  for (const { partition, record } of chosen)
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), record])
  const marks = chosen.map(({ place }) => ({
    ...{ key: Buffer.from(place), timestamp: Date.now() },
    value: Buffer.from(JSON.stringify({ redrivenTo: to })),
  }))
  const outputs = [...byPartition].map(([partition, records]) => ({ topic: to, partition, records }))
  return [...outputs, { topic: redrivenTopic(source), partition: 0, records: marks }]
}

async function makeMarks(cluster: Cluster, source: string, timeoutMs: number): Promise<void> {
  const topic = redrivenTopic(source)
  if ((await cluster.metadata([topic]))[0]?.errorCode === 0) return
  const config = { 'cleanup.policy': 'compact' }
  await createTopic(cluster, { topic, partitions: 1, replication: -1, config }, timeoutMs)
}
