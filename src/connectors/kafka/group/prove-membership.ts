import type { Membership } from '../../ledger'
import { ErrorCode } from '../protocol/error-codes'
import { heartbeat } from '../protocol/membership'
import type { CoordinatorClient } from '../wire/coordinator-client'

/**
 * Resolves when the group's coordinator knows the member in its generation: before that, nobody is fenced in its name. Throws
 * KafkaError (of the cure `fenced` when others have gone on without it) or ConnectionError.
 */
export async function proveMembership(
  group: CoordinatorClient,
  membership: Membership,
  deadline: number,
): Promise<void> {
  // While the group rebalances, its members are still its members.
  const refused = ({ errorCode }: { errorCode: number }) =>
    errorCode === ErrorCode.REBALANCE_IN_PROGRESS ? [] : [{ errorCode }]
  await group.call(heartbeat(membership), refused, { deadline })
}
