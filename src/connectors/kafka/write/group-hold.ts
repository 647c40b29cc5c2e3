import { performance } from 'node:perf_hooks'
import { FencedError, StreamError } from '../../../errors'
import { transactionalId } from '../../../names'
import type { GroupHold } from '../../group-hold'
import type { CommittedOffset, Membership, Output } from '../../ledger'
import { markOffsets } from '../group/committer-mark'
import { encodeSubscription } from '../group/group-assignment'
import { GroupProtocol, MemberLostError } from '../group/group-protocol'
import { initProducer } from '../group/stable-offsets'
import { addOffsetsToTxn, endTxn, type TransactionalIdentity, txnOffsetCommit } from '../protocol/transactions'
import type { Cluster } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { ledgerError } from './ledger-errors'
import { RecordSender } from './record-sender'
import { idsOf } from './start-offsets'
import { TransactionSender } from './transaction-sender'

const lane = 'group-hold'
/** How long a worker that joins has to wait for the holder, ms: it has none of the group's work to finish. */
const rebalanceTimeoutMs = 60_000
const heartbeatMs = 1_000
/** The most that a broker takes by default (`transaction.max.timeout.ms`). */
const transactionTimeoutMs = 900_000
const answerTimeoutMs = 30_000

export interface GroupHoldOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /** The assignor of the group's workers: members of one group have one in common. */
  readonly assignor: string
  /** A holder that was killed is forgotten after so long. */
  readonly sessionTimeoutMs: number
}

/** Joins the group as its only member. Throws FencedError when others are in it. */
export async function holdGroup({
  cluster,
  groupId,
  assignor,
  sessionTimeoutMs,
}: GroupHoldOptions): Promise<GroupHold> {
  const protocol = new GroupProtocol(cluster, groupId, { sessionTimeoutMs, rebalanceTimeoutMs })
  try {
    const { membership, members } = await protocol.join(assignor, encodeSubscription([], Buffer.alloc(0)))
    if (members.length !== 1) throw new FencedError(`group ${groupId} has other members: stop them, and do it again`)
    await protocol.sync(membership, new Map())
    // One id for all who hold the group: a new one ends what the last one left open.
    const id = await initProducer(cluster, lane, transactionalId(groupId, 'hold'), transactionTimeoutMs)
    return new KafkaGroupHold(cluster, protocol, membership, id)
  } catch (error) {
    await protocol.leave()
    await protocol.close()
    throw error instanceof StreamError ? error : ledgerError(error, `holding group ${groupId}`, false)
  }
}

class KafkaGroupHold implements GroupHold {
  private readonly transaction: CoordinatorClient
  private readonly group: CoordinatorClient
  private readonly sender: TransactionSender
  private readonly beating: NodeJS.Timeout
  private lost: Error | undefined

  constructor(
    private readonly cluster: Cluster,
    private readonly protocol: GroupProtocol,
    private readonly membership: Membership,
    private readonly id: TransactionalIdentity,
  ) {
    this.transaction = new CoordinatorClient(cluster, 'transaction', id.transactionalId, lane)
    this.group = new CoordinatorClient(cluster, 'group', membership.groupId, lane)
    const records = new RecordSender(cluster, `${lane}-produce`, { acks: -1, timeoutMs: answerTimeoutMs })
    this.sender = new TransactionSender(id, this.transaction, records)
    this.beating = setInterval(() => void this.beat(), heartbeatMs)
  }

  send(outputs: readonly Output[]): Promise<void> {
    return this.guarded(deadline => this.sender.send(outputs, deadline))
  }

  commit(offsets: readonly CommittedOffset[]): Promise<void> {
    let ending = false
    const isInDoubt = () => ending
    return this.guarded(async deadline => {
      if (offsets.length > 0) {
        const { cluster, id, membership } = this
        const ids = await idsOf(cluster, offsets)
        const marked = markOffsets(offsets, id.transactionalId, ({ topic }) => ids.get(topic))
        await this.transaction.call(addOffsetsToTxn(id, membership.groupId), answer => [answer], { deadline })
        await this.group.call(txnOffsetCommit(id, membership, marked), answer => answer, { deadline })
      }
      if (await this.protocol.heartbeat(this.membership)) throw this.joined()
      ending = true
      await this.transaction.call(endTxn(this.id, true), answer => [answer], { deadline })
      this.sender.ended()
    }, isInDoubt)
  }

  async release(): Promise<void> {
    clearInterval(this.beating)
    try {
      // A new epoch is given once nothing of the last transaction is open or under way.
      await initProducer(this.cluster, lane, this.id.transactionalId, answerTimeoutMs)
    } finally {
      await this.protocol.leave()
      await this.protocol.close()
      await this.cluster.closeLane(lane)
      await this.cluster.closeLane(`${lane}-produce`)
    }
  }

  private async guarded(work: (deadline: number) => Promise<void>, isInDoubt = () => false): Promise<void> {
    const what = `work on the state of group ${this.membership.groupId}`
    try {
      if (this.lost !== undefined) throw this.lost
      await work(performance.now() + answerTimeoutMs)
    } catch (error) {
      throw error instanceof StreamError ? error : ledgerError(error, what, isInDoubt())
    }
  }

  private async beat(): Promise<void> {
    try {
      if (await this.protocol.heartbeat(this.membership)) this.lost ??= this.joined()
    } catch (error) {
      // A coordinator that is away for a moment is asked again; the commit is what it has to let pass.
      if (error instanceof MemberLostError) this.lost ??= new FencedError(error.message, { cause: error })
    }
  }

  private joined(): FencedError {
    return new FencedError(
      `a worker joins group ${this.membership.groupId}, so nothing was moved: stop it, and do it again`,
    )
  }
}
