import { markCommitter, readCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { openTransactionalLedger } from '../../../src/connectors/kafka/write/transactional-ledger'
import type { Ledger, Output } from '../../../src/connectors/ledger'
import { ContentError, FencedError, InDoubtError, type StreamError, UnavailableError } from '../../../src/errors'
import { log } from '../../../src/log'
import { ACluster, described, idOf, noAnswer, openProducer } from './a-cluster'
import { OwnTime } from './own-time'

const member = { groupId: 'g', memberId: 'm', generationId: 3 }
const partitions = [0, 1].map(partition => ({ topic: 'in', partition }))
const offsets = [{ topic: 'in', partition: 0, offset: 8, metadata: 'mine' }]
const record = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 5 }
const output = (topic: string, partition: number): Output => ({ topic, partition, records: [record] })
const outputs = [output('out', 0), output('out', 1), output('out', 0)]

let time: OwnTime
let kafka: ACluster
beforeEach(() => {
  time = new OwnTime().install()
  jest.spyOn(log, 'warn').mockImplementation(() => undefined)
  kafka = new ACluster()
  kafka.topics.set('in', { partitions: 2 }).set('out', { partitions: 2 })
})
afterEach(() => jest.restoreAllMocks())

const open = (more: object = {}) =>
  openTransactionalLedger({ cluster: kafka.cluster, groupId: 'g', transactionalId: 'g-1', ...more }, member, partitions)
/** A ledger, after whose opening nothing was asked. */
async function opened(more: object = {}): Promise<Ledger> {
  const ledger = await open(more)
  kafka.asked.length = 0
  return ledger
}
const errorOf = (call: Promise<unknown>): Promise<StreamError> =>
  call.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: StreamError) => error,
  )
const ends = () => kafka.requests('EndTxn').map(({ committed }) => committed)
/** The offsets that requests have noted: where, which, and the mark. */
const noted = () =>
  kafka.requests('TxnOffsetCommit').flatMap(({ topics }) =>
    topics.flatMap(({ name, partitions: each }: any) =>
      each.map(({ partitionIndex, committedOffset, committedMetadata }: any) => ({
        ...{ topic: name, partition: partitionIndex, offset: committedOffset, ...readCommitter(committedMetadata) },
      })),
    ),
  )

