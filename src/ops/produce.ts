import { SchemaMissing } from '../codecs/codec'
import { singleBatchBytes } from '../connectors/kafka/protocol/record-batch-encoder'
import type { Compression } from '../connectors/kafka/write/compress'
import { RefusedRecords } from '../connectors/kafka/write/ledger-errors'
import { beginTransaction, type OneTransaction } from '../connectors/kafka/write/one-transaction'
import { partitionOf } from '../connectors/kafka/write/partitioner'
import { createProducer, type Producer } from '../connectors/kafka/write/producer'
import type { Output, OutputRecord } from '../connectors/ledger'
import { ContentError, type RefusedOutput, StreamError, UnavailableError } from '../errors'
import type { Cluster, KafkaConfig } from './cluster'
import { encodeLine, type LineOptions, type NewRecord } from './line-encoder'
import { rawLinesOf } from './lines'
import { topicConfig } from './topic-config'
import { requireTopic } from './topics'
import type { WriterCache } from './writer-cache'

export interface ProduceOptions extends Omit<LineOptions, 'schemas'> {
  /** Where the schemas are that records name by their ids; undefined: values are written as the options say. */
  readonly schemas?: WriterCache
  readonly topic: string
  /** All records go there; otherwise by key, as Java's producer does it, and in turn without one. */
  readonly partition?: number
  /** In one Kafka transaction: readers of committed records see all of the input or, after any fault, nothing. */
  readonly atomic?: boolean
  /** Of records that bring none (ms). */
  readonly nowMs: () => number
  /** Told of each line that is refused. */
  readonly onRefused?: (line: number, reason: string) => void
  /** Ends the input early; what was read is sent. With `atomic` nothing is. */
  readonly signal?: AbortSignal
  /** Of the record batches; none sends them as they are. */
  readonly compression?: Compression
  /** A send that takes longer fails (30,000 ms). */
  readonly timeoutMs?: number
}

export interface ProduceReport {
  readonly topic: string
  /** Records that the broker has acknowledged; with `atomic`, committed. */
  readonly acknowledged: number
  /** Lines that were not sent. */
  readonly refused: number
}

/** How many sends may be under way: more chunks are not read before. */
const MAX_UNDER_WAY = 8
/** The broker's own limit (`transaction.max.timeout.ms`). */
const TRANSACTION_TIMEOUT_MS = 900_000

/** A send failed. `acknowledged` is what the broker is known to have. */
export class ProduceError extends StreamError {
  constructor(
    readonly acknowledged: number,
    cause: unknown,
  ) {
    super(`${(cause as Error).message}; ${acknowledged} records are acknowledged`, { cause })
  }
}

/**
 * Sends the lines of `input`. Empty lines are skipped. Resolves once all is acknowledged. Throws NotFoundError (topic,
 * partition) before anything is read, ProduceError.
 */
export async function produce(
  cluster: Cluster,
  kafka: Omit<KafkaConfig, 'clientId'>,
  input: AsyncIterable<Buffer | string>,
  options: ProduceOptions,
): Promise<ProduceReport> {
  const { topic } = options
  const partitions = (await requireTopic(cluster, topic)).partitions.length
  const { timeoutMs = 30_000, compression } = options
  // What a compressed batch takes is known to the broker alone.
  const maxBytes = compression === undefined ? await maxRecordBytes(cluster, topic) : Number.POSITIVE_INFINITY
  const lines = new Lines(options, partitions, maxBytes)
  const config = { ...kafka, clientId: 'weir-cli', connectionTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs }
  if (!options.atomic)
    return sendEach(createProducer(config, { sendTimeoutMs: timeoutMs, compression }), input, lines, options)
  const transaction = await beginTransaction(cluster, 'weir-cli', TRANSACTION_TIMEOUT_MS, compression)
  return sendAll(transaction, input, lines, options)
}

async function sendEach(
  producer: Producer,
  input: AsyncIterable<Buffer | string>,
  lines: Lines,
  { topic, signal }: ProduceOptions,
): Promise<ProduceReport> {
  const underWay = new Set<Promise<void>>()
  let acknowledged = 0
  let failure: unknown
  try {
    for await (const chunk of rawLinesOf(input)) {
      for (const { partition, records } of await lines.outputs(chunk)) {
        const sending = producer
          .send(topic, partition, records)
          .then(() => {
            acknowledged += records.length
          })
          .catch(error => {
            if (!(error instanceof ContentError) || error.outputs.length === 0) failure ??= error
            else {
              acknowledged += records.length - error.outputs.length
              lines.refuse(error.outputs)
            }
          })
          .finally(() => underWay.delete(sending))
        underWay.add(sending)
      }
      while (underWay.size > MAX_UNDER_WAY * lines.partitions) await Promise.race(underWay)
      if (failure !== undefined || signal?.aborted) break
    }
  } catch (error) {
    // A stopped input ends with an error of its own.
    if (!signal?.aborted) failure ??= error
  }
  await Promise.all(underWay)
  await producer.close()
  if (failure !== undefined) throw new ProduceError(acknowledged, failure)
  return { topic, acknowledged, refused: lines.refused }
}

