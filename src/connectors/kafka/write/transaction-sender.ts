import type { Output } from '../../ledger'
import { addPartitionsToTxn, type ProducerIdentity } from '../protocol/transactions'
import type { CoordinatorClient } from '../wire/coordinator-client'
import type { RecordSender } from './record-sender'

/** Writes to a transaction in several steps: each partition is registered with the coordinator once, before its first record. */
export class TransactionSender {
  private readonly added = new Set<string>()

  constructor(
    private readonly id: ProducerIdentity,
    private readonly coordinator: CoordinatorClient,
    private readonly sender: RecordSender,
  ) {}

  /** Whether the coordinator knows of nothing that would have to be ended. */
  get isEmpty(): boolean {
    return this.added.size === 0
  }

  /** Throws KafkaError or ConnectionError. */
  async send(outputs: readonly Output[], deadline: number): Promise<void> {
    const news = new Map(outputs.map(output => [`${output.topic}-${output.partition}`, output]))
    for (const name of this.added) news.delete(name)
    if (news.size > 0) {
      const request = addPartitionsToTxn(this.id, [...news.values()])
      await this.coordinator.call(request, answer => answer, { deadline })
      for (const name of news.keys()) this.added.add(name)
    }
    await this.sender.send(this.id, outputs, deadline)
  }

  /** The transaction has ended: the next write begins another. */
  ended(): void {
    this.added.clear()
  }
}
