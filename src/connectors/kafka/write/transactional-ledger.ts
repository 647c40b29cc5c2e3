import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { UnavailableError } from '../../../errors'
import { transactionalId } from '../../../names'
import { required } from '../../../required'
import type { CommittedOffset, Ledger, Membership, Output, StartOffset, WrittenOffsets } from '../../ledger'
import type { TopicPartition } from '../../source'
import { markOffsets } from '../group/committer-mark'
import { proveMembership } from '../group/prove-membership'
import { initProducer, type StableOffset, stableOffsets } from '../group/stable-offsets'
import { cureOf } from '../protocol/error-codes'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  type TransactionalIdentity,
  txnOffsetCommit,
} from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { ConnectionError, KafkaError } from '../wire/kafka-errors'
import { ledgerError } from './ledger-errors'
import { RecordSender } from './record-sender'
import { idsOf, startOffsets } from './start-offsets'

export interface TransactionalLedgerOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /**
   * Give the ledgers that one worker opens after each other the same id: the next one then ends what the last one left
   * open. `<group>-<random>` by default; two workers alive at once must never share one.
   */
  readonly transactionalId?: string
  /** After so long the broker aborts a transaction by itself (10,000 ms). */
  readonly transactionTimeoutMs?: number
}

/** Exactly once (KIP-98, KIP-447): one producer for all tasks of a worker, fenced by the group's generation. */
export function createTransactionalLedger(options: TransactionalLedgerOptions): Ledger {
  return new TransactionalLedger(options)
}

/** An id for the ledgers of one worker. */
export function newTransactionalId(groupId: string): string {
  return transactionalId(groupId, randomUUID())
}

/** What `open` has made sure of. */
interface Opened {
  readonly id: TransactionalIdentity
  readonly member: Membership
  readonly topicIds: ReadonlyMap<string, string>
}

let ledgers = 0

class TransactionalLedger implements Ledger {
  private readonly lane = `ledger-${++ledgers}`
  private readonly transactionalId: string
  private readonly timeoutMs: number
  private readonly transaction: CoordinatorClient
  private readonly group: CoordinatorClient
  private readonly sender: RecordSender
  private opened: Opened | undefined
  private spent = false

  constructor(private readonly options: TransactionalLedgerOptions) {
    const { cluster, groupId } = options
    this.transactionalId = options.transactionalId ?? newTransactionalId(groupId)
    this.timeoutMs = options.transactionTimeoutMs ?? 10_000
    this.transaction = new CoordinatorClient(cluster, 'transaction', this.transactionalId, this.lane)
    this.group = new CoordinatorClient(cluster, 'group', groupId, `${this.lane}-group`)
    this.sender = new RecordSender(cluster, `${this.lane}-produce`, { acks: -1, timeoutMs: this.timeoutMs })
  }

  async open(membership: Membership, partitions: readonly TopicPartition[]): Promise<StartOffset[]> {
    this.usable()
    const { cluster } = this.options
    const { transactionalId, timeoutMs } = this
    try {
      await proveMembership(this.group, membership, performance.now() + timeoutMs)
      const id = this.opened?.id ?? (await initProducer(cluster, this.lane, transactionalId, timeoutMs))
      const topicIds = await idsOf(cluster, partitions)
      const opened = { id, member: membership, topicIds }
      const found = await stableOffsets(
        { cluster, group: this.group, lane: this.lane, timeoutMs },
        membership,
        partitions,
      )
      await this.claim(opened, found)
      this.opened = opened
      return startOffsets(found, topicIds)
    } catch (error) {
      this.spent = true
      throw ledgerError(error, `taking over ${partitions.length} partitions of ${membership.groupId}`, false)
    }
  }