async function sendAll(
  transaction: OneTransaction,
  input: AsyncIterable<Buffer | string>,
  lines: Lines,
  { topic, signal }: ProduceOptions,
): Promise<ProduceReport> {
  let sent = 0
  try {
    for await (const chunk of rawLinesOf(input)) {
      const outputs = await lines.outputs(chunk)
      // After a fault the rest is only checked, so that all faults are told at once.
      if (lines.refused === 0 && outputs.length > 0) await transaction.send(outputs).catch(error => lines.blame(error))
      sent += outputs.reduce((sum, { records }) => sum + records.length, 0)
    }
    if (signal?.aborted) throw stopped()
    if (lines.refused > 0) {
      await transaction.abort()
      return { topic, acknowledged: 0, refused: lines.refused }
    }
    await transaction.commit()
  } catch (error) {
    await transaction.abort().catch(() => {})
    // A stopped input ends with an error of its own.
    throw new ProduceError(0, signal?.aborted ? stopped() : error)
  }
  return { topic, acknowledged: sent, refused: 0 }
}

const stopped = () => new StreamError('it was stopped before the end of the input, so nothing was sent')

/** The largest record batch that the topic takes; without an end where we may not read its settings. */
async function maxRecordBytes(cluster: Cluster, topic: string): Promise<number> {
  const settings = await topicConfig(cluster, topic).catch(() => [])
  return Number(settings.find(({ name }) => name === 'max.message.bytes')?.value ?? Number.POSITIVE_INFINITY)
}

/** Turns lines into outputs by partition, and counts them. */
class Lines {
  refused = 0
  private line = 0
  private readonly lineOf = new WeakMap<object, number>()

  constructor(
    private readonly options: ProduceOptions,
    readonly partitions: number,
    private readonly maxBytes: number,
  ) {}

  /** Records that the topic doesn't take. */
  refuse(outputs: readonly RefusedOutput[]): void {
    for (const { record, words } of outputs) {
      this.refused++
      this.options.onRefused?.(this.lineOf.get(record) ?? 0, `the topic does not take it: ${words}`)
    }
  }

  /** The same of a transaction. Throws what isn't about records. */
  blame(error: unknown): void {
    if (!(error instanceof RefusedRecords)) throw error
    this.refuse(error.outputs)
  }

  async outputs(lines: readonly (string | Buffer)[]): Promise<Output[]> {
    const byPartition = new Map<number, OutputRecord[]>()
    const now = this.options.nowMs()
    for (const line of lines) {
      this.line++
      if (line.length === 0) continue
      try {
        const record = await this.encode(line)
        const partition = this.partitionFor(record)
        const { partition: _, timestamp = now, ...rest } = record
        const output = { ...rest, timestamp }
        const bytes = singleBatchBytes(output)
        if (bytes > this.maxBytes)
          throw new Error(`it makes ${bytes} bytes, and the topic takes up to ${this.maxBytes} (max.message.bytes)`)
        this.lineOf.set(output, this.line)
        const known = byPartition.get(partition)
        if (known === undefined) byPartition.set(partition, [output])
        else known.push(output)
      } catch (error) {
        if (error instanceof UnavailableError) throw error
        this.refused++
        this.options.onRefused?.(this.line, (error as Error).message)
      }
    }
    return [...byPartition].map(([partition, records]) => ({ topic: this.options.topic, partition, records }))
  }

  private async encode(line: string | Buffer): Promise<NewRecord> {
    for (;;) {
      try {
        return encodeLine(line, this.options)
      } catch (error) {
        if (!(error instanceof SchemaMissing) || this.options.schemas === undefined) throw error
        await this.options.schemas.load(error.id)
      }
    }
  }

  private partitionFor({ key, partition = this.options.partition }: NewRecord): number {
    if (partition === undefined) return partitionOf(key, this.partitions)
    if (partition >= 0 && partition < this.partitions) return partition
    throw new Error(`the topic has partitions 0-${this.partitions - 1}, not ${partition}`)
  }
}