describe('opening a ledger', () => {
  it('proves the member, takes the producer and then finds what is committed, which nobody else can change any more', async () => {
    kafka.offsets.set('in-0', {
      offset: 5,
      metadata: markCommitter({ transactionalId: 'g-1', topicId: idOf('in') }, 'x'),
    })
    const { starts } = await open()
    expect(starts).toMatchObject([
      { topic: 'in', partition: 0, offset: 5, metadata: 'x', topicId: idOf('in') },
      { topic: 'in', partition: 1, offset: undefined },
    ])
    expect(kafka.names).toEqual(['Heartbeat', 'DescribeTransactions', 'InitProducerId', 'OffsetFetch', 'Heartbeat'])
    expect(kafka.requests('InitProducerId')[0]).toMatchObject({ transactionalId: 'g-1', transactionTimeoutMs: 10_000 })
    expect(kafka.requests('Heartbeat')[0]).toMatchObject({ groupId: 'g', memberId: 'm', generationId: 3 })
    expect(kafka.closedLanes).toEqual([])
  })

  it('has an id of its own unless it is given one, and the time that it is given', async () => {
    await open({ transactionalId: undefined, transactionTimeoutMs: 700 })
    await open({ transactionalId: undefined })
    const [first, second] = kafka.requests('InitProducerId')
    expect(first.transactionalId).toMatch(/^g-[\w-]{36}$/)
    expect(second.transactionalId).not.toBe(first.transactionalId)
    expect(first.transactionTimeoutMs).toBe(700)
  })

  it('puts its name on offsets that another has committed, in a transaction of its own', async () => {
    kafka.offsets.set('in-0', {
      offset: 0,
      metadata: markCommitter({ transactionalId: 'g-0', topicId: 'a'.repeat(22) }, 'x'),
    })
    await open()
    expect(kafka.names.slice(-4)).toEqual(['OffsetFetch', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
    // The offset stays the one of the topic that it was of.
    expect(noted()).toEqual([
      { topic: 'in', partition: 0, offset: 0, metadata: 'x', transactionalId: 'g-1', topicId: 'a'.repeat(22) },
    ])
    expect(ends()).toEqual([true])
  })

  it.each([
    ['gives the claim up', ErrorCode.ILLEGAL_GENERATION, [false], FencedError],
    ['leaves the claim to the broker', noAnswer(), [], UnavailableError],
  ])('that the broker refuses to a member %s', async (_, answer, ended, thrown) => {
    kafka.offsets.set('in-0', { offset: 5 })
    kafka.says('TxnOffsetCommit', answer)
    expect(await errorOf(open())).toBeInstanceOf(thrown)
    expect(ends()).toEqual(ended)
    expect(kafka.closedLanes.map(lane => lane.replace(/\d+/, 'N'))).toEqual([
      'ledger-N',
      'ledger-N-group',
      'ledger-N-produce',
    ])
  })

  it('by a member that is past fences nobody', async () => {
    kafka.says('Heartbeat', ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf(open())).toBeInstanceOf(FencedError)
    expect(kafka.names).toEqual(['Heartbeat'])
  })

  it('ends first what hangs of its own producer', async () => {
    kafka.topics.set('__consumer_offsets', { partitions: 50, internal: true })
    kafka.says('DescribeTransactions', [described({ state: 'CompleteAbort', startedAt: 4_900 })])
    kafka.producers.set('out-0', [openProducer()])
    await open()
    expect(kafka.names.indexOf('WriteTxnMarkers')).toBeGreaterThan(kafka.names.indexOf('InitProducerId'))
    expect(kafka.names.indexOf('OffsetFetch')).toBeGreaterThan(kafka.names.indexOf('WriteTxnMarkers'))
  })
})

describe('a commit', () => {
  it('is one transaction of outputs and offsets', async () => {
    const ledger = await opened()
    expect(await ledger.commit(offsets, outputs)).toEqual([
      { topic: 'out', partition: 0, baseOffset: 100 },
      { topic: 'out', partition: 1, baseOffset: 101 },
    ])
    expect([...kafka.names].sort()).toEqual(
      ['AddPartitionsToTxn', 'AddOffsetsToTxn', 'Produce', 'Produce', 'Produce', 'TxnOffsetCommit', 'EndTxn'].sort(),
    )
    expect(new Set(kafka.names.slice(0, 2))).toEqual(new Set(['AddPartitionsToTxn', 'AddOffsetsToTxn']))
    expect(kafka.names.at(-1)).toBe('EndTxn')
    // Each partition once.
    expect(kafka.requests('AddPartitionsToTxn')[0].v3AndBelowTopics).toEqual([{ name: 'out', partitions: [0, 1] }])
    expect(kafka.requests('AddOffsetsToTxn')[0]).toMatchObject({ groupId: 'g', producerId: 7, producerEpoch: 1 })
    expect(kafka.requests('TxnOffsetCommit')[0]).toMatchObject({ generationId: 3, memberId: 'm', producerId: 7 })
    expect(noted()).toEqual([{ ...offsets[0], transactionalId: 'g-1', topicId: idOf('in') }])
    expect(ends()).toEqual([true])
  })

  it('of nothing asks nothing, also of outputs without a record', async () => {
    const ledger = await opened()
    expect(await ledger.commit([], [{ topic: 'out', partition: 0, records: [] }])).toEqual([])
    expect(kafka.names).toEqual([])
  })

  it('of offsets alone, or of outputs alone, asks only for them', async () => {
    const ledger = await opened()
    expect(await ledger.commit(offsets, [])).toEqual([])
    expect(kafka.names).toEqual(['AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
    kafka.asked.length = 0
    expect(await ledger.commit([], [output('out', 1)])).toHaveLength(1)
    expect(kafka.names).toEqual(['AddPartitionsToTxn', 'Produce', 'EndTxn'])
  })

  it('that is refused is aborted at once, and nothing more is committed by the ledger', async () => {
    const ledger = await opened()
    kafka.says('TxnOffsetCommit', ErrorCode.ILLEGAL_GENERATION)
    const error = await errorOf(ledger.commit(offsets, outputs))
    expect(error).toBeInstanceOf(FencedError)
    expect(error).not.toBeInstanceOf(InDoubtError)
    expect(ends()).toEqual([false])
    kafka.says('TxnOffsetCommit', 0)
    kafka.asked.length = 0
    for (const call of [ledger.commit(offsets, []), ledger.renew(member, partitions)])
      await expect(call).rejects.toThrow('spent')
    expect(kafka.names).toEqual([])
  })

  it('is aborted only when nothing of it is under way any more', async () => {
    const ledger = await opened()
    let answer = (_code: number) => {}
    kafka.says('Produce', () => new Promise(resolve => (answer = () => resolve(0))))
    kafka.says('TxnOffsetCommit', ErrorCode.ILLEGAL_GENERATION)
    const failed = errorOf(ledger.commit(offsets, [output('out', 0)]))
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    expect(ends()).toEqual([])
    answer(0)
    await failed
    expect(ends()).toEqual([false])
  })

  it('of a record that is not taken names it', async () => {
    const ledger = await opened()
    kafka.says('Produce', ErrorCode.INVALID_RECORD)
    const error = await errorOf(ledger.commit(offsets, [output('out', 0)]))
    expect(error).toBeInstanceOf(ContentError)
    expect((error as ContentError).outputs).toMatchObject([{ topic: 'out', record }])
    expect(ends()).toEqual([false])
  })

  it('may fail to be aborted: what it failed for is said all the same', async () => {
    const ledger = await opened()
    kafka.says('TxnOffsetCommit', ErrorCode.ILLEGAL_GENERATION).says('EndTxn', ErrorCode.INVALID_TXN_STATE)
    expect(await errorOf(ledger.commit(offsets, []))).toBeInstanceOf(FencedError)
  })

  it('that got no answer before its end is not in doubt, and left for the next ledger to end', async () => {
    const ledger = await opened()
    kafka.says('AddOffsetsToTxn', ErrorCode.INVALID_TXN_STATE).says('AddPartitionsToTxn', noAnswer())
    const error = await errorOf(ledger.commit(offsets, outputs))
    expect(error).toBeInstanceOf(UnavailableError)
    expect(error.message).toContain('no answer')
    expect(ends()).toEqual([])
  })

  it.each([
    ['was never answered', [noAnswer()], noAnswer(), InDoubtError],
    ['could not be sent', [], noAnswer(false), InDoubtError],
    ['was lost, and refused the next time', [noAnswer()], ErrorCode.INVALID_TXN_STATE, InDoubtError],
    ['was refused', [], ErrorCode.INVALID_TXN_STATE, UnavailableError],
  ])('whose end %s', async (_, first, then, thrown) => {
    const ledger = await opened()
    kafka.next('EndTxn', ...first).says('EndTxn', then)
    const error = await errorOf(ledger.commit(offsets, []))
    expect(error.constructor).toBe(thrown)
    // Only what was refused for certain is aborted.
    expect(ends().includes(false)).toBe(thrown === UnavailableError)
  })

  it('ends before the broker would end it: retries have nine tenths of its time', async () => {
    const ledger = await opened({ transactionTimeoutMs: 1_000 })
    kafka.says('AddOffsetsToTxn', ErrorCode.CONCURRENT_TRANSACTIONS)
    const startedMs = time.nowMs
    await errorOf(ledger.commit(offsets, []))
    expect(time.nowMs - startedMs).toBeGreaterThan(890)
    expect(time.nowMs - startedMs).toBeLessThanOrEqual(900)
  })

  it.each([
    ['has run out of time while the group still has the member', 0, UnavailableError],
    ['was ended by another owner, of whom the group knows', ErrorCode.ILLEGAL_GENERATION, FencedError],
    ['nobody can say of why it was ended', noAnswer(), UnavailableError],
  ])('whose epoch is past %s', async (_, beat, thrown) => {
    const ledger = await opened()
    kafka.says('EndTxn', ErrorCode.INVALID_PRODUCER_EPOCH).says('Heartbeat', beat)
    const startedMs = time.nowMs
    const error = await errorOf(ledger.commit(offsets, []))
    expect(error.constructor).toBe(thrown)
    expect(kafka.names).toContain('Heartbeat')
    expect(time.nowMs - startedMs).toBeLessThanOrEqual(5_000)
  })

  it('that is refused otherwise asks the group nothing', async () => {
    const ledger = await opened()
    kafka.says('AddOffsetsToTxn', ErrorCode.INVALID_TXN_STATE)
    await errorOf(ledger.commit(offsets, []))
    expect(kafka.names).not.toContain('Heartbeat')
  })
})

describe('a ledger in the next generation', () => {
  const next = { ...member, generationId: 4 }

  it('finds what is committed, claims it and commits as the new member', async () => {
    const ledger = await opened()
    kafka.offsets.set('in-1', {
      offset: 9,
      metadata: markCommitter({ transactionalId: 'g-0', topicId: undefined }, ''),
    })
    expect(await ledger.renew(next, [{ topic: 'in', partition: 1 }])).toMatchObject([{ partition: 1, offset: 9 }])
    expect(ledger.starts).toHaveLength(1)
    expect(kafka.names).toEqual(['OffsetFetch', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
    expect(noted()[0]).toMatchObject({ offset: 9, topicId: idOf('in') })
    await ledger.commit(offsets, [])
    expect(kafka.requests('TxnOffsetCommit').map(({ generationId }) => generationId)).toEqual([4, 4])
  })

  it('that has passed already is fenced, and its ledger spent', async () => {
    const ledger = await opened()
    kafka.says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
    expect(await errorOf(ledger.renew(next, partitions))).toBeInstanceOf(FencedError)
    expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
  })

  it('whose epoch is past asks the group whether it was another owner', async () => {
    const ledger = await opened()
    kafka.offsets.set('in-1', { offset: 9 })
    kafka.says('AddOffsetsToTxn', ErrorCode.PRODUCER_FENCED).says('Heartbeat', ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf(ledger.renew(next, partitions))).toBeInstanceOf(FencedError)
    expect(ends()).toEqual([false])
  })
})

it('proves that the group still has its member', async () => {
  const ledger = await opened()
  await ledger.prove()
  expect(kafka.names).toEqual(['Heartbeat'])
  kafka.says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
  expect(await errorOf(ledger.prove())).toBeInstanceOf(FencedError)
})

it('commits nothing more once it is closed', async () => {
  const ledger = await opened()
  await ledger.close()
  expect(kafka.closedLanes).toHaveLength(3)
  expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
  expect(kafka.names).toEqual([])
})
