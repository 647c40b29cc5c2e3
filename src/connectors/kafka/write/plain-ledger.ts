import { performance } from 'node:perf_hooks'
import { UnavailableError } from '../../../errors'
import { required } from '../../../required'
import type { CommittedOffset, Ledger, Membership, Output, StartOffset, WrittenOffsets } from '../../ledger'
import type { TopicPartition } from '../../source'
import { markOffsets } from '../group/committer-mark'
import { proveMembership } from '../group/prove-membership'
import { initIdempotentProducer, stableOffsets } from '../group/stable-offsets'
import { offsetCommit } from '../protocol/offsets'
import type { ProducerIdentity } from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { ConnectionError } from '../wire/kafka-errors'
import { ledgerError } from './ledger-errors'
import { RecordSender } from './record-sender'
import { idsOf, startOffsets } from './start-offsets'

export interface PlainLedgerOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /** A commit that takes longer fails (10,000 ms). */
  readonly commitTimeoutMs?: number
}

/** At least once: outputs first, by an idempotent producer, then the offsets. A crash between them repeats outputs. */
export function createPlainLedger(options: PlainLedgerOptions): Ledger {
  return new PlainLedger(options)
}

/** What `open` has made sure of. */
interface Opened {
  readonly id: ProducerIdentity
  readonly member: Membership
  readonly topicIds: ReadonlyMap<string, string>
}

let ledgers = 0

class PlainLedger implements Ledger {
  private readonly lane = `plain-${++ledgers}`
  private readonly timeoutMs: number
  private readonly group: CoordinatorClient
  private readonly sender: RecordSender
  private opened: Opened | undefined
  private spent = false

  constructor(private readonly options: PlainLedgerOptions) {
    const { cluster, groupId } = options
    this.timeoutMs = options.commitTimeoutMs ?? 10_000
    this.group = new CoordinatorClient(cluster, 'group', groupId, this.lane)
    this.sender = new RecordSender(cluster, `${this.lane}-produce`, { acks: -1, timeoutMs: this.timeoutMs })
  }

  async open(membership: Membership, partitions: readonly TopicPartition[]): Promise<StartOffset[]> {
    this.usable()
    const { cluster } = this.options
    const { lane, timeoutMs, group } = this
    try {
      await proveMembership(group, membership, performance.now() + timeoutMs)
      const id = this.opened?.id ?? (await initIdempotentProducer(cluster))
      const topicIds = await idsOf(cluster, partitions)
      const found = await stableOffsets({ cluster, group, lane, timeoutMs }, membership, partitions)
      await proveMembership(group, membership, performance.now() + timeoutMs)
      this.opened = { id, member: membership, topicIds }
      return startOffsets(found, topicIds)
    } catch (error) {
      this.spent = true
      throw ledgerError(error, `taking over ${partitions.length} partitions of ${membership.groupId}`, false)
    }
  }

  async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]): Promise<WrittenOffsets> {
    this.usable()
    const { id, member, topicIds } = required(this.opened, 'the call of open before commit')
    const deadline = performance.now() + this.timeoutMs
    let lost = false
    try {
      const sent = await this.sender.send(id, outputs, deadline)
      if (offsets.length === 0) return sent
      const onLost = () => {
        lost = true
      }
      const marked = markOffsets(offsets, undefined, ({ topic }) => topicIds.get(topic))
      const request = offsetCommit(member, marked)
      await this.group.call(request, answer => answer, { deadline, onLost })
      return sent
    } catch (error) {
      this.spent = true
      throw ledgerError(error, `commit of ${this.options.groupId}`, lost && error instanceof ConnectionError)
    }
  }

  async close(): Promise<void> {
    this.spent = true
    await this.options.cluster.closeLane(this.lane)
    await this.options.cluster.closeLane(`${this.lane}-produce`)
  }

  private usable(): void {
    if (this.spent) throw new UnavailableError('the ledger is spent after an error: open a new one')
  }
}
