import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActiveProducer } from '../protocol/describe-producers'
import { describeTransactions, type TransactionDescription } from '../protocol/describe-transactions'
import { cureOf } from '../protocol/error-codes'
import { type ListedTransaction, listTransactions } from '../protocol/list-transactions'
import { initProducerId, type TransactionalIdentity } from '../protocol/transactions'
import type { Cluster, Lane } from '../wire/cluster'
import { CoordinatorClient } from '../wire/coordinator-client'
import { isRetriable, KafkaError } from '../wire/kafka-errors'

/** The markers of the last transaction are being written, most often: a matter of milliseconds. */
const PAUSE_MS = 5
const PATIENCE_MS = 1_000
/** By so much the clocks of two brokers may differ: less than what lies between the transactions of a worker (`COMMIT_INTERVAL_MS`). */
const CLOCKS_MS = 100

/** How a producer's last transaction was decided, as its coordinator said. */
export interface TransactionEnd {
  readonly producerId: number
  /** One more than the transaction's own where the coordinator has aborted it by itself. */
  readonly epoch: number
  readonly committed: boolean
  /** When it began, by the coordinator's clock, ms. */
  readonly startedAt: number
}

/** A producer id whose holder has been given a new epoch. */
export interface PastProducer {
  readonly transactionalId: string
  /** Its transactions of lower epochs are over: a coordinator gives a new epoch only after that. */
  readonly below: number
  /** How the last of them was decided; undefined where the coordinator had forgotten it when it was asked. */
  readonly end: TransactionEnd | undefined
}

/** What one client of a cluster has learnt. A new ledger begins after a failure: it is kept beyond that. */
interface Noted {
  readonly producers: Map<number, PastProducer>
  /** Ends by transactional id, as they were found before a new epoch was asked for. */
  readonly asked: Map<string, TransactionEnd>
}
const notes = new WeakMap<Cluster, Noted>()

function noted(cluster: Cluster): Noted {
  const found = notes.get(cluster) ?? { producers: new Map(), asked: new Map() }
  notes.set(cluster, found)
  return found
}

export const pastProducer = (cluster: Cluster, producerId: number): PastProducer | undefined =>
  noted(cluster).producers.get(producerId)

/**
 * InitProducerId until a former holder's transaction has been ended, and before it the question how: a new epoch makes the coordinator forget it,
 * and a marker that has got lost can't be written then any more.
 */
export async function takeProducer(
  cluster: Cluster,
  lane: Lane,
  transactionalId: string,
  timeoutMs: number,
): Promise<TransactionalIdentity> {
  const coordinator = new CoordinatorClient(cluster, 'transaction', transactionalId, lane)
  const deadline = performance.now() + timeoutMs
  const request = initProducerId(transactionalId, timeoutMs)
  const { asked } = noted(cluster)
  while (true) {
    const found = await describe(coordinator, transactionalId, deadline)
    const end = found === undefined ? undefined : (decisionOf(found) ?? stillTrue(asked.get(transactionalId), found))
    // An answer that gets lost has made the coordinator forget all the same.
    if (end === undefined) asked.delete(transactionalId)
    else asked.set(transactionalId, end)
    try {
      // Once: each attempt may end a transaction, of which the coordinator is asked before the next.
      const { producerId, epoch } = await coordinator.call(request, answer => [answer], { deadline: performance.now() })
      remember(cluster, { transactionalId, producerId, epoch }, end)
      return { transactionalId, producerId, epoch }
    } catch (error) {
      if (!isRetriable(error) || performance.now() + PAUSE_MS > deadline) throw error
    }
    await sleep(PAUSE_MS)
  }
}

/** What was learnt of an end before, unless another transaction has begun since under its epoch. */
function stillTrue(end: TransactionEnd | undefined, { producerId, epoch }: TransactionDescription) {
  return end?.producerId === producerId && end.epoch === epoch ? undefined : end
}

/**
 * The producer, where a coordinator says that no transaction of it is under way: what is open since before the question, and after it still, hangs.
 * Nobody is fenced for it. Undefined where one is under way, or no coordinator knows the producer, or this user may not see it.
 */
export async function idleProducer(cluster: Cluster, producerId: number): Promise<PastProducer | undefined> {
  const [listed] = await listedOf(cluster, producerId)
  if (listed === undefined) return undefined
  const { transactionalId } = listed
  const coordinator = new CoordinatorClient(cluster, 'transaction', transactionalId, 'main')
  const request = describeTransactions([transactionalId])
  const [found] = await coordinator.call(request, answer => answer, { deadline: performance.now() + PATIENCE_MS })
  if (found === undefined || !/^(?:Empty|Complete)/.test(found.state)) return undefined
  return { transactionalId, below: Number.POSITIVE_INFINITY, end: decisionOf(found) }
}

/** Which node coordinates it isn't known before its id is: all are asked at once, and none that says nothing is waited for. */
async function listedOf(cluster: Cluster, producerId: number): Promise<ListedTransaction[]> {
  const ask = async (node: number) => {
    const { errorCode, transactions } = await cluster.send(node, listTransactions([producerId]))
    return errorCode === 0 ? transactions : []
  }
  const nodes = await cluster.nodes()
  const answers = nodes.map(node => Promise.race([ask(node).catch(() => []), sleep(PATIENCE_MS, [], { ref: false })]))
  return (await Promise.all(answers)).flat()
}

/** How the transaction was decided that hangs in offsets; undefined where that isn't known for certain. */
export function endOf({ end }: PastProducer, hanging: ActiveProducer): TransactionEnd | undefined {
  if (end === undefined) return undefined
  const isItsTime = end.startedAt >= 0 && end.startedAt <= hanging.lastTimestamp + CLOCKS_MS
  return isItsTime && isItsEpoch(end, hanging) ? end : undefined
}

/** Whether the end may be of the transaction, by its epoch alone. */
export const isItsEpoch = (end: TransactionEnd, { epoch }: ActiveProducer): boolean =>
  end.epoch === epoch || (!end.committed && end.epoch === epoch + 1)

/** Undefined where the id is new, or nobody may know: that stops no one who doesn't need it. */
async function describe(
  coordinator: CoordinatorClient,
  transactionalId: string,
  deadline: number,
): Promise<TransactionDescription | undefined> {
  try {
    const [found] = await coordinator.call(describeTransactions([transactionalId]), answer => answer, { deadline })
    return found
  } catch (error) {
    if (error instanceof KafkaError && ['rights', 'never'].includes(cureOf(error.code))) return undefined
    throw error
  }
}

function decisionOf({ state, producerId, epoch, startedAt }: TransactionDescription): TransactionEnd | undefined {
  const decided = /^(?:Prepare|Complete)(Commit|Abort)$/.exec(state)
  return decided === null ? undefined : { producerId, epoch, committed: decided[1] === 'Commit', startedAt }
}

function remember(cluster: Cluster, given: TransactionalIdentity, end: TransactionEnd | undefined): void {
  const { producers } = noted(cluster)
  const { transactionalId, producerId, epoch: below } = given
  producers.set(producerId, { transactionalId, below, end: producers.get(producerId)?.end })
  if (end === undefined) return
  // Whoever has used up the epochs of a producer id is given another.
  const isSame = end.producerId === producerId
  producers.set(end.producerId, { transactionalId, below: isSame ? below : Number.POSITIVE_INFINITY, end })
}
