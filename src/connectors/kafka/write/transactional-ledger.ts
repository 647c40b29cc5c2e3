import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { transactionalId } from '../../../names'
import type { CommittedOffset, Ledger, Membership, Output, StartOffset, WrittenOffsets } from '../../ledger'
import type { TopicPartition } from '../../source'
import { markOffsets } from '../group/committer-mark'
import { endOwnHanging } from '../group/hanging-offsets'
import { proveMembership } from '../group/prove-membership'
import type { StableOffset } from '../group/stable-offsets'
import { takeProducer } from '../group/transaction-ends'
import { cureOf } from '../protocol/error-codes'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  type TransactionalIdentity,
  txnOffsetCommit,
} from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { type CallOptions, CoordinatorClient } from '../wire/coordinator-client'
import { ConnectionError, KafkaError } from '../wire/kafka-errors'
import { ledgerError, spentError } from './ledger-errors'
import { proveMember } from './prove-member'
import { RecordSender } from './record-sender'
import { committedFor, nothingCommitted } from './start-offsets'

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

/** An id for the ledgers of one worker. */
export function newTransactionalId(groupId: string): string {
  return transactionalId(groupId, randomUUID())
}

/** Exactly once (KIP-98, KIP-447): one producer for all tasks of a worker, fenced by the group's generation. */
export async function openTransactionalLedger(
  options: TransactionalLedgerOptions,
  member: Membership,
  partitions: readonly TopicPartition[],
): Promise<Ledger> {
  const { cluster, groupId, transactionTimeoutMs: timeoutMs = 10_000 } = options
  const transactionalId = options.transactionalId ?? newTransactionalId(groupId)
  const lane = `ledger-${++ledgers}`
  const group = new CoordinatorClient(cluster, 'group', groupId, `${lane}-group`)
  try {
    await proveMembership(group, member, performance.now() + timeoutMs)
    const parts = { cluster, lane, group, timeoutMs }
    const ledger = new TransactionalLedger(parts, await takeId(parts, transactionalId, groupId), member)
    await ledger.takeOver(partitions)
    return ledger
  } catch (error) {
    await closeLanes(cluster, lane)
    throw ledgerError(error, `taking over ${partitions.length} partitions of ${groupId}`, false)
  }
}

/** What a ledger needs to commit. */
interface TransactionalLedgerParts {
  readonly cluster: Cluster
  /** Its connections' names begin with it. */
  readonly lane: string
  readonly group: CoordinatorClient
  readonly timeoutMs: number
}

/** A new epoch, once nothing of the former one is under way. */
async function takeId(
  { cluster, lane, timeoutMs }: TransactionalLedgerParts,
  transactionalId: string,
  groupId: string,
): Promise<TransactionalIdentity> {
  const id = await takeProducer(cluster, lane, transactionalId, timeoutMs)
  await endOwnHanging(cluster, groupId, id.producerId)
  return id
}

let ledgers = 0

class TransactionalLedger implements Ledger {
  private committed = nothingCommitted
  private readonly transaction: CoordinatorClient
  private readonly sender: RecordSender
  private spent = false
  /** A request of this epoch has got no answer. */
  private unanswered = false
  private isCommitting = false

  constructor(
    private readonly parts: TransactionalLedgerParts,
    private id: TransactionalIdentity,
    private member: Membership,
  ) {
    const { cluster, lane, timeoutMs } = parts
    this.transaction = new CoordinatorClient(cluster, 'transaction', id.transactionalId, lane)
    this.sender = new RecordSender(cluster, `${lane}-produce`, { acks: -1, timeoutMs })
  }

  get starts(): readonly StartOffset[] {
    return this.committed.starts
  }

