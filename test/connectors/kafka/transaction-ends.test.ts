import { endOf, idleProducer, pastProducer, takeProducer } from '../../../src/connectors/kafka/group/transaction-ends'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { ACluster, described, noAnswer } from './a-cluster'
import { OwnTime } from './own-time'

const END = { producerId: 7, epoch: 4, committed: false, startedAt: 1_000 }
const HANGING = { producerId: 7, epoch: 4, lastTimestamp: 1_050, coordinatorEpoch: -1, openSince: 10 }
const past = (end: typeof END | undefined) => ({ transactionalId: 'x', below: 6, end })

let time: OwnTime
beforeEach(() => {
  time = new OwnTime().install()
})
afterEach(() => jest.restoreAllMocks())

test.each([
  ['of the same epoch', {}, {}, true],
  ['that the coordinator has aborted by itself, under the next epoch', {}, { epoch: 3 }, true],
  ['committed, of the epoch before: the next one was', { committed: true }, { epoch: 3 }, false],
  ['of an epoch long past', {}, { epoch: 2 }, false],
  ['of a later epoch', {}, { epoch: 5 }, false],
  ['that wrote before the one began whose end is known', {}, { lastTimestamp: 800 }, false],
  ['that wrote a little before, by the clock of another broker', {}, { lastTimestamp: 950 }, true],
  ['that wrote as much before as clocks may differ', {}, { lastTimestamp: 900 }, true],
  ['of which nobody knows when it began', { startedAt: -1 }, {}, false],
  ['that began with time itself', { startedAt: 0 }, {}, true],
])('how a transaction was decided %s: %p %p', (_, end, hanging, isKnown) => {
  const found = endOf(past({ ...END, ...end }), { ...HANGING, ...hanging })
  expect(found).toEqual(isKnown ? { ...END, ...end } : undefined)
})

test('where nobody had asked, nothing is known', () => {
  expect(endOf(past(undefined), HANGING)).toBeUndefined()
})

