import { json, text, topology } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import { givenTo, type MemberTasks, stickyAssignor } from '../../src/engine/worker/assignor'

const plan = planOf(
  topology('app', streams => {
    streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counted' })
  }),
)
const counts = new Map([['in', 5]])

interface Member extends Partial<MemberTasks> {
  readonly memberId: string
}

/** What each member gets when they tell of these tasks. */
function assigned(members: readonly Member[], replicas: number) {
  const assignor = stickyAssignor(plan, replicas, () => ({ active: {}, standby: {} }))
  const told = members.map(({ memberId, ...tasks }) => ({
    memberId,
    topics: ['in'],
    userData: Buffer.from(JSON.stringify({ active: {}, standby: {}, ...tasks })),
  }))
  const given = assignor.assign(told, counts)
  return Object.fromEntries(
    [...given].map(([id, { userData }]) => {
      const { topics, ...tasks } = givenTo(userData)
      // The same for all: for whoever describes the group.
      expect(topics).toEqual(plan.subTopologies.map(part => part.sources.map(({ spec }) => spec.topic)))
      return [id, tasks]
    }),
  )
}

const all = ['0_0', '0_1', '0_2', '0_3', '0_4']
/** Tasks with a number (entries, or what is lacking) each. */
const each = (ids: readonly string[], number: number) => Object.fromEntries(ids.map(id => [id, number]))
const large = 1_000_000

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
  ] as const
  const members = [{ memberId: 'a', active: each(a, 5) }, { memberId: 'b', active: each(b, 5) }, { memberId: 'c' }]
  const given = assigned(members, 0)
  expect(given.a!.active.every(id => (a as readonly string[]).includes(id))).toBe(true)
  expect(given.b!.active).toEqual(b)
  expect(given.c!.active.length).toBe(1)
})

test('a lost worker is followed by who holds its standby', () => {
  const given = assigned(
    [
      { memberId: 'b', active: each(['0_2', '0_3'], large), standby: { '0_4': 20 } },
      { memberId: 'c', active: each(['0_0'], large), standby: { '0_1': 20 } },
    ],
    1,
  )
  expect([...given.b!.active].sort()).toEqual(['0_2', '0_3', '0_4'])
  expect([...given.c!.active].sort()).toEqual(['0_0', '0_1'])
})

test('of two standbys the one that lacks less takes over', () => {
  const given = assigned(
    [
      { memberId: 'a', active: each(['0_1'], large), standby: { '0_0': 9_000 } },
      { memberId: 'b', active: each(['0_2'], large), standby: { '0_0': 30 } },
      { memberId: 'c', active: each(['0_3', '0_4'], large) },
    ],
    1,
  )
  expect([...given.b!.active].sort()).toEqual(['0_0', '0_2'])
  expect(given.a!.standby).toContain('0_0')
})

describe('a worker that joins without state', () => {
  const old = { memberId: 'a', active: each(all, large) }

  test('gets none of the tasks with much state, and follows those that are meant for it', () => {
    const given = assigned([old, { memberId: 'b' }], 0)
    expect(given.a!.active).toEqual(all)
    expect(given.b).toEqual({ active: [], standby: ['0_3', '0_4'], warmUp: ['0_3', '0_4'] })
  })

  test('goes on following while it lacks much', () => {
    const given = assigned([old, { memberId: 'b', standby: { '0_3': 20_000, '0_4': 5 } }], 0)
    expect(given.a!.active).toEqual(['0_0', '0_1', '0_2', '0_3'])
    expect(given.b).toEqual({ active: ['0_4'], standby: ['0_3'], warmUp: ['0_3'] })
  })

  test('gets them once it has their state', () => {
    const given = assigned([old, { memberId: 'b', standby: each(['0_3', '0_4'], 12) }], 0)
    expect(given.a!.active).toEqual(['0_0', '0_1', '0_2'])
    expect(given.b).toEqual({ active: ['0_3', '0_4'], standby: [], warmUp: [] })
  })

  test('gets its share at once where there is little state, or nobody has it', () => {
    const small = { memberId: 'a', active: each(all, 200) }
    expect(assigned([small, { memberId: 'b' }], 0).b!.active).toEqual(['0_3', '0_4'])
    const half = { memberId: 'a', active: each(['0_0', '0_1'], large) }
    expect(assigned([half, { memberId: 'b' }], 0).b!.active).toHaveLength(2)
  })
})

