import { markCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { ContentError, FencedError, InDoubtError, UnavailableError } from '../../../src/errors'
import { described, idOf, noAnswer, openProducer } from './a-cluster'
import { errorOf, LedgerScene, member, offsets, output, outputs, partitions, record } from './ledger-scene'

const scene = new LedgerScene()
beforeEach(() => scene.begin())
afterEach(() => jest.restoreAllMocks())

describe('opening a ledger', () => {
  it('proves the member, takes the producer and then finds what is committed, which nobody else can change any more', async () => {
    scene.kafka.offsets.set('in-0', {
      offset: 5,
      metadata: markCommitter({ transactionalId: 'g-1', topicId: idOf('in') }, 'x'),
    })
    const { starts } = await scene.open()
    expect(starts).toMatchObject([
      { topic: 'in', partition: 0, offset: 5, metadata: 'x', topicId: idOf('in') },
      { topic: 'in', partition: 1, offset: undefined },
    ])
    expect(scene.kafka.names).toEqual([
      'Heartbeat',
      'DescribeTransactions',
      'InitProducerId',
      'OffsetFetch',
      'Heartbeat',
    ])
    expect(scene.kafka.requests('InitProducerId')[0]).toMatchObject({
      transactionalId: 'g-1',
      transactionTimeoutMs: 10_000,
    })
    expect(scene.kafka.requests('Heartbeat')[0]).toMatchObject({ groupId: 'g', memberId: 'm', generationId: 3 })
    expect(scene.kafka.closedLanes).toEqual([])
  })

  it('has an id of its own unless it is given one, and the time that it is given', async () => {
    await scene.open({ transactionalId: undefined, transactionTimeoutMs: 700 })
    await scene.open({ transactionalId: undefined })
    const [first, second] = scene.kafka.requests('InitProducerId')
    expect(first.transactionalId).toMatch(/^g-[\w-]{36}$/)
    expect(second.transactionalId).not.toBe(first.transactionalId)
    expect(first.transactionTimeoutMs).toBe(700)
  })

  it('puts its name on offsets that another has committed, in a transaction of its own', async () => {
    scene.kafka.offsets.set('in-0', {
      offset: 0,
      metadata: markCommitter({ transactionalId: 'g-0', topicId: 'a'.repeat(22) }, 'x'),
    })
    await scene.open()
    expect(scene.kafka.names.slice(-4)).toEqual(['OffsetFetch', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
    // The offset stays the one of the topic that it was of.
    expect(scene.noted).toEqual([
      { topic: 'in', partition: 0, offset: 0, metadata: 'x', transactionalId: 'g-1', topicId: 'a'.repeat(22) },
    ])
    expect(scene.ends).toEqual([true])
  })

  it.each([
    ['gives the claim up', ErrorCode.ILLEGAL_GENERATION, [false], FencedError],
    ['leaves the claim to the broker', noAnswer(), [], UnavailableError],
  ])('that the broker refuses to a member %s', async (_, answer, ended, thrown) => {
    scene.kafka.offsets.set('in-0', { offset: 5 })
    scene.kafka.says('TxnOffsetCommit', answer)
    expect(await errorOf(scene.open())).toBeInstanceOf(thrown)
    expect(scene.ends).toEqual(ended)
    expect(scene.kafka.closedLanes.map(lane => lane.replace(/\d+/, 'N'))).toEqual([
      'ledger-N',
      'ledger-N-group',
      'ledger-N-produce',
    ])
  })

  it('by a member that is past fences nobody', async () => {
    scene.kafka.says('Heartbeat', ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf(scene.open())).toBeInstanceOf(FencedError)
    expect(scene.kafka.names).toEqual(['Heartbeat'])
  })

  it('ends first what hangs of its own producer', async () => {
    scene.kafka.topics.set('__consumer_offsets', { partitions: 50, internal: true })
    scene.kafka.says('DescribeTransactions', [described({ state: 'CompleteAbort', startedAt: 4_900 })])
    scene.kafka.producers.set('out-0', [openProducer()])
    await scene.open()
    expect(scene.kafka.names.indexOf('WriteTxnMarkers')).toBeGreaterThan(scene.kafka.names.indexOf('InitProducerId'))
    expect(scene.kafka.names.indexOf('OffsetFetch')).toBeGreaterThan(scene.kafka.names.indexOf('WriteTxnMarkers'))
  })
})

describe('a commit', () => {
  it('is one transaction of outputs and offsets', async () => {
    const ledger = await scene.opened()
    expect(await ledger.commit(offsets, outputs)).toEqual([
      { topic: 'out', partition: 0, baseOffset: 100 },
      { topic: 'out', partition: 1, baseOffset: 101 },
    ])
    expect([...scene.kafka.names].sort()).toEqual(
      ['AddPartitionsToTxn', 'AddOffsetsToTxn', 'Produce', 'Produce', 'Produce', 'TxnOffsetCommit', 'EndTxn'].sort(),
    )
    expect(new Set(scene.kafka.names.slice(0, 2))).toEqual(new Set(['AddPartitionsToTxn', 'AddOffsetsToTxn']))
    expect(scene.kafka.names.at(-1)).toBe('EndTxn')
    // Each partition once.
    expect(scene.kafka.requests('AddPartitionsToTxn')[0].v3AndBelowTopics).toEqual([
      { name: 'out', partitions: [0, 1] },
    ])
    expect(scene.kafka.requests('Produce')[0]).toMatchObject({ transactionalId: 'g-1', acks: -1 })
    expect(scene.kafka.requests('AddOffsetsToTxn')[0]).toMatchObject({ groupId: 'g', producerId: 7, producerEpoch: 1 })
    expect(scene.kafka.requests('TxnOffsetCommit')[0]).toMatchObject({ generationId: 3, memberId: 'm', producerId: 7 })
    expect(scene.noted).toEqual([{ ...offsets[0], transactionalId: 'g-1', topicId: idOf('in') }])
    expect(scene.ends).toEqual([true])
  })

  it('of nothing asks nothing, also of outputs without a record', async () => {
    const ledger = await scene.opened()
    expect(await ledger.commit([], [{ topic: 'out', partition: 0, records: [] }])).toEqual([])
    expect(scene.kafka.names).toEqual([])
  })

  it('of offsets alone, or of outputs alone, asks only for them', async () => {
    const ledger = await scene.opened()
    expect(await ledger.commit(offsets, [{ topic: 'out', partition: 0, records: [] }])).toEqual([])
    expect(scene.kafka.names).toEqual(['AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
    scene.kafka.asked.length = 0
    expect(await ledger.commit([], [output('out', 1)])).toHaveLength(1)
    expect(scene.kafka.names).toEqual(['AddPartitionsToTxn', 'Produce', 'EndTxn'])
  })

  it('that is refused is aborted at once, and nothing more is committed by the ledger', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('TxnOffsetCommit', ErrorCode.ILLEGAL_GENERATION)
    const error = await errorOf(ledger.commit(offsets, outputs))
    expect(error).toBeInstanceOf(FencedError)
    expect(error).not.toBeInstanceOf(InDoubtError)
    expect(scene.ends).toEqual([false])
    scene.kafka.says('TxnOffsetCommit', 0)
    scene.kafka.asked.length = 0
    for (const call of [ledger.commit(offsets, []), ledger.renew(member, partitions)])
      await expect(call).rejects.toThrow('spent')
    expect(scene.kafka.names).toEqual([])
  })

  it('is aborted only when nothing of it is under way any more', async () => {
    const ledger = await scene.opened()
    let answer = (_code: number) => {}
    scene.kafka.says('Produce', () => new Promise(resolve => (answer = () => resolve(0))))
    scene.kafka.says('TxnOffsetCommit', ErrorCode.ILLEGAL_GENERATION)
    const failed = errorOf(ledger.commit(offsets, [output('out', 0)]))
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    expect(scene.ends).toEqual([])
    answer(0)
    await failed
    expect(scene.ends).toEqual([false])
  })

  it('of a record that is not taken names it', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('Produce', ErrorCode.INVALID_RECORD)
    const error = await errorOf(ledger.commit(offsets, [output('out', 0)]))
    expect(error).toBeInstanceOf(ContentError)
    expect((error as ContentError).outputs).toMatchObject([{ topic: 'out', record }])
    expect(scene.ends).toEqual([false])
  })

  it('may fail to be aborted: what it failed for is said all the same', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('TxnOffsetCommit', ErrorCode.ILLEGAL_GENERATION).says('EndTxn', ErrorCode.INVALID_TXN_STATE)
    expect(await errorOf(ledger.commit(offsets, []))).toBeInstanceOf(FencedError)
  })

  it('that got no answer before its end is not in doubt, and left for the next ledger to end', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('AddPartitionsToTxn', ErrorCode.INVALID_TXN_STATE).says('AddOffsetsToTxn', noAnswer())
    const error = await errorOf(ledger.commit(offsets, outputs))
    expect(error).toBeInstanceOf(UnavailableError)
    expect(error.message).toContain('no answer')
    expect(scene.ends).toEqual([])
  })

  it.each([
    ['was never answered', [noAnswer()], noAnswer(), InDoubtError],
    ['could not be sent', [], noAnswer(false), InDoubtError],
    ['was lost, and refused the next time', [noAnswer()], ErrorCode.INVALID_TXN_STATE, InDoubtError],
    ['was refused', [], ErrorCode.INVALID_TXN_STATE, UnavailableError],
  ])('whose end %s', async (_, first, then, thrown) => {
    const ledger = await scene.opened()
    scene.kafka.next('EndTxn', ...first).says('EndTxn', then)
    const error = await errorOf(ledger.commit(offsets, []))
    expect(error.constructor).toBe(thrown)
    // Only what was refused for certain is aborted.
    expect(scene.ends.includes(false)).toBe(thrown === UnavailableError)
  })

  it('ends before the broker would end it: retries have nine tenths of its time', async () => {
    const ledger = await scene.opened({ transactionTimeoutMs: 1_000 })
    scene.kafka.says('AddOffsetsToTxn', ErrorCode.CONCURRENT_TRANSACTIONS)
    const startedMs = scene.time.nowMs
    await errorOf(ledger.commit(offsets, []))
    expect(scene.time.nowMs - startedMs).toBeGreaterThan(890)
    expect(scene.time.nowMs - startedMs).toBeLessThanOrEqual(900)
  })

  it.each([
    ['has run out of time while the group still has the member', 0, UnavailableError],
    ['was ended by another owner, of whom the group knows', ErrorCode.ILLEGAL_GENERATION, FencedError],
    ['nobody can say of why it was ended', noAnswer(), UnavailableError],
  ])('whose epoch is past %s', async (_, beat, thrown) => {
    const ledger = await scene.opened()
    scene.kafka.says('EndTxn', ErrorCode.INVALID_PRODUCER_EPOCH).says('Heartbeat', beat)
    const startedMs = scene.time.nowMs
    const error = await errorOf(ledger.commit(offsets, []))
    expect(error.constructor).toBe(thrown)
    expect(scene.kafka.names).toContain('Heartbeat')
    expect(scene.time.nowMs - startedMs).toBeLessThanOrEqual(5_000)
  })

  it('that is refused otherwise asks the group nothing', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('AddOffsetsToTxn', ErrorCode.INVALID_TXN_STATE)
    await errorOf(ledger.commit(offsets, []))
    expect(scene.kafka.names).not.toContain('Heartbeat')
  })
})

it('proves that the group still has its member', async () => {
  const ledger = await scene.opened()
  await ledger.prove()
  expect(scene.kafka.names).toEqual(['Heartbeat'])
  scene.kafka.says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
  expect(await errorOf(ledger.prove())).toBeInstanceOf(FencedError)
})

it('commits nothing more once it is closed', async () => {
  const ledger = await scene.opened()
  await ledger.close()
  expect(scene.kafka.closedLanes).toHaveLength(3)
  expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
  expect(scene.kafka.names).toEqual([])
})
