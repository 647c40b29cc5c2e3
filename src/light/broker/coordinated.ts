import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { CoordinatorKind } from '../cluster/coordinators'
import type { Call } from './serve'

/** 0 where the node is in charge of the group, else the error code. */
export function notGroupCoordinator(groupId: string, { cluster, node }: Call): number {
  return cluster.coordinators.nodeOf(CoordinatorKind.GROUP, groupId) === node ? 0 : ErrorCode.NOT_COORDINATOR
}

/** 0 where the node is in charge of the transactional id, else the error code. */
export function notTransactionCoordinator(transactionalId: string, { cluster, node }: Call): number {
  const isHere = cluster.coordinators.nodeOf(CoordinatorKind.TRANSACTION, transactionalId) === node
  return isHere ? 0 : ErrorCode.NOT_COORDINATOR
}
