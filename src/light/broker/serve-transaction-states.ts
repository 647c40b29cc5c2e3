import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { OFFSETS_TOPIC } from '../../connectors/kafka/protocol/offsets'
import { describeProducers } from '../messages/describe-producers'
import { describeTransactions } from '../messages/describe-transactions'
import { listTransactions } from '../messages/list-transactions'
import type { Transaction } from '../transactions/transaction'
import { notTransactionCoordinator } from './coordinated'
import { ledPartition } from './led-partition'
import { type Call, serve } from './serve'

const STATES = ['Empty', 'Ongoing', 'PrepareCommit', 'PrepareAbort', 'CompleteCommit', 'CompleteAbort']

export const serveDescribeProducers = serve(describeProducers, ({ topics }, call) => ({
  topics: topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(partitionIndex => {
      if (name === OFFSETS_TOPIC) return { partitionIndex, errorCode: 0, activeProducers: noting(partitionIndex, call) }
      const found = ledPartition(call.cluster.topics.get(name), partitionIndex, call)
      if (typeof found === 'number') return { partitionIndex, errorCode: found, activeProducers: [] }
      const activeProducers = [...found.log.producers.all()].map(each => ({
        ...{ producerId: each.producerId, producerEpoch: each.epoch, lastTimestamp: each.lastTimestamp },
        lastSequence: each.batches.at(-1)?.lastSequence ?? -1,
        coordinatorEpoch: each.coordinatorEpoch,
        currentTxnStartOffset: each.openSince ?? -1,
      }))
      return { partitionIndex, errorCode: 0, activeProducers }
    }),
  })),
}))

/** Whose transactions are going to note positions of groups that Kafka would keep there. */
function noting(slot: number, { cluster }: Call) {
  const groups = cluster.groups.all().filter(({ id }) => cluster.coordinators.slotOf(id) === slot)
  return groups.flatMap(({ offsets }) =>
    [...offsets.allPending()].map(({ producerId, epoch: producerEpoch, lastTimestamp, since }) => ({
      ...{ producerId, producerEpoch, lastTimestamp, coordinatorEpoch: -1, currentTxnStartOffset: since },
    })),
  )
}

export const serveDescribeTransactions = serve(describeTransactions, ({ transactionalIds }, call) => ({
  transactionStates: transactionalIds.map(transactionalId => {
    const refused = notTransactionCoordinator(transactionalId, call)
    const found = call.cluster.transactions.get(transactionalId)
    const errorCode = refused || (found === undefined ? ErrorCode.TRANSACTIONAL_ID_NOT_FOUND : 0)
    return {
      ...{ errorCode, transactionalId, transactionState: found?.state ?? '' },
      transactionTimeoutMs: found?.timeoutMs ?? 0,
      transactionStartTimeMs: found?.startedAt ?? -1,
      producerId: found?.producerId ?? -1,
      producerEpoch: found?.epoch ?? -1,
      topics: found === undefined ? [] : topicsOf(found, call),
    }
  }),
}))

function topicsOf({ partitions, groups }: Transaction, { cluster }: Call): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>()
  const add = (topic: string, partition: number) => topics.set(topic, [...(topics.get(topic) ?? []), partition])
  for (const { topic, partition } of partitions.values()) add(topic, partition)
  for (const group of groups) add(OFFSETS_TOPIC, cluster.coordinators.slotOf(group))
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}

export const serveListTransactions = serve(listTransactions, (request, call) => {
  const { stateFilters, producerIdFilters, durationFilter } = request
  const now = call.cluster.clock.now()
  const found = call.cluster.transactions
    .all()
    .filter(
      ({ id, state, producerId, startedAt }) =>
        notTransactionCoordinator(id, call) === 0 &&
        (stateFilters.length === 0 || stateFilters.includes(state)) &&
        (producerIdFilters.length === 0 || producerIdFilters.includes(producerId)) &&
        (durationFilter < 0 || (startedAt >= 0 && now - startedAt > durationFilter)),
    )
  const states = found.map(({ id: transactionalId, producerId, state: transactionState }) => ({
    ...{ transactionalId, producerId, transactionState },
  }))
  return {
    errorCode: 0,
    unknownStateFilters: stateFilters.filter(state => !STATES.includes(state)),
    transactionStates: states,
  }
})
