import { UnfitError } from '../../../errors'
import { log } from '../../../log'
import type { TopicPartition } from '../../source'
import type { ActiveProducer } from '../protocol/describe-producers'
import { ErrorCode } from '../protocol/error-codes'
import { OFFSETS_TOPIC } from '../protocol/offsets'
import { writeTxnMarkers } from '../protocol/write-txn-markers'
import type { Cluster } from '../wire/cluster'
import { ConnectionError, check, KafkaError } from '../wire/kafka-errors'
import { retrying } from '../wire/retrying'
import { howToAbort, howToFind, nameOf, whatHangs } from './hanging-words'
import { javaHash } from './java-hash'
import { openProducers, writablePartitions } from './open-producers'
import {
  endOf,
  idleProducer,
  isItsEpoch,
  type PastProducer,
  pastProducer,
  type TransactionEnd,
} from './transaction-ends'

/** Of a producer that has no marker in the partition yet. */
const FIRST_COORDINATOR_EPOCH = 0
const MARKING_MS = 5_000

/**
 * Ends transactions that hang in a group's offsets (KIP-664): for their coordinator they are over, and their marker has got lost, as Kafka loses those
 * of partitions that have no leader when it decides. The marker is written in the coordinator's
 * place, the way that it decided, to everything else that hangs of the transaction first.
 *
 * Resolves to what keeps the offsets unstable, where that may still be under way or can't be seen. Throws UnfitError with what has to be done where
 * a transaction hangs and nobody knows how it was decided, or the rights are missing; retriable errors of Kafka.
 */
export async function endHanging(cluster: Cluster, groupId: string): Promise<string | undefined> {
  const at = await offsetsPartition(cluster, groupId)
  if (typeof at === 'string') return at
  const [before] = await openProducers(cluster, [at])
  if (before === undefined || before.isForbidden) return howToFind(cluster, nameOf(at))
  const over = await overOf(cluster, before.open)
  const waiting: string[] = []
  // What was open before, is so still, and is over, is no transaction that has just begun.
  for (const hanging of (await openProducers(cluster, [at]))[0]?.open ?? []) {
    const past = over.get(keyOf(hanging))
    if (past === undefined) waiting.push(whatHangs(at, hanging))
    else await endAll(cluster, groupId, { ...hanging, ...at }, endOf(past, hanging))
  }
  return waiting.length === 0 ? undefined : `${waiting.join('; ')}; ${howToFind(cluster, nameOf(at))}`
}

const keyOf = ({ producerId, openSince }: ActiveProducer) => `${producerId} since ${openSince}`

/** The producers whose transactions are over, as far as their coordinators know. */
async function overOf(cluster: Cluster, open: readonly ActiveProducer[]): Promise<Map<string, PastProducer>> {
  const over = new Map<string, PastProducer>()
  for (const each of open) {
    const fenced = pastProducer(cluster, each.producerId)
    const past =
      fenced !== undefined && each.epoch < fenced.below ? fenced : await idleProducer(cluster, each.producerId)
    if (past !== undefined) over.set(keyOf(each), past)
  }
  return over
}

/** Where the group's coordinator keeps its offsets; or why that can't be said. */
async function offsetsPartition(cluster: Cluster, groupId: string): Promise<TopicPartition | string> {
  const [topic] = await cluster.metadata([OFFSETS_TOPIC])
  if (topic?.errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED) return howToFind(cluster, OFFSETS_TOPIC)
  check(topic?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, OFFSETS_TOPIC)
  return { topic: OFFSETS_TOPIC, partition: javaHash(groupId) % (topic?.partitions.length ?? 1) }
}

type Hanging = ActiveProducer & TopicPartition

