import { markCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { FencedError, UnavailableError } from '../../../src/errors'
import { idOf, noAnswer } from './a-cluster'
import { errorOf, LedgerScene, member, offsets, outputs, partitions } from './ledger-scene'

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
