import { GroupProtocol, InstanceFencedError, MemberLostError } from '../../../src/connectors/kafka/group/group-protocol'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import type { Cluster } from '../../../src/connectors/kafka/wire/cluster'

const membership = { groupId: 'g', memberId: 'm', generationId: 1 }

/** A heartbeat that the coordinator answers so. */
function beat(errorCode: number, instanceId?: string): Promise<boolean> {
  const cluster = { coordinator: async () => 1, send: async () => ({ errorCode }), forgetCoordinator: () => {} }
  const settings = { sessionTimeoutMs: 1, rebalanceTimeoutMs: 1, instanceId }
  return new GroupProtocol(cluster as unknown as Cluster, 'g', settings).heartbeat(membership)
}

describe('GroupProtocol', () => {
  it.each([ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION, ErrorCode.FENCED_MEMBER_EPOCH])(
    'joins again after error %i',
    code => expect(beat(code)).rejects.toThrow(MemberLostError),
  )

  it('gives up where another process has its instance id, which only the user can mend', () =>
    expect(beat(ErrorCode.FENCED_INSTANCE_ID, 'i1')).rejects.toThrow(InstanceFencedError))

  it('takes the same answer for one like the others where it has no instance id', () =>
    expect(beat(ErrorCode.FENCED_INSTANCE_ID)).rejects.toThrow(MemberLostError))
})
