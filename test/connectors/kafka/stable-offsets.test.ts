import { markCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import {
  committedOffsets,
  initIdempotentProducer,
  initProducer,
  stableOffsets,
} from '../../../src/connectors/kafka/group/stable-offsets'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { CoordinatorClient } from '../../../src/connectors/kafka/wire/coordinator-client'
import { committedFor } from '../../../src/connectors/kafka/write/start-offsets'
import { UnfitError } from '../../../src/errors'
import { log } from '../../../src/log'
import { ACluster, described, idOf, noAnswer, openProducer } from './a-cluster'
import { OwnTime } from './own-time'

const member = { groupId: 'g', memberId: 'm', generationId: 3 }
const partitions = [0, 1].map(partition => ({ topic: 'in', partition }))
/** Where the offsets of group `g` are, of 50 partitions. */
const place = '__consumer_offsets-3'
const marked = (transactionalId: string) => markCommitter({ transactionalId, topicId: idOf('in') }, 'mine')
const unstable = { offset: 5, errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT }

let time: OwnTime
let kafka: ACluster
beforeEach(() => {
  time = new OwnTime().install()
  jest.spyOn(log, 'warn').mockImplementation(() => undefined)
  kafka = new ACluster()
  kafka.topics.set('in', { partitions: 2 }).set('__consumer_offsets', { partitions: 50, internal: true })
  kafka.offsets.set('in-0', { offset: 5, metadata: marked('other') })
  kafka.offsets.set('in-1', { offset: -1 })
})
afterEach(() => jest.restoreAllMocks())

function context(timeoutMs = 1_000) {
  const { cluster } = kafka
  const id = { transactionalId: 'own', producerId: 1, epoch: 0 }
  return { cluster, group: new CoordinatorClient(cluster, 'group', 'g', 'lane'), lane: 'lane', id, timeoutMs }
}
const find = (timeoutMs?: number) => stableOffsets(context(timeoutMs), member, partitions)
/** The offsets stay unstable until `isOver`: asked without waiting for what is open, the last committed ones are there. */
function holdUp(isOver: () => boolean, committer = 'other'): void {
  kafka.says('OffsetFetch', ({ request }: { request: { requireStable: boolean } }) => {
    const isHeld = request.requireStable && !isOver()
    kafka.offsets.set('in-0', { ...(isHeld ? unstable : { offset: 5 }), metadata: marked(committer) })
    return 0
  })
}
const countOf = (name: string) => kafka.requests(name).length
const fenced = () => kafka.requests('InitProducerId').map(({ transactionalId }) => transactionalId)

describe('the committed offsets of a group', () => {
  it('come with who committed them, of which topic, and what else was noted', async () => {
    expect(await find()).toEqual([
      { topic: 'in', partition: 0, offset: 5, metadata: 'mine', committer: 'other', topicId: idOf('in') },
      { topic: 'in', partition: 1, offset: -1, metadata: '', committer: undefined, topicId: undefined },
    ])
    expect(kafka.names).toEqual(['OffsetFetch'])
    expect(kafka.requests('OffsetFetch')[0]).toMatchObject({ groupId: 'g', requireStable: true })
  })

  it('of no partition are none', async () => {
    expect(await stableOffsets(context(), member, [])).toEqual([])
  })

  it('are where the group goes on, in the topic as it is now', async () => {
    const found = await committedFor(context(), member, partitions)
    expect(found.starts).toMatchObject([{ offset: 5, topicId: idOf('in') }, { offset: undefined }])
    expect([...found.topicIds]).toEqual([['in', idOf('in')]])
    expect(found.found).toHaveLength(2)
  })

  it.each([
    [
      'of a partition',
      () => kafka.offsets.set('in-1', { offset: -1, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }),
    ],
    ['of all', () => kafka.says('OffsetFetch', { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, offsets: [] })],
  ])('are not said where the broker refuses to: an error %s', async (_, refuse) => {
    refuse()
    await expect(find()).rejects.toMatchObject({ name: 'KafkaError' })
  })

  it('that a living owner is about to commit are waited for, and nobody is fenced', async () => {
    holdUp(() => time.nowMs >= 1_150)
    expect(await find()).toMatchObject([{ offset: 5 }, { offset: -1 }])
    expect(time.slept).toEqual(Array(15).fill(10))
    expect(new Set(kafka.names)).toEqual(new Set(['OffsetFetch']))
  })

  it('that a dead owner has left open are there once it is fenced, by the id that its last commit names', async () => {
    holdUp(() => fenced().length > 0)
    expect(await find()).toMatchObject([{ offset: 5, committer: 'other' }, { offset: -1 }])
    expect(fenced()).toEqual(['other'])
    const order = [
      'Heartbeat',
      'DescribeProducers',
      'Heartbeat',
      'DescribeTransactions',
      'InitProducerId',
      'OffsetFetch',
    ]
    expect(kafka.names.slice(kafka.names.indexOf('Heartbeat')).filter(name => order.includes(name))).toEqual([
      ...['Heartbeat', 'DescribeProducers', 'DescribeProducers', 'OffsetFetch'],
      ...['Heartbeat', 'DescribeTransactions', 'InitProducerId', 'OffsetFetch'],
    ])
    const looked = kafka.requests('OffsetFetch').filter(({ requireStable }) => !requireStable)
    // Of those alone that are unstable.
    expect(looked).toMatchObject([{ topics: [{ name: 'in', partitionIndexes: [0] }] }])
  })

  it('are not waited for by fencing oneself, or anybody twice', async () => {
    holdUp(() => time.nowMs > 4_000, 'own')
    await find()
    expect(fenced()).toEqual([])
    kafka.offsets.set('in-0', { offset: 5 })
    holdUp(() => time.nowMs > 8_000)
    await find()
    expect(fenced()).toEqual(['other'])
  })

  it('of an owner that nobody knows wait for the broker to end them', async () => {
    kafka.says('OffsetFetch', ({ request }: { request: { requireStable: boolean } }) => {
      kafka.offsets.set('in-0', request.requireStable && time.nowMs < 4_000 ? unstable : { offset: 5, metadata: '{}' })
      return 0
    })
    expect(await find()).toMatchObject([{ offset: 5, metadata: '{}' }, {}])
    expect(fenced()).toEqual([])
  })

  it('fences nobody in the name of a member that the group has gone on without', async () => {
    holdUp(() => false)
    kafka.says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
    await expect(find()).rejects.toMatchObject({ type: 'ILLEGAL_GENERATION' })
    expect([countOf('DescribeProducers'), fenced()]).toEqual([0, []])
    // That is asked once more right before the fence.
    kafka.next('Heartbeat', 0)
    await expect(find()).rejects.toMatchObject({ type: 'ILLEGAL_GENERATION' })
    expect(fenced()).toEqual([])
  })

  it('that hang are looked at right after a fence, and then each half second', async () => {
    holdUp(() => time.nowMs >= 3_000)
    const lookedAt: number[] = []
    kafka.says('Heartbeat', () => {
      if (lookedAt.at(-1) !== time.nowMs) lookedAt.push(time.nowMs)
      return 0
    })
    await find()
    expect(lookedAt.slice(0, 3).map(at => at - 1_000)).toEqual([160, 170, 680])
    expect(lookedAt).toHaveLength(5)
  })

  it('are given up when the broker must have ended every transaction, with what was seen', async () => {
    holdUp(() => false, 'own')
    kafka.producers.set(place, [openProducer()])
    const error = await find(2_000).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ type: 'UNSTABLE_OFFSET_COMMIT' })
    expect((error as Error).message).toContain(`producer id 7, epoch 0, is open in ${place}`)
    expect(time.nowMs - 1_000).toBe(13_010)
  })

  it('are given up with what kept them from being seen', async () => {
    holdUp(() => false, 'own')
    kafka.says('DescribeProducers', ErrorCode.NOT_LEADER_OR_FOLLOWER)
    await expect(find()).rejects.toThrow(/UNSTABLE_OFFSET_COMMIT \(.*NOT_LEADER_OR_FOLLOWER/)
  })

  it('that hang are ended as they were decided', async () => {
    kafka.producers.set(place, [openProducer()])
    holdUp(() => countOf('WriteTxnMarkers') > 0)
    kafka.says('ListTransactions', { errorCode: 0, transactions: [{ transactionalId: 'x', producerId: 7, state: '' }] })
    kafka.says('DescribeTransactions', [described({ state: 'CompleteCommit', startedAt: 4_990 })])
    expect(await find()).toMatchObject([{ offset: 5 }, {}])
    // Whoever is fenced makes the coordinator forget how.
    expect(kafka.names.indexOf('WriteTxnMarkers')).toBeLessThan(kafka.names.indexOf('InitProducerId'))
    expect(kafka.requests('WriteTxnMarkers')).toMatchObject([{ markers: [{ producerId: 7, transactionResult: true }] }])
  })

  it('say so where nobody knows how they were decided; what only could not be seen is waited for', async () => {
    kafka.producers.set(place, [openProducer()])
    holdUp(() => time.nowMs > 5_000, 'own')
    kafka.says('DescribeProducers', ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(await find()).toMatchObject([{ offset: 5 }, {}])
    holdUp(() => false, 'own')
    kafka.says('DescribeProducers', 0)
    kafka.says('ListTransactions', { errorCode: 0, transactions: [{ transactionalId: 'x', producerId: 7, state: '' }] })
    await expect(find()).rejects.toBeInstanceOf(UnfitError)
  })
})

describe('what a group has committed as things stand', () => {
  it('is asked for without waiting for open transactions, and 0 where it has nothing', async () => {
    kafka.topics.set('out', { partitions: 1 })
    kafka.offsets.set('out-0', { offset: 9 })
    const asked = [{ topic: 'out', partition: 0 }, ...partitions]
    expect(await committedOffsets(kafka.cluster, 'g', asked)).toEqual([9, 5, 0])
    expect(kafka.asked).toMatchObject([{ lane: 'committed', request: { requireStable: false } }])
  })

  it('is 0 where the broker says nothing of a partition', async () => {
    kafka.says('OffsetFetch', {
      errorCode: 0,
      offsets: [{ topic: 'in', partition: 7, errorCode: 0, offset: 4, metadata: '' }],
    })
    expect(await committedOffsets(kafka.cluster, 'g', partitions)).toEqual([0, 0])
  })

  it('is not waited for longer than five seconds', async () => {
    kafka.says('OffsetFetch', { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, offsets: [] })
    await expect(committedOffsets(kafka.cluster, 'g', partitions)).rejects.toMatchObject({ name: 'KafkaError' })
    expect(time.nowMs - 1_000).toBeGreaterThan(4_000)
    expect(time.nowMs - 1_000).toBeLessThanOrEqual(5_000)
  })
})

describe('a producer id', () => {
  it('with transactions is taken once the former one is ended', async () => {
    kafka.next('InitProducerId', ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(await initProducer(kafka.cluster, 'lane', 'x', 500)).toEqual({
      transactionalId: 'x',
      producerId: 7,
      epoch: 1,
    })
    expect(kafka.requests('InitProducerId')[1]).toMatchObject({ transactionalId: 'x', transactionTimeoutMs: 500 })
    kafka.says('InitProducerId', ErrorCode.CONCURRENT_TRANSACTIONS)
    await expect(initProducer(kafka.cluster, 'lane', 'x', 500)).rejects.toMatchObject({
      type: 'CONCURRENT_TRANSACTIONS',
    })
  })

  it('without them comes from any broker, which may take a while', async () => {
    kafka.next('InitProducerId', noAnswer(), ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    expect(await initIdempotentProducer(kafka.cluster)).toEqual({ transactionalId: null, producerId: 7, epoch: 1 })
    expect(kafka.requests('InitProducerId')[0]).toMatchObject({ transactionalId: null })
    kafka.says('InitProducerId', ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    await expect(initIdempotentProducer(kafka.cluster)).rejects.toMatchObject({ type: 'CLUSTER_AUTHORIZATION_FAILED' })
  })
})
