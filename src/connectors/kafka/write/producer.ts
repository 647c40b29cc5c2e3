import { performance } from 'node:perf_hooks'
import type { OutputRecord, WrittenOffsets } from '../../ledger'
import type { Producer } from '../../producer'
import { initIdempotentProducer } from '../group/stable-offsets'
import type { Compression } from '../protocol/record-batch-encoder'
import type { ProducerIdentity } from '../protocol/transactions'
import { createCluster, type KafkaConfig } from '../wire/client'
import type { Cluster } from '../wire/cluster'
import { ledgerError, RefusedRecords } from './ledger-errors'
import { RecordSender } from './record-sender'

export interface ProducerOptions {
  /** Who must have the records before the broker answers: all replicas in sync (-1), the leader (1), nobody (0). */
  readonly acks?: -1 | 0 | 1
  /** A repeated request never writes twice (true with acks -1; needs acks -1). */
  readonly idempotent?: boolean
  /** A send that takes longer fails (30,000 ms). */
  readonly sendTimeoutMs?: number
  /** None: records are sent as they are. */
  readonly compression?: Compression | undefined
}

export type { Producer }

interface Waiting {
  readonly topic: string
  readonly partition: number
  readonly records: readonly OutputRecord[]
  resolve(sent: { baseOffset: number }): void
  reject(error: unknown): void
}

/** Connects at the first send. */
export function createProducer(config: KafkaConfig, options: ProducerOptions = {}): Producer {
  return new BatchProducer(config, options)
}

class BatchProducer implements Producer {
  private readonly cluster: Cluster
  private readonly sender: RecordSender
  private readonly idempotent: boolean
  private readonly timeoutMs: number
  private id: ProducerIdentity | undefined
  private waiting: Waiting[] = []
  private flushing: Promise<void> | undefined

  constructor(config: KafkaConfig, { acks = -1, idempotent, sendTimeoutMs = 30_000, compression }: ProducerOptions) {
    this.cluster = createCluster(config)
    this.timeoutMs = sendTimeoutMs
    this.idempotent = idempotent ?? acks === -1
    const options = { acks, timeoutMs: sendTimeoutMs, writesRest: true, compression }
    this.sender = new RecordSender(this.cluster, 'produce', options)
  }

  send(topic: string, partition: number, records: readonly OutputRecord[]): Promise<{ baseOffset: number }> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ topic, partition, records, resolve, reject })
      this.flushing ??= this.flush()
    })
  }

  async close(): Promise<void> {
    await this.flushing
    await this.cluster.disconnect()
  }

  private async flush(): Promise<void> {
    // Sends of the same turn of the event loop go together.
    await new Promise(resolve => setImmediate(resolve))
    while (this.waiting.length > 0) {
      const batch = this.waiting
      this.waiting = []
      await this.write(distinctPartitions(batch, this.waiting))
    }
    // In the same breath as the last look: a send in between would wait for ever.
    this.flushing = undefined
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    try {
      this.id ??= await this.identity()
      settle(batch, await this.sender.send(this.id, batch, performance.now() + this.timeoutMs))
    } catch (error) {
      // Its sequences have a gap now, which the broker would refuse: the next send takes a new id.
      this.id = undefined
      this.sender.reset()
      if (error instanceof RefusedRecords) settle(batch, error.written, error)
      else for (const each of batch) each.reject(ledgerError(error, nameOf(each), false))
    }
  }

  private async identity(): Promise<ProducerIdentity> {
    if (this.idempotent) return initIdempotentProducer(this.cluster)
    return { transactionalId: null, producerId: -1, epoch: -1 }
  }
}

const nameOf = ({ topic, partition }: Waiting) => `write to ${topic}-${partition}`

/** Each send learns where its records are, or which of them the topic doesn't take. */
function settle(batch: readonly Waiting[], written: WrittenOffsets, refusal?: RefusedRecords): void {
  const offsets = new Map(written.map(each => [`${each.topic}-${each.partition}`, each.baseOffset]))
  for (const each of batch) {
    const own = new Set<unknown>(refusal === undefined ? [] : each.records)
    const outputs = refusal?.outputs.filter(({ record }) => own.has(record)) ?? []
    if (refusal === undefined || outputs.length === 0)
      each.resolve({ baseOffset: offsets.get(`${each.topic}-${each.partition}`) ?? -1 })
    else each.reject(ledgerError(new RefusedRecords(refusal.code, outputs, written), nameOf(each), false))
  }
}

/** The first send of each partition; later ones of the same partition go back to `rest`, so that each learns its offset. */
function distinctPartitions(batch: readonly Waiting[], rest: Waiting[]): Waiting[] {
  const seen = new Set<string>()
  const first: Waiting[] = []
  for (const each of batch) {
    const name = `${each.topic}-${each.partition}`
    if (seen.has(name)) rest.push(each)
    else first.push(each)
    seen.add(name)
  }
  return first
}