async function endAll(
  cluster: Cluster,
  groupId: string,
  hanging: Hanging,
  end: TransactionEnd | undefined,
): Promise<void> {
  const places = [...(await hangingElsewhere(cluster, groupId, hanging)), hanging]
  const what = `the offsets of group ${groupId} hang: ${whatHangs(hanging, hanging)}, which Kafka has ended without saying so there`
  if (end === undefined) {
    const why = 'how it was decided is no longer known, so that weir writes no marker'
    throw new UnfitError(`${what}; ${why}. ${howToAbort(cluster, places)}`, { service: 'Kafka' })
  }
  await markAll(cluster, what, places, end)
}

/**
 * Ends what still hangs of an aborted transaction of a producer that is going to write on, whether it has noted offsets or not: the marker of its next
 * transaction would commit it. As well as can be seen: nobody who can't look is stopped. Throws UnfitError as `endHanging` does.
 */
export async function endOwnHanging(cluster: Cluster, groupId: string, producerId: number): Promise<void> {
  const { end, below = 0 } = pastProducer(cluster, producerId) ?? {}
  if (end === undefined || end.committed) return
  try {
    const offsets = await offsetsPartition(cluster, groupId)
    const all = await writablePartitions(cluster)
    const places = (await openProducers(cluster, typeof offsets === 'string' ? all : [...all, offsets])).flatMap(
      ({ topic, partition, open }) =>
        open
          .filter(each => each.producerId === producerId && each.epoch < below && isItsEpoch(end, each))
          .map(each => ({ ...each, topic, partition })),
    )
    const [first] = places
    if (first === undefined) return
    const what = `${whatHangs(first, first)}, which Kafka has ended without saying so there`
    await markAll(cluster, what, places, end)
  } catch (error) {
    if (!(error instanceof KafkaError || error instanceof ConnectionError)) throw error
  }
}

/** The last place comes last: while it hangs, whoever comes next tries again what is missing of the others. */
async function markAll(cluster: Cluster, what: string, places: readonly Hanging[], end: TransactionEnd): Promise<void> {
  const how = end.committed ? 'committed' : 'aborted'
  for (const each of places) {
    try {
      await retrying(() => mark(cluster, each, end), MARKING_MS)
    } catch (error) {
      if (!(error instanceof KafkaError) || error.code !== ErrorCode.CLUSTER_AUTHORIZATION_FAILED) throw error
      const right = `it was ${how}, and weir says so there itself as soon as its user has the ACL Alter on the cluster`
      const otherwise = end.committed ? '' : `. ${howToAbort(cluster, places)}`
      throw new UnfitError(`${what}; ${right}${otherwise}`, { service: 'Kafka', cause: error })
    }
  }
  log.warn({ places: places.map(nameOf) }, `${what}: it was ${how}, which stands there now`)
}

/** Where else the transaction hangs. Throws UnfitError where that can't be seen of a partition that it may have written to. */
async function hangingElsewhere(cluster: Cluster, groupId: string, hanging: Hanging): Promise<Hanging[]> {
  const found: Hanging[] = []
  for (const { topic, partition, isForbidden, open } of await openProducers(
    cluster,
    await writablePartitions(cluster),
  )) {
    if (isForbidden) {
      const why = `a transaction hangs in the offsets of group ${groupId}, and may hang in ${topic} too: weir's user needs the ACL Read on ${topic} to see that`
      throw new UnfitError(why, { service: 'Kafka' })
    }
    for (const each of open)
      if (each.producerId === hanging.producerId && each.epoch === hanging.epoch)
        found.push({ ...each, topic, partition })
  }
  return found
}

async function mark(cluster: Cluster, at: Hanging, { epoch, committed }: TransactionEnd): Promise<void> {
  const { topic, partition, producerId } = at
  const coordinatorEpoch = Math.max(at.coordinatorEpoch, FIRST_COORDINATOR_EPOCH)
  const request = writeTxnMarkers({ producerId, epoch, committed, coordinatorEpoch }, [at])
  try {
    const [answer] = await cluster.send(await cluster.leader(topic, partition), request)
    check(answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR, `marker in ${nameOf(at)}`)
  } catch (error) {
    if (error instanceof KafkaError || error instanceof ConnectionError) cluster.forgetTopic(topic)
    throw error
  }
}
