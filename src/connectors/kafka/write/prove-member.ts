import { performance } from 'node:perf_hooks'
import type { Membership } from '../../ledger'
import { proveMembership } from '../group/prove-membership'
import type { CoordinatorClient } from '../wire/coordinator-client'
import { ledgerError } from './ledger-errors'

/** What `Ledger.prove` promises. */
export async function proveMember(
  { group, timeoutMs }: { readonly group: CoordinatorClient; readonly timeoutMs: number },
  member: Membership,
): Promise<void> {
  try {
    await proveMembership(group, member, performance.now() + timeoutMs)
  } catch (error) {
    throw ledgerError(error, `asking whether ${member.groupId} still has this worker`, false)
  }
}
