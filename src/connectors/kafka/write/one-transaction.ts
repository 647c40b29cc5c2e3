import { performance } from 'node:perf_hooks'
import type { Output } from '../../ledger'
import { initProducer } from '../group/stable-offsets'
import type { Compression } from '../protocol/record-batch-encoder'
import { endTxn, type TransactionalIdentity } from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { RecordSender } from './record-sender'
import { TransactionSender } from './transaction-sender'
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
export function beginTransaction(
  cluster: Cluster,
  name: string,
  timeoutMs: number,
  compression?: Compression,
): Promise<OneTransaction> {
  return beginOnly(cluster, newTransactionalId(name), timeoutMs, compression)
}

/**
 * The same under an id of the caller's own: of two that have begun under one id, the first can't commit any more. What it had committed can be read when this
 * resolves.
 */
export async function beginOnly(
  cluster: Cluster,
  transactionalId: string,
  timeoutMs: number,
  compression?: Compression,
): Promise<OneTransaction> {
  const id = await initProducer(cluster, LANE, transactionalId, timeoutMs)
  return new Transaction(cluster, id, compression)
}

class Transaction implements OneTransaction {
  private readonly coordinator: CoordinatorClient
  private readonly sender: TransactionSender

  constructor(
    private readonly cluster: Cluster,
    private readonly id: TransactionalIdentity,
    compression: Compression | undefined,
  ) {
    this.coordinator = new CoordinatorClient(cluster, 'transaction', id.transactionalId, LANE)
    const records = new RecordSender(cluster, 'produce', { acks: -1, timeoutMs: SEND_TIMEOUT_MS, compression })
    this.sender = new TransactionSender(id, this.coordinator, records)
  }

  send(outputs: readonly Output[]): Promise<void> {
    return this.sender.send(outputs, performance.now() + SEND_TIMEOUT_MS)
  }

  commit(): Promise<void> {
    return this.end(true)
  }

  abort(): Promise<void> {
    return this.end(false)
  }

  private async end(commit: boolean): Promise<void> {
    if (this.sender.isEmpty) return
    const deadline = performance.now() + SEND_TIMEOUT_MS
    await this.coordinator.call(endTxn(this.id, commit), answer => [answer], { deadline })
    // The coordinator answers before the partitions have the markers, and gives a new epoch only after that.
    const isOver = initProducer(this.cluster, LANE, this.id.transactionalId, SEND_TIMEOUT_MS)
    // What is committed stays so, whoever takes the id meanwhile.
    await (commit ? isOver.catch(() => undefined) : isOver)
  }
}
