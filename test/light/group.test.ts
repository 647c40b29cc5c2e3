import { ErrorCode } from '../../src/connectors/kafka/protocol/error-codes'
import { Group } from '../../src/light/groups/group'
import { GroupOffsets } from '../../src/light/groups/group-offsets'
import type { Join, JoinAnswer, SyncAnswer } from '../../src/light/groups/group-requests'
import { VirtualClock } from '../../src/light/world/virtual-clock'

const SESSION_MS = 10_000
const REBALANCE_MS = 60_000

/** A group, and members that say what they hear. */
function scene() {
  const clock = new VirtualClock()
  let ids = 0
  const offsets = new GroupOffsets(() => {})
  const group = new Group(
    'g',
    clock,
    name => `${name}-${ids++}`,
    offsets,
    () => {},
  )
  const join = (memberId: string, more: Partial<Join> = {}) => {
    const heard: JoinAnswer[] = []
    const protocols = [{ name: 'range', metadata: Buffer.from(memberId || 'new') }]
    const usual = { instanceId: null, clientId: 'm', host: '/h', protocolType: 'consumer', protocols }
    const times = { sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS }
    group.join({ memberId, ...usual, ...times, requiresId: false, maySkipAssignment: true, ...more }, a =>
      heard.push(a),
    )
    return heard
  }
  const sync = (memberId: string, generationId: number, assigned: Record<string, string> = {}) => {
    const heard: SyncAnswer[] = []
    const assignments = new Map(Object.entries(assigned).map(([id, text]) => [id, Buffer.from(text)]))
    group.sync({ memberId, instanceId: null, generationId }, assignments, a => heard.push(a))
    return heard
  }
  const beat = (memberId: string, generationId: number) => group.heartbeat({ memberId, instanceId: null, generationId })
  /** Two members in generation 2: m-0, who leads, and m-1. */
  const two = () => {
    join('')
    sync('m-0', 1, { 'm-0': 'all' })
    join('')
    join('m-0')
    sync('m-1', 2)
    sync('m-0', 2, { 'm-0': 'x', 'm-1': 'y' })
  }
  return { clock, group, join, sync, beat, two }
}

test('a first member leads a generation of its own', () => {
  const { group, join, sync } = scene()
  expect(join('')).toMatchObject([
    { errorCode: 0, generationId: 1, leader: 'm-0', memberId: 'm-0', protocolName: 'range' },
  ])
  expect(sync('m-0', 1, { 'm-0': 'all' })).toMatchObject([{ errorCode: 0, assignment: Buffer.from('all') }])
  expect(group.state).toBe('Stable')
})

test('an id is promised first where the client knows of that, and expires with its session', () => {
  const { clock, group, join } = scene()
  expect(join('', { requiresId: true })).toMatchObject([{ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'm-0' }])
  expect(join('m-0')).toMatchObject([{ errorCode: 0, memberId: 'm-0' }])
  join('', { requiresId: true })
  clock.advance(SESSION_MS)
  expect(join('m-1')).toMatchObject([{ errorCode: ErrorCode.UNKNOWN_MEMBER_ID }])
  expect(group.members.size).toBeLessThan(2)
})

