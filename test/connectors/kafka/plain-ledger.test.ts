import { markCommitter, readCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { openPlainLedger } from '../../../src/connectors/kafka/write/plain-ledger'
import type { Ledger } from '../../../src/connectors/ledger'
import { ContentError, FencedError, InDoubtError, UnavailableError } from '../../../src/errors'
import { ACluster, idOf, noAnswer } from './a-cluster'
import { errorOf } from './ledger-scene'
import { OwnTime } from './own-time'

const member = { groupId: 'g', memberId: 'm', generationId: 3 }
const partitions = [0, 1].map(partition => ({ topic: 'in', partition }))
const offsets = [{ topic: 'in', partition: 0, offset: 8, metadata: 'mine' }]
const record = { key: null, value: Buffer.from('v'), timestamp: 5 }
const outputs = [{ topic: 'out', partition: 0, records: [record] }]

let time: OwnTime
let kafka: ACluster
beforeEach(() => {
  time = new OwnTime().install()
  kafka = new ACluster()
  kafka.topics.set('in', { partitions: 2 }).set('out', { partitions: 2 })
})
afterEach(() => jest.restoreAllMocks())

const open = (more: object = {}) =>
  openPlainLedger({ cluster: kafka.cluster, groupId: 'g', ...more }, member, partitions)
async function opened(more: object = {}): Promise<Ledger> {
  const ledger = await open(more)
  kafka.asked.length = 0
  return ledger
}

describe('opening a ledger without transactions', () => {
  it('proves the member before and after it has found what is committed', async () => {
    kafka.offsets.set('in-0', {
      offset: 5,
      metadata: markCommitter({ transactionalId: 'x', topicId: idOf('in') }, 'y'),
    })
    const { starts } = await open()
    expect(starts).toMatchObject([{ offset: 5, metadata: 'y' }, { offset: undefined }])
    expect(kafka.names).toEqual(['Heartbeat', 'InitProducerId', 'OffsetFetch', 'Heartbeat'])
    expect(kafka.requests('InitProducerId')[0]).toMatchObject({ transactionalId: null })
    expect(kafka.closedLanes).toEqual([])
  })

  it.each([[[]], [[0]]])('by a member that is past is fenced, and leaves no connection: %j', async before => {
    kafka.next('Heartbeat', ...before).says('Heartbeat', ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf(open())).toBeInstanceOf(FencedError)
    expect(kafka.closedLanes).toHaveLength(1)
    expect(kafka.names.includes('InitProducerId')).toBe(before.length > 0)
  })

  it('waits for a coordinator that is loading, before and after', async () => {
    kafka.next('Heartbeat', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, 0, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    await open()
    expect(kafka.requests('Heartbeat')).toHaveLength(4)
  })

  it.each([
    ['ten seconds', {}, 10_000],
    ['what it is given', { commitTimeoutMs: 400 }, 400],
  ])('waits for a coordinator for %s', async (_, options, mostMs) => {
    kafka.says('Heartbeat', ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    const startedMs = time.nowMs
    expect(await errorOf(open(options))).toBeInstanceOf(UnavailableError)
    expect(time.nowMs - startedMs).toBeGreaterThan(mostMs / 2)
    expect(time.nowMs - startedMs).toBeLessThanOrEqual(mostMs)
  })
})

describe('a commit without transactions', () => {
  it('writes the outputs, and only then the offsets', async () => {
    const ledger = await opened()
    expect(await ledger.commit(offsets, outputs)).toEqual([{ topic: 'out', partition: 0, baseOffset: 100 }])
    expect(kafka.names).toEqual(['Produce', 'OffsetCommit'])
    expect(kafka.requests('Produce')[0]).toMatchObject({ transactionalId: null, acks: -1 })
    const [{ topics, ...head }] = kafka.requests('OffsetCommit')
    expect(head).toMatchObject({ groupId: 'g', memberId: 'm', generationIdOrMemberEpoch: 3 })
    const [{ committedMetadata, ...at }] = topics[0].partitions
    expect(at).toMatchObject({ partitionIndex: 0, committedOffset: 8 })
    expect(readCommitter(committedMetadata)).toEqual({
      transactionalId: undefined,
      topicId: idOf('in'),
      metadata: 'mine',
    })
  })

  it('of outputs alone commits no offset', async () => {
    const ledger = await opened()
    expect(await ledger.commit([], outputs)).toHaveLength(1)
    expect(kafka.names).toEqual(['Produce'])
  })

  it('whose outputs are refused commits no offset, and spends the ledger', async () => {
    const ledger = await opened()
    kafka.says('Produce', ErrorCode.INVALID_RECORD)
    expect(await errorOf(ledger.commit(offsets, outputs))).toBeInstanceOf(ContentError)
    expect(kafka.names).not.toContain('OffsetCommit')
    kafka.says('Produce', 0)
    for (const call of [ledger.commit(offsets, []), ledger.renew(member, partitions)])
      expect((await errorOf(call)).message).toContain('spent')
  })

  it.each([
    ['was never answered', [], noAnswer(), InDoubtError],
    ['could not be sent', [], noAnswer(false), UnavailableError],
    ['was lost, and could not be sent again', [noAnswer()], noAnswer(false), InDoubtError],
    ['was lost, and refused the next time', [noAnswer()], ErrorCode.ILLEGAL_GENERATION, FencedError],
    ['was refused', [], ErrorCode.ILLEGAL_GENERATION, FencedError],
  ])('whose offsets %s', async (_, first, then, thrown) => {
    const ledger = await opened({ commitTimeoutMs: 300 })
    kafka.next('OffsetCommit', ...first).says('OffsetCommit', then)
    const startedMs = time.nowMs
    const error = await errorOf(ledger.commit(offsets, []))
    expect(error.constructor).toBe(thrown)
    expect(time.nowMs - startedMs).toBeLessThanOrEqual(300)
  })

  it('whose outputs got no answer is in no doubt: they come again', async () => {
    const ledger = await opened({ commitTimeoutMs: 300 })
    kafka.says('Produce', noAnswer())
    const error = await errorOf(ledger.commit(offsets, outputs))
    expect(error.constructor).toBe(UnavailableError)
    expect(kafka.names).not.toContain('OffsetCommit')
    expect(kafka.requests('Produce').length).toBeGreaterThan(1)
  })
})

describe('a ledger without transactions, in the next generation', () => {
  const next = { ...member, generationId: 4 }

  it('commits as the new member, with the partitions that it has now', async () => {
    const ledger = await opened()
    kafka.offsets.set('in-1', { offset: 9 })
    expect(await ledger.renew(next, [{ topic: 'in', partition: 1 }])).toMatchObject([{ partition: 1, offset: 9 }])
    expect(ledger.starts).toHaveLength(1)
    await ledger.commit(offsets, [])
    expect(kafka.requests('OffsetCommit')[0]).toMatchObject({ generationIdOrMemberEpoch: 4 })
    await ledger.prove()
    expect(kafka.requests('Heartbeat').map(({ generationId }) => generationId)).toEqual([4, 4])
  })

  it('that has passed already is fenced, and its ledger spent', async () => {
    const ledger = await opened()
    kafka.says('Heartbeat', ErrorCode.ILLEGAL_GENERATION)
    expect(await errorOf(ledger.prove())).toBeInstanceOf(FencedError)
    expect(await errorOf(ledger.renew(next, partitions))).toBeInstanceOf(FencedError)
    expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
  })
})

it('a ledger without transactions commits nothing once it is closed', async () => {
  const ledger = await opened()
  await ledger.close()
  expect(kafka.closedLanes.map(lane => lane.replace(/\d+/, 'N'))).toEqual(['plain-N', 'plain-N-produce'])
  expect((await errorOf(ledger.commit(offsets, []))).message).toContain('spent')
})
