import { performance } from 'node:perf_hooks'
import type { CommittedOffset, Ledger, Membership, Output, StartOffset, WrittenOffsets } from '../../ledger'
import type { TopicPartition } from '../../source'
import { markOffsets } from '../group/committer-mark'
import { proveMembership } from '../group/prove-membership'
import { initIdempotentProducer } from '../group/stable-offsets'
import { offsetCommit } from '../protocol/offsets'
import type { ProducerIdentity } from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { ConnectionError } from '../wire/kafka-errors'
import { ledgerError, spentError } from './ledger-errors'
import { proveMember } from './prove-member'
import { RecordSender } from './record-sender'
import { committedFor, nothingCommitted } from './start-offsets'

export interface PlainLedgerOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /** A commit that takes longer fails (10,000 ms). */
  readonly commitTimeoutMs?: number
}

/** At least once: outputs first, by an idempotent producer, then the offsets. A crash between them repeats outputs. */
export async function openPlainLedger(
  options: PlainLedgerOptions,
  member: Membership,
  partitions: readonly TopicPartition[],
): Promise<Ledger> {
  const { cluster, groupId, commitTimeoutMs: timeoutMs = 10_000 } = options
  const lane = `plain-${++ledgers}`
  const group = new CoordinatorClient(cluster, 'group', groupId, lane)
  try {
    await proveMembership(group, member, performance.now() + timeoutMs)
    const id = await initIdempotentProducer(cluster)
    const ledger = new PlainLedger({ cluster, lane, group, timeoutMs, id }, member)
    await ledger.takeOver(partitions)
    return ledger
  } catch (error) {
    await cluster.closeLane(lane)
    throw ledgerError(error, `taking over ${partitions.length} partitions of ${groupId}`, false)
  }
}

/** What a ledger needs to commit. */
interface PlainLedgerParts {
  readonly cluster: Cluster
  /** The name of its connections. */
  readonly lane: string
  readonly group: CoordinatorClient
  readonly timeoutMs: number
  readonly id: ProducerIdentity
}

let ledgers = 0

class PlainLedger implements Ledger {
  private committed = nothingCommitted
  private readonly sender: RecordSender
  private spent = false

  constructor(
    private readonly parts: PlainLedgerParts,
    private member: Membership,
  ) {
    const { cluster, lane, timeoutMs } = parts
    this.sender = new RecordSender(cluster, `${lane}-produce`, { acks: -1, timeoutMs })
  }

  get starts(): readonly StartOffset[] {
    return this.committed.starts
  }

  async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]): Promise<WrittenOffsets> {
    if (this.spent) throw spentError()
    const { member } = this
    const { topicIds } = this.committed
    const { id, group, timeoutMs } = this.parts
    const deadline = performance.now() + timeoutMs
    let lost = false
    try {
      const sent = await this.sender.send(id, outputs, deadline)
      if (offsets.length === 0) return sent
      const onLost = () => {
        lost = true
      }
      const marked = markOffsets(offsets, undefined, ({ topic }) => topicIds.get(topic))
      const request = offsetCommit(member, marked)
      await group.call(request, answer => answer, { deadline, onLost })
      return sent
    } catch (error) {
      this.spent = true
      throw ledgerError(error, `commit of ${member.groupId}`, lost && error instanceof ConnectionError)
    }
  }

  async renew(member: Membership, partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]> {
    if (this.spent) throw spentError()
    this.member = member
    try {
      await this.takeOver(partitions)
      return this.starts
    } catch (error) {
      this.spent = true
      throw ledgerError(error, `going on with ${partitions.length} partitions of ${member.groupId}`, false)
    }
  }

  prove(): Promise<void> {
    return proveMember(this.parts, this.member)
  }

  /** Finds what is committed, once nothing of a former owner is under way. */
  async takeOver(partitions: readonly TopicPartition[]): Promise<void> {
    const { parts, member } = this
    this.committed = await committedFor(parts, member, partitions)
    await proveMembership(parts.group, member, performance.now() + parts.timeoutMs)
  }

  async close(): Promise<void> {
    this.spent = true
    const { cluster, lane } = this.parts
    await Promise.all([cluster.closeLane(lane), cluster.closeLane(`${lane}-produce`)])
  }
}