  async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]): Promise<WrittenOffsets> {
    if (this.spent) throw spentError()
    const written = outputs.filter(output => output.records.length > 0)
    if (offsets.length === 0 && written.length === 0) return []
    let ending = false
    let lost = false
    const deadline = this.deadline()
    this.isCommitting = true
    try {
      await this.begin(written, offsets.length > 0, deadline)
      const sent = await this.write(written, offsets, deadline)
      ending = true
      await this.end(true, deadline, () => {
        lost = true
      })
      this.isCommitting = false
      return sent
    } catch (error) {
      this.spent = true
      // What the broker refused for certain is given up at once, so that nobody waits; after silence the next open decides.
      if (!lost && !(error instanceof ConnectionError)) await this.end(false, performance.now()).catch(() => {})
      const timedOut = ending && (lost || error instanceof ConnectionError)
      throw ledgerError(await this.proven(error), `transaction of ${this.member.groupId}`, timedOut)
    }
  }

  async close(): Promise<void> {
    this.spent = true
    await closeLanes(this.parts.cluster, this.parts.lane)
  }

  async renew(member: Membership, partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]> {
    // What a commit under way has written would be committed by the claim, without its offsets.
    if (this.spent || this.isCommitting) throw spentError()
    this.member = member
    try {
      await this.takeOver(partitions)
      return this.starts
    } catch (error) {
      this.spent = true
      throw ledgerError(
        await this.proven(error),
        `going on with ${partitions.length} partitions of ${member.groupId}`,
        false,
      )
    }
  }

  prove(): Promise<void> {
    return proveMember(this.parts, this.member)
  }

  /** Finds what is committed, once nothing of a former owner is under way, and claims it. */
  async takeOver(partitions: readonly TopicPartition[]): Promise<void> {
    this.committed = await committedFor({ ...this.parts, id: this.id }, this.member, partitions)
    await this.claim(this.committed.found)
  }

  /**
   * Puts our name on offsets that another committed, so that whoever follows us knows whom to fence from the first
   * transaction on; it fails where our generation has passed.
   */
  private async claim(found: readonly StableOffset[]): Promise<void> {
    const { member, id } = this
    const { group } = this.parts
    const foreign = found.filter(each => each.offset >= 0 && each.committer !== id.transactionalId)
    const deadline = this.deadline()
    if (foreign.length === 0) {
      await proveMembership(group, member, deadline)
      return
    }
    try {
      await this.begin([], true, deadline)
      await this.write([], foreign, deadline)
      await this.end(true, deadline)
    } catch (error) {
      if (!(error instanceof ConnectionError)) await this.end(false, performance.now()).catch(() => {})
      throw error
    }
  }

  /** Before the broker ends the transaction by itself. */
  private deadline(): number {
    return performance.now() + this.parts.timeoutMs * 0.9
  }

  /**
   * What has got no answer the broker may still get to: the end of the last transaction would end this one, its offsets would go back (KAFKA-17754).
   * It does neither for an epoch that has passed.
   */
  private async outlive(): Promise<void> {
    if (!this.unanswered) return
    this.id = await takeId(this.parts, this.id.transactionalId, this.member.groupId)
    this.sender.reset()
    this.unanswered = false
  }

  private options(deadline: number, onLost?: () => void): CallOptions {
    const lost = () => {
      this.unanswered = true
      onLost?.()
    }
    return { deadline, onLost: lost }
  }

  /** Both requests go to the same coordinator over one connection: one round trip. */
  private async begin(outputs: readonly Output[], withOffsets: boolean, deadline: number): Promise<void> {
    await this.outlive()
    const { transaction, member, id } = this
    const options = this.options(deadline)
    const calls: Promise<unknown>[] = []
    if (outputs.length > 0) {
      const request = addPartitionsToTxn(id, distinct(outputs))
      calls.push(transaction.call(request, answer => answer, options))
    }
    if (withOffsets) {
      const request = addOffsetsToTxn(id, member.groupId)
      calls.push(transaction.call(request, answer => [answer], options))
    }
    await allOrFirstFailure(calls)
  }

  private async write(
    outputs: readonly Output[],
    offsets: readonly (CommittedOffset & { readonly topicId?: string | undefined })[],
    deadline: number,
  ): Promise<WrittenOffsets> {
    const { member, id } = this
    const { topicIds } = this.committed
    const { group } = this.parts
    const sending = outputs.length > 0 ? this.sender.send(id, outputs, deadline) : Promise.resolve([])
    const calls: Promise<unknown>[] = [sending]
    if (offsets.length > 0) {
      const topicIdOf = (each: (typeof offsets)[number]) => each.topicId ?? topicIds.get(each.topic)
      const marked = markOffsets(offsets, id.transactionalId, topicIdOf)
      const request = txnOffsetCommit(id, member, marked)
      calls.push(group.call(request, answer => answer, this.options(deadline)))
    }
    await allOrFirstFailure(calls)
    return sending
  }

  private async end(commit: boolean, deadline: number, onLost?: () => void): Promise<void> {
    await this.transaction.call(endTxn(this.id, commit), answer => [answer], this.options(deadline, onLost))
  }

  /** The broker ends a transaction that takes too long by the same epoch as a new owner would: the group says which it was. */
  private async proven(error: unknown): Promise<unknown> {
    const { member } = this
    const { group, timeoutMs } = this.parts
    if (!(error instanceof KafkaError) || cureOf(error.code) !== 'epoch') return error
    try {
      await proveMembership(group, member, performance.now() + timeoutMs / 2)
    } catch (lost) {
      return lost
    }
    return error
  }
}

async function closeLanes(cluster: Cluster, lane: string): Promise<void> {
  await Promise.all([lane, `${lane}-group`, `${lane}-produce`].map(each => cluster.closeLane(each)))
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
