import { markCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { FencedError, UnavailableError } from '../../../src/errors'
import { idOf, noAnswer } from './a-cluster'
import { errorOf, LedgerScene, member, offsets, output, outputs, partitions } from './ledger-scene'

const scene = new LedgerScene()
beforeEach(() => scene.begin())
afterEach(() => jest.restoreAllMocks())

describe('a ledger in the next generation', () => {
  const next = { ...member, generationId: 4 }

  it('finds what is committed, claims it and commits as the new member', async () => {
    const ledger = await scene.opened()
    scene.kafka.offsets.set('in-1', {
      offset: 9,
      metadata: markCommitter({ transactionalId: 'g-0', topicId: undefined }, ''),
    })
    expect(await ledger.renew(next, [{ topic: 'in', partition: 1 }])).toMatchObject([{ partition: 1, offset: 9 }])
    expect(ledger.starts).toHaveLength(1)
    expect(scene.kafka.names).toEqual(['OffsetFetch', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])
    expect(scene.noted[0]).toMatchObject({ offset: 9, topicId: idOf('in') })
    await ledger.commit(offsets, [])
    expect(scene.kafka.requests('TxnOffsetCommit').map(({ generationId }) => generationId)).toEqual([4, 4])
  })

  it('that has passed already is fenced, and its ledger spent', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
    expect(await errorOf(ledger.renew(next, partitions))).toBeInstanceOf(FencedError)
    expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
  })

  it('whose epoch is past asks the group whether it was another owner', async () => {
    const ledger = await scene.opened()
    scene.kafka.offsets.set('in-1', { offset: 9 })
    scene.kafka.says('AddOffsetsToTxn', ErrorCode.PRODUCER_FENCED).says('Heartbeat', ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf(ledger.renew(next, partitions))).toBeInstanceOf(FencedError)
    expect(scene.ends).toEqual([false])
  })
})

describe('a ledger whose commit is under way', () => {
  it('goes on into no other generation: its claim would commit what has been written, without its offsets', async () => {
    const ledger = await scene.opened()
    scene.kafka.offsets.set('in-1', { offset: 9 })
    let answer = () => {}
    scene.kafka.says('Produce', () => new Promise(resolve => (answer = () => resolve(0))))
    const done = ledger.commit(offsets, outputs.slice(0, 1))
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    expect((await errorOf(ledger.renew({ ...member, generationId: 4 }, partitions))).message).toContain('spent')
    expect(scene.ends).toEqual([])
    answer()
    await done
    expect(scene.ends).toEqual([true])
    // Once it is over there is nothing against it.
    await ledger.renew({ ...member, generationId: 4 }, partitions)
    expect(scene.ends).toEqual([true, true])
  })
})

describe('after a transaction', () => {
  const epochs = () => scene.kafka.requests('InitProducerId').length
  const sequences = () =>
    scene.kafka.requests('Produce').map(({ topicData }) => {
      const [{ records }] = topicData[0].partitionData
      return records.readInt32BE(53)
    })

  it('the next one has the same epoch', async () => {
    const ledger = await scene.opened()
    for (let i = 0; i < 3; i++) await ledger.commit(offsets, [output('out', 0)])
    expect([epochs(), sequences()]).toEqual([0, [0, 1, 2]])
  })

  it.each(['AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'])(
    'of which the broker may still have %s before it the next one has an epoch of its own',
    async name => {
      const ledger = await scene.opened()
      scene.kafka.next(name, noAnswer())
      await ledger.commit(offsets, [output('out', 0)])
      expect([epochs(), scene.ends.at(-1)]).toEqual([0, true])
      for (let i = 0; i < 2; i++) await ledger.commit(offsets, [output('out', 0)])
      expect([epochs(), sequences()]).toEqual([1, [0, 0, 1]])
      expect(scene.kafka.names.indexOf('InitProducerId')).toBeGreaterThan(scene.kafka.names.indexOf('EndTxn'))
    },
  )

  it('that was a claim, too', async () => {
    const ledger = await scene.opened()
    scene.kafka.offsets.set('in-1', { offset: 9 })
    scene.kafka.next('EndTxn', noAnswer())
    await ledger.renew({ ...member, generationId: 4 }, partitions)
    await ledger.commit(offsets, [])
    expect(epochs()).toBe(1)
  })

  it('no other begins where the epoch is not to be had', async () => {
    const ledger = await scene.opened()
    scene.kafka.next('EndTxn', noAnswer()).says('InitProducerId', ErrorCode.INVALID_TXN_STATE)
    await ledger.commit(offsets, [])
    scene.kafka.asked.length = 0
    const error = await errorOf(ledger.commit(offsets, outputs))
    expect(error).toBeInstanceOf(UnavailableError)
    expect(scene.kafka.names).not.toContain('AddOffsetsToTxn')
    expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
  })
})

describe('a coordinator that is loading', () => {
  it('is waited for by who opens a ledger', async () => {
    scene.kafka.next('Heartbeat', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    await scene.open()
    expect(scene.time.slept).toEqual([20])
  })

  it('is waited for by who asks it whether another has taken over', async () => {
    const ledger = await scene.opened()
    scene.kafka.says('EndTxn', ErrorCode.PRODUCER_FENCED).says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
    scene.kafka.next('Heartbeat', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    expect(await errorOf(ledger.commit(offsets, []))).toBeInstanceOf(FencedError)
  })
})

it('a coordinator that is silent is asked whether another has taken over for half of the time that a transaction has', async () => {
  const ledger = await scene.opened()
  scene.kafka.says('EndTxn', ErrorCode.PRODUCER_FENCED).says('Heartbeat', noAnswer())
  const startedMs = scene.time.nowMs
  expect(await errorOf(ledger.commit(offsets, []))).toBeInstanceOf(UnavailableError)
  expect(scene.time.nowMs - startedMs).toBeGreaterThan(4_000)
  expect(scene.time.nowMs - startedMs).toBeLessThanOrEqual(5_000)
})

it('nothing is written before the coordinator knows of it', async () => {
  const ledger = await scene.opened()
  let go = (_code: number) => {}
  scene.kafka.says('AddPartitionsToTxn', () => new Promise(resolve => (go = () => resolve(0))))
  const commit = ledger.commit(offsets, outputs)
  for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  expect(new Set(scene.kafka.names)).toEqual(new Set(['AddPartitionsToTxn', 'AddOffsetsToTxn']))
  go(0)
  await commit
})
