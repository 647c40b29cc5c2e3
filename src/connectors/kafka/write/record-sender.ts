import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RefusedOutput } from '../../../errors'
import { itemAt, required } from '../../../required'
import type { Output, WrittenOffsets } from '../../ledger'
import type { TopicPartition } from '../../source'
import { cureOf, ErrorCode, errorName, isPassing } from '../protocol/error-codes'
import { type Produced, type ProduceOptions, type ProducePart, produce } from '../protocol/produce'
import { cutRecords, formerSequence, halves, nextSequence } from '../protocol/record-batch-encoder'
import type { ProducerIdentity } from '../protocol/transactions'
import type { Cluster, Lane } from '../wire/cluster'
import { ConnectionError, KafkaError } from '../wire/kafka-errors'
import { adviceOn, RefusedRecords } from './ledger-errors'

/** Kafka's default limit for one record batch is 1 MiB (`message.max.bytes`). */
const MAX_BATCH_BYTES = 900_000
const MAX_REQUEST_BYTES = 6_000_000
const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 500
/** Once a record is refused for what it is, the others that are refused too are looked for so long, ms, and so many. */
const LOOKED_FOR_MS = 2_000
const MOST_REFUSED = 1_000

export interface SenderOptions extends ProduceOptions {
  /** Outside of a transaction: what comes with refused records is written all the same. */
  readonly writesRest?: boolean
}

interface Pending extends TopicPartition {
  readonly parts: ProducePart[]
  /** Offset of its first record, once acknowledged; -1 where the broker doesn't say. */
  baseOffset: number | undefined
  readonly refused: RefusedOutput[]
  refusal: number
}

/**
 * Writes records to the leaders of their partitions, all partitions of a leader in one request, and repeats what may be
 * repeated: with a producer id the broker knows a batch that it has already taken by its sequence.
 */
export class RecordSender {
  private readonly sequences = new Map<string, number>()
  /** What topics take that have refused a larger record batch (their `max.message.bytes`), bytes. */
  private readonly limits = new Map<string, number>()

  constructor(
    private readonly cluster: Cluster,
    private readonly lane: Lane,
    private readonly options: SenderOptions,
  ) {}

  /**
   * Throws RefusedRecords, which names all that the broker doesn't take (with `writesRest` all else is in the log), KafkaError or ConnectionError; what
   * was sent then may be in the log or not. The producer id is spent.
   */
  async send(id: ProducerIdentity, outputs: readonly Output[], deadline: number): Promise<WrittenOffsets> {
    const pending = this.plan(id, outputs)
    let left = [...pending]
    let pause = FIRST_PAUSE_MS
    let endMs: number | undefined
    while (left.length > 0) {
      const progress = await this.round(id, left)
      left = left.filter(each => each.parts.length > 0)
      if (!this.options.writesRest && pending.some(each => each.refused.length > 0)) {
        endMs ??= performance.now() + LOOKED_FOR_MS
        const found = pending.reduce((sum, each) => sum + each.refused.length, 0)
        if (left.length === 0 || found >= MOST_REFUSED || performance.now() > endMs) throw refusalOf(pending)
      }
      if (left.length === 0 || progress.failure === undefined) continue
      if (performance.now() + pause > deadline) throw progress.failure
      await sleep(pause)
      pause = Math.min(pause * 2, LAST_PAUSE_MS)
    }
    if (pending.some(each => each.refused.length > 0)) throw refusalOf(pending)
    return writtenOf(pending)
  }

  /** Forgets the sequences: a new producer id starts at 0. */
  reset(): void {
    this.sequences.clear()
  }

  private plan(id: ProducerIdentity, outputs: readonly Output[]): Pending[] {
    const pending = new Map<string, Pending>()
    for (const { topic, partition, records } of outputs) {
      if (records.length === 0) continue
      const name = `${topic}-${partition}`
      let known = pending.get(name)
      if (known === undefined) {
        known = { topic, partition, parts: [], baseOffset: undefined, refused: [], refusal: 0 }
        pending.set(name, known)
      }
      for (const run of cutRecords(records, this.limits.get(topic) ?? MAX_BATCH_BYTES))
        known.parts.push({ topic, partition, run, baseSequence: this.sequence(id, name, run.to - run.from) })
    }
    return [...pending.values()]
  }

  private sequence(id: ProducerIdentity, name: string, count: number): number {
    if (id.producerId === -1) return -1
    const sequence = this.sequences.get(name) ?? 0
    this.sequences.set(name, nextSequence(sequence, count))
    return sequence
  }

  /** One request to each leader, with the next part of as many partitions as fit. */
  private async round(id: ProducerIdentity, left: readonly Pending[]): Promise<{ failure: Error | undefined }> {
    const leaders = new Map<number, { pending: Pending[]; bytes: number }>()
    let failure: Error | undefined
    for (const each of left) {
      try {
        const node = await this.cluster.leader(each.topic, each.partition)
        const load = leaders.get(node)
        const { bytes } = itemAt(each.parts, 0).run
        if (load === undefined) leaders.set(node, { pending: [each], bytes })
        else if (load.bytes + bytes <= MAX_REQUEST_BYTES) {
          load.pending.push(each)
          load.bytes += bytes
        }
      } catch (error) {
        failure = retriable(error)
      }
    }
    const failures = await Promise.all([...leaders].map(([node, load]) => this.request(id, node, load.pending)))
    for (const each of failures) {
      if (each !== undefined && !isCurable(each)) throw each
      failure ??= each
    }
    return { failure }
  }

