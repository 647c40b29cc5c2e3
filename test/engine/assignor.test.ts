import { json, text, topology } from '../../src'
import { decode, stickyAssignor } from '../../src/engine/assignor'
import { planOf } from '../../src/engine/plan'

const plan = planOf(
  topology('app', streams => {
    streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counted' })
  }),
)
const counts = new Map([['in', 5]])

interface Member {
  readonly memberId: string
  readonly active?: readonly string[]
  readonly standby?: readonly string[]
}

/** What each member gets when they tell of these tasks. */
function assigned(members: readonly Member[], replicas: number) {
  const assignor = stickyAssignor(plan, replicas, () => ({ active: [], standby: [] }))
  const told = members.map(({ memberId, active = [], standby = [] }) => ({
    memberId,
    topics: ['in'],
    userData: Buffer.from(JSON.stringify({ active, standby })),
  }))
  const given = assignor.assign(told, counts)
  return Object.fromEntries([...given].map(([id, { userData }]) => [id, decode(userData)]))
}

const all = ['0_0', '0_1', '0_2', '0_3', '0_4']

test('tasks are shared evenly, each given once, with standbys elsewhere', () => {
  const given = assigned([{ memberId: 'a' }, { memberId: 'b' }], 1)
  expect([...given.a!.active, ...given.b!.active].sort()).toEqual(all)
  expect([given.a!.active.length, given.b!.active.length].sort()).toEqual([2, 3])
  expect([...given.a!.standby].sort()).toEqual([...given.b!.active].sort())
  expect([...given.b!.standby].sort()).toEqual([...given.a!.active].sort())
})

test('a task stays where its state is', () => {
  const [a, b] = [
    ['0_4', '0_1', '0_0'],
    ['0_2', '0_3'],
  ]
  const given = assigned([{ memberId: 'a', active: a! }, { memberId: 'b', active: b! }, { memberId: 'c' }], 0)
  expect(given.a!.active.every(id => a!.includes(id))).toBe(true)
  expect(given.b!.active).toEqual(b)
  expect(given.c!.active.length).toBe(1)
})

test('a lost worker is followed by who holds its standby', () => {
  const given = assigned(
    [
      { memberId: 'b', active: ['0_2', '0_3'], standby: ['0_4'] },
      { memberId: 'c', active: ['0_0'], standby: ['0_1'] },
    ],
    1,
  )
  expect([...given.b!.active].sort()).toEqual(['0_2', '0_3', '0_4'])
  expect([...given.c!.active].sort()).toEqual(['0_0', '0_1'])
})
