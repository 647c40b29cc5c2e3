import { performance } from 'node:perf_hooks'
import type { Output } from '../../ledger'
import { initProducer } from '../group/stable-offsets'
import { addPartitionsToTxn, endTxn, type ProducerIdentity } from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { RecordSender } from './record-sender'
import { newTransactionalId } from './transactional-ledger'

const LANE = 'transaction'
const SEND_TIMEOUT_MS = 30_000

/** One Kafka transaction outside of any group: readers of committed records see all of it or nothing. */
export interface OneTransaction {
  /** Throws KafkaError or ConnectionError; `abort` is then all that is left to do. */
  send(outputs: readonly Output[]): Promise<void>
  /** Resolves when readers of committed records see it. */
  commit(): Promise<void>
  /** Resolves when nothing holds readers of committed records up any more. */
  abort(): Promise<void>
}

/** Begins a transaction that the broker aborts by itself after `timeoutMs` (at most its transaction.max.timeout.ms). */
export async function beginTransaction(cluster: Cluster, name: string, timeoutMs: number): Promise<OneTransaction> {
  const transactionalId = newTransactionalId(name)
  const id = await initProducer(cluster, LANE, transactionalId, timeoutMs)
  return new Transaction(cluster, id)
}

class Transaction implements OneTransaction {
  private readonly coordinator: CoordinatorClient
  private readonly sender: RecordSender
  private readonly added = new Set<string>()

  constructor(
    private readonly cluster: Cluster,
    private readonly id: ProducerIdentity,
  ) {
    this.coordinator = new CoordinatorClient(cluster, 'transaction', id.transactionalId!, LANE)
    this.sender = new RecordSender(cluster, 'produce', { acks: -1, timeoutMs: SEND_TIMEOUT_MS })
  }

  async send(outputs: readonly Output[]): Promise<void> {
    const deadline = performance.now() + SEND_TIMEOUT_MS
    const news = new Map(outputs.map(output => [`${output.topic}-${output.partition}`, output]))
    for (const name of this.added) news.delete(name)
    if (news.size > 0) {
      const request = addPartitionsToTxn(this.id, [...news.values()])
      await this.coordinator.call(request, answer => answer, { deadline })
      for (const name of news.keys()) this.added.add(name)
    }
    await this.sender.send(this.id, outputs, deadline)
  }

  commit(): Promise<void> {
    return this.end(true)
  }

  abort(): Promise<void> {
    return this.end(false)
  }

  private async end(commit: boolean): Promise<void> {
    if (this.added.size === 0) return
    const deadline = performance.now() + SEND_TIMEOUT_MS
    await this.coordinator.call(endTxn(this.id, commit), answer => [answer], { deadline })
    // The coordinator answers before the partitions have the markers, and gives a new epoch only after that.
    await initProducer(this.cluster, LANE, this.id.transactionalId!, SEND_TIMEOUT_MS)
  }
}
