import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Marker } from '../log/build-batch'
import type { Keeper } from '../world/keeper'
import type { Clock } from '../world/world'
import { type KeptTransaction, Transaction } from './transaction'

/** The last epoch but one: the very last is left to whoever has to be fenced. */
const LAST_EPOCH = 32766

export interface ProducerClaim {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

export interface ProducerGiven {
  readonly errorCode: number
  readonly producerId: number
  readonly producerEpoch: number
}

export interface TransactionRules {
  /** How long a transaction may be open at most, whatever its producer asks for, ms. */
  readonly maxTimeoutMs: number
  /** How long a marker takes to reach a partition (`topic/0`) or a group's positions (`group g`), ms. 0: it is written before EndTxn is answered. */
  readonly markerDelayMs: (target: string) => number
  /** Whether the transaction that ends now reaches nobody with its markers. */
  readonly losesMarkers: (id: string) => boolean
}

/** Where a transaction's end is to be written. */
export interface MarkerTargets {
  /** Writes the marker; false while the partition has no leader. A partition that is gone needs none. */
  mark(topic: string, partition: number, marker: Marker): boolean
  /** Positions of the group count from now on, or never. */
  endOffsets(groupId: string, marker: Marker): void
}

/** The transactions of the cluster (KIP-98, KIP-360), whichever node coordinates them; the first version of the protocol. */
export class Transactions {
  private readonly byId = new Map<string, Transaction>()
  private nextProducerId = 0

  constructor(
    private readonly clock: Clock,
    private readonly rules: TransactionRules,
    private readonly targets: MarkerTargets,
    private readonly keeper: Keeper,
  ) {
    for (const [, value] of keeper.all('producer ids')) this.nextProducerId = value as number
    for (const [id, value] of keeper.all('transaction')) {
      const transaction = Transaction.restored(id, value as KeptTransaction)
      this.byId.set(id, transaction)
      if (transaction.state === 'Ongoing') this.limit(transaction)
    }
  }

  get(id: string): Transaction | undefined {
    return this.byId.get(id)
  }