  private async request(id: ProducerIdentity, node: number, pending: readonly Pending[]): Promise<Error | undefined> {
    const api = produce(
      id,
      pending.map(each => itemAt(each.parts, 0)),
      this.options,
    )
    try {
      const answers = await this.cluster.send(node, api, this.lane)
      if (this.options.acks === 0) for (const each of pending) each.parts.shift()
      let failure: Error | undefined
      for (const answer of answers ?? []) {
        const each = pending.find(one => one.partition === answer.partition && one.topic === answer.topic)
        const error = this.settle(required(each, `what was written to ${answer.topic}-${answer.partition}`), answer)
        if (failure === undefined || (error !== undefined && !isCurable(error))) failure = error
      }
      return failure
    } catch (error) {
      for (const each of pending) this.cluster.forgetTopic(each.topic)
      // Without a sequence the broker can't tell a repeated batch from a new one.
      if (id.producerId === -1 && error instanceof ConnectionError && error.sent) throw error
      return retriable(error)
    }
  }

  private settle(each: Pending, answer: Produced): Error | undefined {
    const { errorCode, baseOffset, words } = answer
    if (errorCode === 0 || errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
      each.parts.shift()
      each.baseOffset ??= baseOffset
      return undefined
    }
    if (cureOf(errorCode) === 'content' && !isCurableCode(errorCode)) {
      if (answer.refused.length > 0 || !this.split(each, isTooLarge(errorCode)))
        setAside(each, answer, this.options.writesRest)
      return undefined
    }
    if (cureOf(errorCode) === 'leader') this.cluster.forgetTopic(each.topic)
    return new KafkaError(errorCode, `write to ${each.topic}-${each.partition}`, words)
  }

  /** The broker has taken nothing of a batch that it refuses: its records go in two, under the same sequences. */
  private split(each: Pending, isLearned: boolean): boolean {
    const [{ topic, partition, run, baseSequence }, ...rest] = each.parts as [ProducePart, ...ProducePart[]]
    if (run.to - run.from === 1) return false
    const [first, second] = halves(run)
    const next = baseSequence === -1 ? -1 : nextSequence(baseSequence, first.to - first.from)
    const parts = [
      { topic, partition, run: first, baseSequence },
      { topic, partition, run: second, baseSequence: next },
    ]
    each.parts.splice(0, each.parts.length, ...parts, ...rest)
    if (isLearned)
      this.limits.set(topic, Math.min(this.limits.get(topic) ?? run.bytes, Math.max(first.bytes, second.bytes)))
    return true
  }
}

/**
 * Notes the records that the broker doesn't take. Those beside them in the batch are sent again only with `writesRest`: else all of the transaction
 * is given up, once what is refused is known.
 */
function setAside(each: Pending, { errorCode, refused, words }: Produced, writesRest = false): void {
  const [{ topic, partition, run, baseSequence }, ...rest] = each.parts as [ProducePart, ...ProducePart[]]
  const places = refused.length > 0 ? refused : [{ place: 0, words }]
  for (const one of places)
    each.refused.push({
      ...{
        topic,
        record: itemAt(run.records, run.from + one.place),
        words: one.words ?? words ?? adviceOn(errorCode) ?? errorName(errorCode),
      },
      isForTime: errorCode === ErrorCode.INVALID_TIMESTAMP,
    })
  each.refusal = errorCode
  const isRefused = new Set(places.map(({ place }) => place))
  const others = writesRest ? run.records.slice(run.from, run.to).filter((_, place) => !isRefused.has(place)) : []
  const again = cutRecords(others, Number.POSITIVE_INFINITY).map(run => ({ topic, partition, run, baseSequence }))
  // The broker counts only what it takes.
  const count = run.to - run.from - others.length
  const moved = rest.map(part =>
    part.baseSequence === -1 ? part : { ...part, baseSequence: formerSequence(part.baseSequence, count) },
  )
  each.parts.splice(0, each.parts.length, ...again, ...moved)
}

function refusalOf(pending: readonly Pending[]): RefusedRecords {
  const refusing = pending.filter(({ refused }) => refused.length > 0)
  return new RefusedRecords(
    itemAt(refusing, 0).refusal,
    refusing.flatMap(({ refused }) => refused),
    writtenOf(pending),
  )
}

const writtenOf = (pending: readonly Pending[]): WrittenOffsets =>
  pending.map(({ topic, partition, baseOffset = -1 }) => ({ topic, partition, baseOffset }))

/**
 * The broker compares a record batch as it is sent, compressed, to the topic's limits; what weir sends isn't compressed, so that
 * `singleBatchBytes` says beforehand what a record alone needs.
 */
const isTooLarge = (code: number) => code === ErrorCode.MESSAGE_TOO_LARGE || code === ErrorCode.RECORD_LIST_TOO_LARGE

/** A batch whose bytes were damaged on the way (CORRUPT_MESSAGE) is taken as it is the next time. */
const isCurableCode = (code: number) => isPassing(code) || code === ErrorCode.CORRUPT_MESSAGE

const isCurable = (error: Error) =>
  error instanceof ConnectionError || (error instanceof KafkaError && isCurableCode(error.code))

function retriable(error: unknown): Error {
  if (error instanceof Error && isCurable(error)) return error
  throw error
}