describe('taking a producer', () => {
  const take = (kafka: ACluster, timeoutMs = 1_000) => takeProducer(kafka.cluster, 'lane', 'x', timeoutMs)

  it('asks how its last transaction was decided before it takes a new epoch', async () => {
    const kafka = new ACluster()
    expect(await take(kafka, 1_234)).toEqual({ transactionalId: 'x', producerId: 7, epoch: 1 })
    expect(kafka.asked.map(({ name, lane }) => `${name} ${lane}`)).toEqual([
      'DescribeTransactions lane',
      'InitProducerId lane',
    ])
    expect(kafka.requests('DescribeTransactions')[0]).toMatchObject({ transactionalIds: ['x'] })
    expect(kafka.requests('InitProducerId')[0]).toMatchObject({ transactionalId: 'x', transactionTimeoutMs: 1_234 })
    expect(time.slept).toEqual([])
  })

  test.each([
    ['PrepareCommit', true],
    ['CompleteCommit', true],
    ['PrepareAbort', false],
    ['CompleteAbort', false],
    ['Empty', undefined],
    ['Ongoing', undefined],
    ['PrepareEpochFence', undefined],
  ])('learns from %s whether it was committed: %p', async (state, committed) => {
    const kafka = new ACluster().says('DescribeTransactions', [described({ state, epoch: 0, startedAt: 500 })])
    await take(kafka)
    const end = committed === undefined ? undefined : { producerId: 7, epoch: 0, committed, startedAt: 500 }
    expect(pastProducer(kafka.cluster, 7)).toEqual({ transactionalId: 'x', below: 1, end })
    expect(pastProducer(new ACluster().cluster, 7)).toBeUndefined()
  })

  it.each(['TRANSACTIONAL_ID_NOT_FOUND', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'UNSUPPORTED_VERSION'] as const)(
    'goes on where nobody says how, as with %s',
    async name => {
      const kafka = new ACluster().says('DescribeTransactions', ErrorCode[name])
      await take(kafka)
      expect(pastProducer(kafka.cluster, 7)).toEqual({ transactionalId: 'x', below: 1, end: undefined })
    },
  )

  it('takes nothing where the question fails otherwise', async () => {
    const kafka = new ACluster().says('DescribeTransactions', ErrorCode.UNKNOWN_SERVER_ERROR)
    await expect(take(kafka)).rejects.toMatchObject({ type: 'UNKNOWN_SERVER_ERROR' })
    expect(kafka.names).not.toContain('InitProducerId')
  })

  it('is done when the former holder has been ended, and remembers how that was', async () => {
    const aborted = [described({ state: 'PrepareAbort', epoch: 3, startedAt: 500 })]
    const kafka = new ACluster()
      .next('DescribeTransactions', [described({ state: 'Ongoing', epoch: 2 })], aborted, [described({ epoch: 4 })])
      .next('InitProducerId', ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.CONCURRENT_TRANSACTIONS)
      .says('InitProducerId', { errorCode: 0, producerId: 7, epoch: 5 })
    expect(await take(kafka)).toMatchObject({ epoch: 5 })
    expect(time.slept).toEqual([5, 5])
    const end = { producerId: 7, epoch: 3, committed: false, startedAt: 500 }
    expect(pastProducer(kafka.cluster, 7)).toEqual({ transactionalId: 'x', below: 5, end })
  })

  it('remembers it beyond an answer that was lost, by which the coordinator has forgotten it', async () => {
    const kafka = new ACluster()
      .next('DescribeTransactions', [described({ state: 'CompleteAbort', epoch: 3, startedAt: 500 })])
      .next('InitProducerId', noAnswer())
    await expect(take(kafka, 1)).rejects.toThrow('no answer')
    kafka.says('DescribeTransactions', [described({ epoch: 4 })])
    await take(kafka)
    expect(pastProducer(kafka.cluster, 7)?.end).toMatchObject({ epoch: 3, committed: false })
  })

  it.each([
    ['another transaction has begun under its epoch', described({ state: 'Ongoing', epoch: 3 }), false],
    ['the epoch is the same, and nothing is said of an end', described({ state: 'Empty', epoch: 3 }), false],
    ['another producer has that epoch', described({ state: 'Empty', epoch: 3, producerId: 9 }), true],
  ])('what was learnt before holds where %s', async (_, now, holds) => {
    const kafka = new ACluster()
      .next('DescribeTransactions', [described({ state: 'CompleteAbort', epoch: 3 })], [now])
      .next('InitProducerId', ErrorCode.CONCURRENT_TRANSACTIONS)
    await take(kafka)
    expect(pastProducer(kafka.cluster, 7)?.end !== undefined).toBe(holds)
  })

  it('forgets what was learnt before once nobody may ask any more', async () => {
    const kafka = new ACluster()
      .next('DescribeTransactions', [described({ state: 'CompleteAbort', epoch: 3 })])
      .next('InitProducerId', noAnswer())
    await take(kafka, 1).catch(() => undefined)
    kafka.next('DescribeTransactions', ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    kafka.next('InitProducerId', noAnswer())
    await take(kafka, 1).catch(() => undefined)
    kafka.says('DescribeTransactions', [described({ epoch: 4 })])
    await take(kafka)
    expect(pastProducer(kafka.cluster, 7)?.end).toBeUndefined()
  })

  it('keeps an end that is known when the id is taken once more', async () => {
    const kafka = new ACluster().next('DescribeTransactions', [described({ state: 'CompleteCommit', startedAt: 5 })])
    await take(kafka)
    kafka.says('InitProducerId', { errorCode: 0, producerId: 7, epoch: 2 })
    kafka.says('DescribeTransactions', ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
    await take(kafka)
    expect(pastProducer(kafka.cluster, 7)).toMatchObject({ below: 2, end: { committed: true } })
  })

  it('knows that all epochs are past of a producer id that has used them up', async () => {
    const kafka = new ACluster()
      .says('DescribeTransactions', [described({ state: 'CompleteAbort', epoch: 32_767 })])
      .says('InitProducerId', { errorCode: 0, producerId: 8, epoch: 0 })
    await take(kafka)
    expect(pastProducer(kafka.cluster, 7)).toMatchObject({ below: Number.POSITIVE_INFINITY, end: { epoch: 32_767 } })
    expect(pastProducer(kafka.cluster, 8)).toEqual({ transactionalId: 'x', below: 0, end: undefined })
  })

  it('gives up at once on what waiting does not cure, else when its time is up', async () => {
    const refusing = new ACluster().says('InitProducerId', ErrorCode.INVALID_TRANSACTION_TIMEOUT)
    await expect(take(refusing)).rejects.toMatchObject({ type: 'INVALID_TRANSACTION_TIMEOUT' })
    expect(refusing.requests('InitProducerId')).toHaveLength(1)
    const busy = new ACluster().says('InitProducerId', ErrorCode.CONCURRENT_TRANSACTIONS)
    await expect(take(busy, 20)).rejects.toMatchObject({ type: 'CONCURRENT_TRANSACTIONS' })
    expect(busy.requests('InitProducerId')).toHaveLength(5)
  })
})

describe('a producer that is idle', () => {
  const listed = { transactionalId: 'x', producerId: 7, state: 'Ongoing' }
  const kafkaOf = (state: string, more: object = {}) =>
    new ACluster()
      .says('ListTransactions', ({ node }: { node: number }) => ({
        errorCode: 0,
        transactions: node === 2 ? [listed] : [],
      }))
      .says('DescribeTransactions', [described({ state, epoch: 4, startedAt: 9, ...more })])

  it.each([
    ['Empty', undefined],
    ['CompleteCommit', { producerId: 7, epoch: 4, committed: true, startedAt: 9 }],
    ['CompleteAbort', { producerId: 7, epoch: 4, committed: false, startedAt: 9 }],
  ])('has no transaction under way, as %s says', async (state, end) => {
    const kafka = kafkaOf(state)
    expect(await idleProducer(kafka.cluster, 7)).toEqual({ transactionalId: 'x', below: Number.POSITIVE_INFINITY, end })
    expect(kafka.requests('ListTransactions')).toMatchObject([{ producerIdFilters: [7] }, { producerIdFilters: [7] }])
    expect(kafka.requests('DescribeTransactions')).toMatchObject([{ transactionalIds: ['x'] }])
    // Nobody is fenced for it.
    expect(kafka.names).not.toContain('InitProducerId')
  })

  it.each(['Ongoing', 'PrepareCommit', 'PrepareAbort'])('is none while one is under way: %s', async state => {
    expect(await idleProducer(kafkaOf(state).cluster, 7)).toBeUndefined()
  })

  it('is none that no coordinator knows', async () => {
    const kafka = new ACluster()
    expect(await idleProducer(kafka.cluster, 7)).toBeUndefined()
    expect(kafka.names).toEqual(['ListTransactions', 'ListTransactions'])
    const forgotten = kafkaOf('Empty').says('DescribeTransactions', [])
    expect(await idleProducer(forgotten.cluster, 7)).toBeUndefined()
  })

  it('is found whatever another broker says, or where it says nothing', async () => {
    for (const other of [
      noAnswer(),
      new Promise(() => undefined),
      { errorCode: 35, transactions: [{ ...listed, transactionalId: 'y' }] },
    ]) {
      const kafka = kafkaOf('Empty').next('ListTransactions', () => other)
      expect(await idleProducer(kafka.cluster, 7)).toMatchObject({ transactionalId: 'x' })
    }
  })

  it('is asked for within a second', async () => {
    const kafka = kafkaOf('Empty').says('DescribeTransactions', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    const startedMs = time.nowMs
    await expect(idleProducer(kafka.cluster, 7)).rejects.toMatchObject({ type: 'COORDINATOR_LOAD_IN_PROGRESS' })
    expect(time.nowMs - startedMs).toBeGreaterThan(0)
    expect(time.nowMs - startedMs).toBeLessThanOrEqual(2_000)
  })
})