  /** By their ids. */
  all(): Transaction[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Of a producer without a transactional id. */
  newProducer(): ProducerGiven {
    const producerId = this.nextProducerId++
    this.keeper.put('producer ids', '', () => this.nextProducerId)
    return { errorCode: 0, producerId, producerEpoch: 0 }
  }

  /** Gives the id's holder a new epoch, which fences the former one, and aborts what that left open. `held`: what it holds already (KIP-360). */
  init(id: string, timeoutMs: number, held: Omit<ProducerClaim, 'transactionalId'> | undefined): ProducerGiven {
    if (id === '') return refused(ErrorCode.INVALID_REQUEST)
    if (timeoutMs <= 0 || timeoutMs > this.rules.maxTimeoutMs) return refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
    const transaction = this.byId.get(id)
    if (transaction === undefined) {
      const { producerId } = this.newProducer()
      const made = new Transaction(id, producerId, 0, timeoutMs)
      this.byId.set(id, made)
      this.keep(made)
      return { errorCode: 0, producerId, producerEpoch: 0 }
    }
    if (held !== undefined) {
      const { producerId, epoch, lastEpoch } = transaction
      const isHolder =
        held.producerId === producerId && (held.producerEpoch === epoch || held.producerEpoch === lastEpoch)
      if (!isHolder) return refused(ErrorCode.PRODUCER_FENCED)
    }
    if (transaction.isEnding) return refused(ErrorCode.CONCURRENT_TRANSACTIONS)
    if (transaction.state === 'Ongoing') {
      this.fence(transaction)
      return refused(ErrorCode.CONCURRENT_TRANSACTIONS)
    }
    transaction.timeoutMs = timeoutMs
    transaction.state = 'Empty'
    transaction.startedAt = -1
    // A holder that has not heard of its new epoch asks once more.
    if (held === undefined || held.producerEpoch === transaction.epoch) this.raiseEpoch(transaction)
    this.keep(transaction)
    return { errorCode: 0, producerId: transaction.producerId, producerEpoch: transaction.epoch }
  }

  /** The transaction is going to write to partitions: 0, or why not. */
  addPartitions(
    claim: ProducerClaim,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): number {
    const transaction = this.writable(claim)
    if (typeof transaction === 'number') return transaction
    transaction.addPartitions(partitions)
    this.open(transaction)
    return 0
  }

  /** The transaction is going to note positions of a group: 0, or why not. */
  addGroup(claim: ProducerClaim, groupId: string): number {
    const transaction = this.writable(claim)
    if (typeof transaction === 'number') return transaction
    transaction.groups.add(groupId)
    this.open(transaction)
    return 0
  }

  end(claim: ProducerClaim, committed: boolean): number {
    const transaction = this.claimed(claim)
    if (typeof transaction === 'number') return transaction
    const { state } = transaction
    // Asked again by somebody who has not heard the answer.
    if (state === (committed ? 'CompleteCommit' : 'CompleteAbort')) return 0
    if (state === (committed ? 'PrepareCommit' : 'PrepareAbort')) return ErrorCode.CONCURRENT_TRANSACTIONS
    if (state !== 'Ongoing') return ErrorCode.INVALID_TXN_STATE
    this.prepare(transaction, committed)
    return 0
  }

  /** Whether records of the producer may be appended there: 0, or why not (KIP-890: none may lie outside of a transaction). */
  verify(claim: ProducerClaim, topic: string, partition: number): number {
    const transaction = this.claimed(claim)
    if (typeof transaction === 'number') return transaction
    const isOpen = transaction.state === 'Ongoing' && transaction.partitions.has(`${topic}/${partition}`)
    return isOpen ? 0 : ErrorCode.INVALID_TXN_STATE
  }

  /** Whether positions of the group may be noted in the transaction: 0, or why not. */
  verifyGroup(claim: ProducerClaim, groupId: string): number {
    const transaction = this.claimed(claim)
    if (typeof transaction === 'number') return transaction
    return transaction.state === 'Ongoing' && transaction.groups.has(groupId) ? 0 : ErrorCode.INVALID_TXN_STATE
  }

  /** Partitions may have leaders again: writes the markers that are due. */
  writeMarkers(): void {
    for (const transaction of this.byId.values()) if (transaction.isEnding) this.complete(transaction)
  }

  private claimed({ transactionalId, producerId, producerEpoch }: ProducerClaim): Transaction | number {
    if (transactionalId === '') return ErrorCode.INVALID_REQUEST
    const transaction = this.byId.get(transactionalId)
    if (transaction === undefined || transaction.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
    return transaction.epoch === producerEpoch ? transaction : ErrorCode.PRODUCER_FENCED
  }

  private writable(claim: ProducerClaim): Transaction | number {
    const transaction = this.claimed(claim)
    if (typeof transaction === 'number') return transaction
    return transaction.isEnding ? ErrorCode.CONCURRENT_TRANSACTIONS : transaction
  }

  private open(transaction: Transaction): void {
    const isNew = transaction.state !== 'Ongoing'
    transaction.begin(this.clock.now())
    this.keep(transaction)
    if (isNew) this.limit(transaction)
  }

  private keep(transaction: Transaction): void {
    this.keeper.put('transaction', transaction.id, () => transaction.kept)
  }

  /** Its time began with it, whichever process it was. */
  private limit(transaction: Transaction): void {
    const leftMs = transaction.startedAt + transaction.timeoutMs - this.clock.now()
    transaction.timer = this.clock.after(Math.max(0, leftMs), () => this.fence(transaction))
  }

  /** Aborts what is open under an epoch that its holder doesn't have. */
  private fence(transaction: Transaction): void {
    if (transaction.state !== 'Ongoing') return
    transaction.epoch++
    transaction.lastEpoch = -1
    this.prepare(transaction, false)
  }

  private raiseEpoch(transaction: Transaction): void {
    if (transaction.epoch >= LAST_EPOCH) {
      transaction.producerId = this.newProducer().producerId
      transaction.epoch = 0
      transaction.lastEpoch = -1
      return
    }
    transaction.lastEpoch = transaction.epoch++
  }

  /** From here on the end is decided; markers follow. */
  private prepare(transaction: Transaction, committed: boolean): void {
    transaction.timer?.()
    transaction.state = committed ? 'PrepareCommit' : 'PrepareAbort'
    this.keep(transaction)
    if (this.rules.losesMarkers(transaction.id)) return void this.completed(transaction)
    for (const target of [...transaction.partitions.keys(), ...[...transaction.groups].map(groupTarget)]) {
      const delayMs = this.rules.markerDelayMs(target)
      if (delayMs === 0) continue
      transaction.late.add(target)
      this.clock.after(delayMs, () => {
        transaction.late.delete(target)
        this.complete(transaction)
      })
    }
    this.complete(transaction)
  }

  private complete(transaction: Transaction): void {
    if (!transaction.isEnding) return
    const { producerId, epoch: producerEpoch } = transaction
    const { partitions, groups, late } = transaction
    const marker = { producerId, producerEpoch, committed: transaction.state === 'PrepareCommit' }
    for (const [name, { topic, partition }] of partitions)
      if (!late.has(name) && this.targets.mark(topic, partition, marker)) partitions.delete(name)
    for (const group of groups) {
      if (late.has(groupTarget(group))) continue
      this.targets.endOffsets(group, marker)
      groups.delete(group)
    }
    if (partitions.size === 0 && groups.size === 0) this.completed(transaction)
  }

  private completed(transaction: Transaction): void {
    transaction.complete()
    this.keep(transaction)
  }
}

/** No topic has a space in its name. */
const groupTarget = (group: string) => `group ${group}`

const refused = (errorCode: number): ProducerGiven => ({ errorCode, producerId: -1, producerEpoch: -1 })