  async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]): Promise<WrittenOffsets> {
    this.usable()
    const written = outputs.filter(output => output.records.length > 0)
    if (offsets.length === 0 && written.length === 0) return []
    const opened = required(this.opened, 'the call of open before commit')
    let ending = false
    let lost = false
    const deadline = performance.now() + this.timeoutMs * 0.9
    try {
      await this.begin(opened, written, offsets.length > 0, deadline)
      const sent = await this.write(opened, written, offsets, deadline)
      ending = true
      await this.end(opened, true, deadline, () => {
        lost = true
      })
      return sent
    } catch (error) {
      this.spent = true
      // What the broker refused for certain is given up at once, so that nobody waits; after silence the next open decides.
      if (!lost && !(error instanceof ConnectionError)) await this.end(opened, false, performance.now()).catch(() => {})
      const timedOut = ending && (lost || error instanceof ConnectionError)
      throw ledgerError(await this.proven(opened, error), `transaction of ${this.options.groupId}`, timedOut)
    }
  }

  async close(): Promise<void> {
    this.spent = true
    const { cluster } = this.options
    await Promise.all([
      cluster.closeLane(this.lane),
      cluster.closeLane(`${this.lane}-group`),
      cluster.closeLane(`${this.lane}-produce`),
    ])
  }

  /** Both requests go to the same coordinator over one connection: one round trip. */
  private async begin(
    { id }: Opened,
    outputs: readonly Output[],
    withOffsets: boolean,
    deadline: number,
  ): Promise<void> {
    const { transaction } = this
    const calls: Promise<unknown>[] = []
    if (outputs.length > 0) {
      const request = addPartitionsToTxn(id, distinct(outputs))
      calls.push(transaction.call(request, answer => answer, { deadline }))
    }
    if (withOffsets) {
      const request = addOffsetsToTxn(id, this.options.groupId)
      calls.push(transaction.call(request, answer => [answer], { deadline }))
    }
    await allOrFirstFailure(calls)
  }

  private async write(
    { id, member, topicIds }: Opened,
    outputs: readonly Output[],
    offsets: readonly (CommittedOffset & { readonly topicId?: string | undefined })[],
    deadline: number,
  ): Promise<WrittenOffsets> {
    const sending = outputs.length > 0 ? this.sender.send(id, outputs, deadline) : Promise.resolve([])
    const calls: Promise<unknown>[] = [sending]
    if (offsets.length > 0) {
      const topicIdOf = (each: (typeof offsets)[number]) => each.topicId ?? topicIds.get(each.topic)
      const marked = markOffsets(offsets, this.transactionalId, topicIdOf)
      const request = txnOffsetCommit(id, member, marked)
      calls.push(this.group.call(request, answer => answer, { deadline }))
    }
    await allOrFirstFailure(calls)
    return sending
  }

  private async end({ id }: Opened, commit: boolean, deadline: number, onLost?: () => void): Promise<void> {
    const options = onLost === undefined ? { deadline } : { deadline, onLost }
    await this.transaction.call(endTxn(id, commit), answer => [answer], options)
  }

  /**
   * Puts our name on offsets that another committed, so that whoever follows us knows whom to fence from the first
   * transaction on; it fails where our generation has passed.
   */
  private async claim(opened: Opened, found: readonly StableOffset[]): Promise<void> {
    const foreign = found.filter(each => each.offset >= 0 && each.committer !== this.transactionalId)
    const deadline = performance.now() + this.timeoutMs * 0.9
    if (foreign.length === 0) {
      await proveMembership(this.group, opened.member, deadline)
      return
    }
    try {
      await this.begin(opened, [], true, deadline)
      await this.write(opened, [], foreign, deadline)
      await this.end(opened, true, deadline)
    } catch (error) {
      if (!(error instanceof ConnectionError)) await this.end(opened, false, performance.now()).catch(() => {})
      throw error
    }
  }

  /** The broker ends a transaction that takes too long by the same epoch as a new owner would: the group says which it was. */
  private async proven({ member }: Opened, error: unknown): Promise<unknown> {
    const { timeoutMs } = this
    if (!(error instanceof KafkaError) || cureOf(error.code) !== 'epoch') return error
    try {
      await proveMembership(this.group, member, performance.now() + timeoutMs / 2)
    } catch (lost) {
      return lost
    }
    return error
  }

  private usable(): void {
    if (this.spent) throw new UnavailableError('the ledger is spent after an error: open a new one')
  }
}

function distinct(outputs: readonly Output[]): TopicPartition[] {
  const seen = new Map<string, TopicPartition>()
  for (const { topic, partition } of outputs) seen.set(`${topic}-${partition}`, { topic, partition })
  return [...seen.values()]
}

/** Waits for all even when one fails: nothing of the transaction may still be under way when it is aborted. */
async function allOrFirstFailure(calls: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(calls)
  const failures = settled.flatMap(each => (each.status === 'rejected' ? [each.reason as unknown] : []))
  if (failures.length > 0) throw failures.find(each => each instanceof ConnectionError) ?? failures[0]
}