describe('a task that another worker is at work on', () => {
  const [a, b] = [{ memberId: 'a', active: each(all, 5), owned: all }, { memberId: 'b' }]

  test('is given to nobody before that one has let go of it, and then to who it is meant for', () => {
    const first = assigned([a, b], 0)
    expect(first.a).toEqual({ active: ['0_0', '0_1', '0_2'], standby: [], warmUp: [], isToBeContinued: true })
    expect(first.b).toEqual({ active: [], standby: [], warmUp: [], isToBeContinued: true })
    // It has their state still, and is no longer at work on them.
    const second = assigned([{ ...a, owned: first.a!.active }, b], 0)
    expect(second.a).toEqual({ active: first.a!.active, standby: [], warmUp: [] })
    expect(second.b).toEqual({ active: ['0_3', '0_4'], standby: [], warmUp: [] })
  })

  test('stays there, whoever else says that it has its state', () => {
    const given = assigned(
      [
        { memberId: 'a', active: each(all, 5) },
        { ...b, active: each(all, 5), owned: ['0_0', '0_1', '0_2'] },
      ],
      0,
    )
    expect(given.b!.active).toEqual(['0_0', '0_1', '0_2'])
    expect(given.a!.active).toEqual(['0_3', '0_4'])
  })

  test('goes on being followed by who is to have it next', () => {
    const follower = { memberId: 'b', standby: each(all, 0) }
    const first = assigned([a, follower], 1)
    expect(first.b!.active).toEqual([])
    expect([...first.b!.standby].sort()).toEqual(all)
    expect(assigned([{ ...a, owned: first.a!.active }, follower], 1).b!.active).toEqual(['0_3', '0_4'])
  })

  test('moves at once where its worker is gone, or has given it up', () => {
    expect(assigned([{ memberId: 'b' }], 0).b).toEqual({ active: all, standby: [], warmUp: [] })
    const given = assigned([{ ...a, owned: [] }, b], 0)
    expect([given.a!.active.length, given.b!.active.length]).toEqual([3, 2])
  })

  test('does not make who waits for it look idle: the parts that follow are shared evenly', () => {
    const two = planOf(
      topology('app', streams => {
        for (const topic of ['in', 'more'])
          streams.stream(topic, { key: text, value: json() }).to(`${topic}-out`, { key: text, value: json() })
      }),
    )
    const assignor = stickyAssignor(two, 0, () => ({ active: {}, standby: {} }))
    const member = (memberId: string, owned: readonly string[]) => ({
      ...{ memberId, topics: ['in', 'more'] },
      userData: Buffer.from(JSON.stringify({ active: {}, standby: {}, owned })),
    })
    const widths = new Map([
      ['in', 2],
      ['more', 1],
    ])
    const given = assignor.assign([member('a', ['0_0', '0_1']), member('b', [])], widths)
    const active = (id: string) => givenTo(given.get(id)!.userData).active
    expect(active('a')).toEqual(['0_0', '1_0'])
    expect(active('b')).toEqual([])
  })
})

describe('a worker that stops', () => {
  const b = { memberId: 'b', active: each(['0_3', '0_4'], 5), owned: ['0_3', '0_4'] }
  const a = { memberId: 'a', active: each(['0_0', '0_1', '0_2'], 5), owned: ['0_0', '0_1', '0_2'], isLeaving: true }

  test('is to let go of its tasks, which are given to others in the next round', () => {
    const first = assigned([a, { ...b, standby: { '0_0': 3 } }], 1)
    expect(first.a).toEqual({ active: [], standby: [], warmUp: [], isToBeContinued: true })
    expect(first.b).toEqual({ active: ['0_3', '0_4'], standby: ['0_0'], warmUp: [], isToBeContinued: true })
    expect([...assigned([b], 1).b!.active].sort()).toEqual(all)
  })

  test('keeps nothing that others lack much of: it is gone anyway', () => {
    const given = assigned([{ ...a, active: each(a.owned, large) }, b], 0)
    expect(given.a!.active).toEqual([])
    expect(given.b!.warmUp).toEqual([])
  })

  test('goes on where nobody else stays', () => {
    const given = assigned([a, { ...b, isLeaving: true }], 0)
    expect(given.a!.active).toEqual(a.owned)
    expect(given.b!.active).toEqual(b.owned)
    expect(assigned([{ ...a, active: each(all, 5), owned: all }], 0).a).toMatchObject({ active: all })
  })
})

describe('standbys of workers on racks', () => {
  const owner = { memberId: 'a', rack: 'x', active: each(all, 5), owned: all }
  const follows = (given: ReturnType<typeof assigned>, id: string) =>
    Object.keys(given).filter(member => given[member]!.standby.includes(id))

  test('are on other racks than the task and one another', () => {
    const members = [
      { ...owner, active: each(['0_0', '0_1'], large), owned: ['0_0', '0_1'] },
      { memberId: 'b', rack: 'x', active: each(['0_2'], large), owned: ['0_2'] },
      { memberId: 'c', rack: 'y', active: each(['0_3'], large), owned: ['0_3'] },
      { memberId: 'd', rack: 'z', active: each(['0_4'], large), owned: ['0_4'] },
    ]
    const two = assigned(members, 2)
    for (const id of ['0_0', '0_1', '0_2']) expect(follows(two, id)).toEqual(['c', 'd'])
    expect(follows(two, '0_3')).toContain('d')
    expect(follows(two, '0_3').filter(member => member !== 'd')).toHaveLength(1)
    expect(assigned(members, 1).b!.standby.filter(id => ['0_0', '0_1'].includes(id))).toEqual([])
  })

  test('leave a rack that has the task, however much is followed there', () => {
    const given = assigned(
      [owner, { memberId: 'b', rack: 'x', standby: each(all, 0), active: {} }, { memberId: 'c', rack: 'y' }],
      1,
    )
    const stay = given.a!.active
    expect(stay.length).toBeGreaterThan(0)
    for (const id of stay) expect(follows(given, id)).toContain('c')
  })

  test('are on the same rack where there is no other, and on one that is not told before that', () => {
    const same = assigned([owner, { memberId: 'b', rack: 'x' }], 1)
    for (const id of same.a!.active) expect(follows(same, id)).toEqual(['b'])
    const untold = assigned([owner, { memberId: 'b', rack: 'x' }, { memberId: 'c' }], 1)
    for (const id of untold.a!.active) expect(follows(untold, id)).toContain('c')
  })

  test('stay where they are followed among workers that tell of no rack', () => {
    const members = [
      { ...owner, rack: undefined },
      { memberId: 'b', active: {} },
      { memberId: 'c', standby: each(all, 7) },
    ]
    const given = assigned(members, 1)
    for (const id of given.a!.active) expect(given.c!.standby).toContain(id)
  })
})