test('a second member waits until the first has heard of it and joined again', () => {
  const { join, sync, beat } = scene()
  join('')
  sync('m-0', 1, { 'm-0': 'all' })
  const second = join('')
  expect(second).toEqual([])
  expect(beat('m-0', 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  const [first] = join('m-0')
  expect(first).toMatchObject({ generationId: 2, leader: 'm-0', members: [{ memberId: 'm-0' }, { memberId: 'm-1' }] })
  expect(second).toMatchObject([{ generationId: 2, leader: 'm-0', members: [] }])
  const synced = sync('m-1', 2)
  expect(synced).toEqual([])
  sync('m-0', 2, { 'm-0': 'x', 'm-1': 'y' })
  expect(synced).toMatchObject([{ errorCode: 0, assignment: Buffer.from('y') }])
})

test('who does not join again within the rebalance timeout is out', () => {
  const { clock, group, join, two, beat } = scene()
  two()
  const again = join('m-0')
  // m-1 beats, and never joins.
  for (let ms = 0; ms < REBALANCE_MS; ms += 5_000) {
    beat('m-1', 2)
    clock.advance(5_000)
  }
  expect(again).toMatchObject([{ errorCode: 0, generationId: 3 }])
  expect(group.members.all().map(({ id }) => id)).toEqual(['m-0'])
})

test('who is silent for a session is out, and the others join again', () => {
  const { clock, group, two, beat } = scene()
  two()
  clock.advance(SESSION_MS - 1)
  expect(beat('m-0', 2)).toBe(0)
  clock.advance(1)
  expect(beat('m-1', 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(beat('m-0', 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  expect(group.state).toBe('PreparingRebalance')
})

test('who joined and never asks what it is assigned holds the others up no longer than the rebalance timeout', () => {
  const { clock, group, join, beat } = scene()
  join('')
  for (let ms = 0; ms < REBALANCE_MS; ms += 5_000) {
    beat('m-0', 1)
    clock.advance(5_000)
  }
  expect([group.members.size, group.state]).toEqual([0, 'Empty'])
})

test('a former generation is refused everywhere', () => {
  const { group, two, sync, beat } = scene()
  two()
  const claim = { memberId: 'm-0', instanceId: null, generationId: 1 }
  expect(beat('m-0', 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(sync('m-0', 1)).toMatchObject([{ errorCode: ErrorCode.ILLEGAL_GENERATION }])
  expect(group.mayCommit(claim, false)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(group.mayCommit(claim, true)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(group.mayCommit({ ...claim, generationId: 2 }, true)).toBe(0)
})

test('positions may be noted by nobody in particular while the group is empty, and by members only when it is not', () => {
  const { group, join } = scene()
  const nobody = { memberId: '', instanceId: null, generationId: -1 }
  expect(group.mayCommit(nobody, false)).toBe(0)
  join('')
  expect(group.mayCommit(nobody, false)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  const member = { memberId: 'm-0', instanceId: null, generationId: 1 }
  expect(group.mayCommit(member, false)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
})

test('the protocol that most members prefer of those that all speak wins; one that nobody shares is refused', () => {
  const { join } = scene()
  const speaks = (...names: string[]) => ({ protocols: names.map(name => ({ name, metadata: Buffer.alloc(0) })) })
  join('', speaks('a', 'b'))
  expect(join('', speaks('c'))).toMatchObject([{ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL }])
  const second = join('', speaks('c', 'b'))
  join('m-0', speaks('a', 'b'))
  expect(second).toMatchObject([{ errorCode: 0, protocolName: 'b' }])
})

test('a static member that comes back keeps its work, and the one with its former id is fenced', () => {
  const { clock, group, join, sync } = scene()
  const isStatic = { instanceId: 'i' }
  join('', isStatic)
  group.sync({ memberId: 'i-0', instanceId: 'i', generationId: 1 }, new Map([['i-0', Buffer.from('all')]]), () => {})
  expect(join('', isStatic)).toMatchObject([{ errorCode: 0, generationId: 1, memberId: 'i-1', skipAssignment: true }])
  expect(group.heartbeat({ memberId: 'i-0', instanceId: 'i', generationId: 1 })).toBe(ErrorCode.FENCED_INSTANCE_ID)
  expect(sync('i-1', 1)).toMatchObject([{ errorCode: 0, assignment: Buffer.from('all') }])
  clock.advance(SESSION_MS)
  expect(group.members.size).toBe(0)
})

test('members that leave are gone at once; the last one leaves an empty group', () => {
  const { group, join, two } = scene()
  two()
  expect(group.leave('m-1', null)).toBe(0)
  expect(group.leave('m-1', null)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(join('m-0')).toMatchObject([{ errorCode: 0, generationId: 3 }])
  group.leave('m-0', null)
  expect(group.state).toBe('Empty')
})

test('when the group moves to another node, who waits is told to look for it', () => {
  const { group, join, two } = scene()
  two()
  const waiting = join('m-0')
  group.moved()
  expect(waiting).toMatchObject([{ errorCode: ErrorCode.NOT_COORDINATOR }])
  join('m-1')
  expect(join('m-0')).toMatchObject([{ errorCode: 0, generationId: 3 }])
})

test('positions of a transaction count when it is committed', () => {
  const { group } = scene()
  const at = { topic: 't', partition: 0, leaderEpoch: -1, metadata: '' }
  group.offsets.noteInTransaction(1, 0, [{ ...at, offset: 5 }], 0)
  group.offsets.noteInTransaction(2, 0, [{ ...at, offset: 6 }], 0)
  expect([group.offsets.isUnstable('t', 0), group.offsets.get('t', 0)]).toEqual([true, undefined])
  group.offsets.endTransaction(1, true)
  group.offsets.endTransaction(2, false)
  expect([group.offsets.isUnstable('t', 0), group.offsets.get('t', 0)?.offset]).toEqual([false, 5])
})
