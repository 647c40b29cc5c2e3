import { proveMembership } from '../../../src/connectors/kafka/group/prove-membership'
import type { StableOffset } from '../../../src/connectors/kafka/group/stable-offsets'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import type { Cluster } from '../../../src/connectors/kafka/wire/cluster'
import type { CoordinatorClient } from '../../../src/connectors/kafka/wire/coordinator-client'
import { ConnectionError, KafkaError } from '../../../src/connectors/kafka/wire/kafka-errors'
import { proveMember } from '../../../src/connectors/kafka/write/prove-member'
import { idsOf, startOffsets } from '../../../src/connectors/kafka/write/start-offsets'
import { FencedError, InDoubtError, UnavailableError } from '../../../src/errors'

describe('where a group goes on', () => {
  const found = { topic: 'in', partition: 1, offset: 7, metadata: 'mark', topicId: 'id1' }
  const stable = (more: object = {}): StableOffset => ({ ...found, committer: undefined, ...more })

  it('is the committed offset of the topic that is there now', () => {
    expect(startOffsets([stable()], new Map([['in', 'id1']]))).toEqual([found])
  })

  it('is nowhere yet without an offset', () => {
    const none = stable({ offset: -1, metadata: '', topicId: undefined })
    expect(startOffsets([none], new Map([['in', 'id1']]))).toEqual([
      { topic: 'in', partition: 1, offset: undefined, metadata: '', topicId: 'id1' },
    ])
  })

  it('is nowhere yet in a topic that was made again, and the former offset is told', () => {
    expect(startOffsets([stable()], new Map([['in', 'id2']]))).toEqual([
      { topic: 'in', partition: 1, offset: undefined, metadata: '', topicId: 'id2', formerOffset: 7 },
    ])
  })

  it('is the offset where one of the two ids is not known', () => {
    expect(startOffsets([stable()], new Map())[0]).toMatchObject({ offset: 7, metadata: 'mark' })
    expect(startOffsets([stable({ topicId: undefined })], new Map([['in', 'id2']]))[0]).toMatchObject({ offset: 7 })
  })

  it('asks once for each topic, leaves out those that are not there, and asks for none in vain', async () => {
    const asked: (readonly string[])[] = []
    const metadata = async (topics: readonly string[]) => {
      asked.push(topics)
      return topics.map(topic => ({ topic, id: `id of ${topic}`, errorCode: topic === 'gone' ? 3 : 0 }))
    }
    const cluster = { metadata } as unknown as Cluster
    const partitions = ['a', 'a', 'gone'].map((topic, partition) => ({ topic, partition }))
    expect([...(await idsOf(cluster, partitions))]).toEqual([['a', 'id of a']])
    expect([...(await idsOf(cluster, []))]).toEqual([])
    expect(asked).toEqual([['a', 'gone']])
  })
})

describe('a member proves itself', () => {
  const member = { groupId: 'g', memberId: 'm', generationId: 3 }
  type Refused = (answer: { errorCode: number }) => readonly { errorCode: number }[]

  /** A coordinator that answers a heartbeat with this code, and what it was asked with. */
  function coordinator(errorCode: number) {
    const calls: { deadline: number }[] = []
    const call = async (_request: unknown, refused: Refused, options: { deadline: number }) => {
      calls.push(options)
      for (const each of refused({ errorCode }))
        if (each.errorCode !== 0) throw new KafkaError(each.errorCode, 'heartbeat')
    }
    return { calls, group: { call } as unknown as CoordinatorClient }
  }

  it('while the group rebalances, too, and not once it has gone on without it', async () => {
    const known = coordinator(0)
    await proveMembership(known.group, member, 55)
    expect(known.calls).toEqual([{ deadline: 55 }])
    await proveMembership(coordinator(ErrorCode.REBALANCE_IN_PROGRESS).group, member, 55)
    const late = proveMembership(coordinator(ErrorCode.ILLEGAL_GENERATION).group, member, 55)
    await expect(late).rejects.toMatchObject({ type: 'ILLEGAL_GENERATION' })
  })

  it('within the time that it is given', async () => {
    const { calls, group } = coordinator(0)
    const nowMs = performance.now()
    await proveMember({ group, timeoutMs: 60_000 }, member)
    expect(calls[0]?.deadline).toBeGreaterThanOrEqual(nowMs + 60_000)
    expect(calls[0]?.deadline).toBeLessThanOrEqual(performance.now() + 60_000)
  })

  it('or is fenced; a coordinator that is silent leaves nothing in doubt, since nothing was written', async () => {
    const { group } = coordinator(ErrorCode.UNKNOWN_MEMBER_ID)
    await expect(proveMember({ group, timeoutMs: 10 }, member)).rejects.toBeInstanceOf(FencedError)
    const lost = new ConnectionError('no answer', true, undefined)
    const silent = { call: () => Promise.reject(lost) } as unknown as CoordinatorClient
    const error = await proveMember({ group: silent, timeoutMs: 10 }, member).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UnavailableError)
    expect(error).not.toBeInstanceOf(InDoubtError)
  })
})
