import { json, type Topology, text, topology } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import { givenTo, inWords, type MemberTasks, stickyAssignor } from '../../src/engine/worker/assignor'

const serdes = { key: text, value: json<string>() }
const counting = topology('app', streams => {
  streams.stream('in', serdes).groupByKey().count({ name: 'counted' })
})
const passing = topology('app', streams => {
  streams.stream('in', serdes).to('out', serdes)
})

interface Scene {
  readonly of?: Topology
  readonly counts: Readonly<Record<string, number>>
  readonly replicas?: number
}

/** What members get, by their names, that tell of these tasks. */
function assigned({ of = counting, counts, replicas = 0 }: Scene, members: Record<string, Partial<MemberTasks>>) {
  const plan = planOf(of)
  const told = Object.entries(members).map(([memberId, tasks]) => {
    const own = () => ({ active: {}, standby: {}, ...tasks })
    return { memberId, topics: ['in'], userData: stickyAssignor(plan, replicas, own).userData() }
  })
  const assignor = stickyAssignor(plan, replicas, () => ({ active: {}, standby: {} }))
  const given = assignor.assign(told, new Map(Object.entries(counts)))
  return Object.fromEntries(
    [...given].map(([id, { partitions, userData }]) => [id, { partitions, ...givenTo(userData) }]),
  )
}

const tasks = (count: number) => Array.from({ length: count }, (_, partition) => `0_${partition}`)
const each = (ids: readonly string[], number: number) => Object.fromEntries(ids.map(id => [id, number]))
const large = 1_000_000

describe('how much state is much', () => {
  const counts = { in: 2 }

  it.each([
    [10_000, ['0_1']],
    [10_001, []],
  ])('a task of %p entries goes to a worker without it: %p', (entries, active) => {
    const given = assigned({ counts }, { a: { active: each(tasks(2), entries) }, b: {} })
    expect(given.b!.active).toEqual(active)
    expect(given.b!.warmUp).toEqual(active.length > 0 ? [] : ['0_1'])
  })

  it.each([
    [10_000, ['0_1']],
    [10_001, []],
  ])('a worker that lacks %p records of it gets it at once: %p', (lacks, active) => {
    const given = assigned({ counts }, { a: { active: each(tasks(2), large) }, b: { standby: { '0_1': lacks } } })
    expect(given.b!.active).toEqual(active)
  })

  it('is as much as the largest state that anybody tells of', () => {
    const told = { a: { active: { '0_0': 5, '0_2': large } }, b: { active: { '0_1': 5, '0_2': 5 } }, c: {} }
    const given = assigned({ counts: { in: 3 } }, told)
    expect([given.a!.active, given.c!.active, given.c!.warmUp]).toEqual([['0_0', '0_2'], [], ['0_2']])
  })

  it('is not said by who follows it', () => {
    const told = { a: { active: each(tasks(2), 5) }, b: { standby: { '0_1': 20_000 } } }
    expect(assigned({ counts }, told).b).toMatchObject({ active: ['0_1'], warmUp: [] })
  })

  it('counts for nothing where nobody has nearly all of it: then it goes where it is meant to be', () => {
    const given = assigned({ counts }, { a: { standby: each(tasks(2), 10_001) }, b: {} })
    expect([given.a!.active, given.b!.active, given.b!.warmUp]).toEqual([['0_0'], ['0_1'], []])
  })

  it('stays with who follows it nearly to its end, where nobody else has more', () => {
    const given = assigned({ counts }, { a: { standby: each(tasks(2), 10_000) }, b: {} })
    expect(given.a!.active).toEqual(tasks(2))
    expect(given.b).toMatchObject({ active: [], standby: ['0_1'], warmUp: ['0_1'] })
  })

  it('is nothing in a part without stores: its tasks move at once', () => {
    const given = assigned({ of: passing, counts, replicas: 1 }, { a: { active: each(tasks(2), large) }, b: {} })
    expect(given.a).toMatchObject({ active: ['0_0'], standby: [] })
    expect(given.b).toMatchObject({ active: ['0_1'], standby: [], warmUp: [] })
  })
})

describe('who has the state of a task', () => {
  it('is who worked on it before who follows it, however near', () => {
    const given = assigned(
      { counts: { in: 5 } },
      { a: { standby: each(tasks(5), 0) }, b: { active: each(tasks(5), large) }, c: {} },
    )
    expect(given.b!.active).toEqual(['0_0', '0_1', '0_4'])
    expect(given.c!.warmUp).toEqual(['0_4'])
    expect(given.a!.active).toEqual(['0_2', '0_3'])
  })

  it('is one worker once, though it tells of it twice', () => {
    const own = { active: each(tasks(2), large), standby: each(tasks(2), 5) }
    expect(assigned({ counts: { in: 2 } }, { a: own, b: {} }).a!.active).toEqual(tasks(2))
  })

  it('is who lacks least, whatever the order of the members', () => {
    const told = { a: { standby: each(tasks(2), 7) }, b: { standby: each(tasks(2), 3) } }
    const scene = { counts: { in: 1 } }
    expect(assigned(scene, told).b!.active).toEqual(['0_0'])
    expect(assigned(scene, { b: told.a, a: told.b }).a!.active).toEqual(['0_0'])
  })

  it('does not depend on the order in which members are listed', () => {
    const scene = { counts: { in: 3 }, replicas: 1 }
    const members = { b: {}, a: {}, c: {} }
    const sorted = assigned(scene, { a: {}, b: {}, c: {} })
    expect(assigned(scene, members)).toEqual(sorted)
    expect(['a', 'b', 'c'].map(id => sorted[id]!.active)).toEqual([['0_0'], ['0_1'], ['0_2']])
  })
})

describe('even shares', () => {
  it('are of each part, and the larger one of a part goes to who has less of the others', () => {
    const two = topology('app', streams => {
      for (const topic of ['in', 'more']) streams.stream(topic, serdes).to(`${topic}-out`, serdes)
    })
    const given = assigned({ of: two, counts: { in: 3, more: 1 } }, { a: {}, b: {} })
    expect(given.a!.active).toEqual(['0_0', '0_2'])
    expect(given.b!.active).toEqual(['0_1', '1_0'])
  })

  it('leave nobody with nothing where there is something for everybody', () => {
    const told = { a: { owned: tasks(4) }, b: { owned: [] }, c: {}, d: {} }
    const given = assigned({ of: passing, counts: { in: 5 } }, told)
    expect(given.a!.active).toEqual(['0_0', '0_1'])
    const sum = Object.values(given).flatMap(({ active }) => active)
    expect(sum.sort()).toEqual(['0_0', '0_1', '0_4'])
    expect(given.b!.isToBeContinued).toBe(true)
  })

  it('are no larger for who has state of more', () => {
    const told = { a: { active: each(['0_0', '0_1'], 5) }, b: { active: each(['0_2', '0_3'], 5) }, c: {}, d: {} }
    const given = assigned({ of: passing, counts: { in: 5 } }, told)
    expect(['a', 'b', 'c', 'd'].map(id => given[id]!.active)).toEqual([['0_0', '0_1'], ['0_2'], ['0_3'], ['0_4']])
  })

  it('of a part are no larger for who has little of the others', () => {
    const four = topology('app', streams => {
      for (const topic of ['one', 'two', 'three', 'in']) streams.stream(topic, serdes).to(`${topic}-out`, serdes)
    })
    const counts = { one: 1, two: 1, three: 1, in: 2 }
    const given = assigned({ of: four, counts }, { a: { owned: ['0_0', '1_0', '2_0'] }, b: {} })
    expect([given.a!.active, given.b!.active]).toEqual([['0_0', '1_0', '2_0', '3_1'], ['3_0']])
  })

  it('hold what was worked on before what was followed', () => {
    const told = { a: { standby: { '0_0': 5 }, active: { '0_1': 5 } }, b: {} }
    const given = assigned({ of: passing, counts: { in: 2 } }, told)
    expect([given.a!.active, given.b!.active]).toEqual([['0_1'], ['0_0']])
  })

  it('of no partitions are none', () => {
    expect(assigned({ counts: {} }, { a: {} }).a).toMatchObject({ active: [], standby: [], partitions: {} })
  })

  it('of more members than tasks leave some without any', () => {
    const given = assigned({ of: passing, counts: { in: 2 } }, { a: {}, b: {}, c: {} })
    expect(['a', 'b', 'c'].map(id => given[id]!.active.length)).toEqual([1, 1, 0])
  })
})

describe('partitions', () => {
  const merged = topology('app', streams => {
    streams.stream('in', serdes).merge(streams.stream('more', serdes)).to('out', serdes)
    streams.stream('other', serdes).to('out', serdes)
  })

  it('are those of all topics of the task that are as wide', () => {
    const given = assigned({ of: merged, counts: { in: 3, more: 2, other: 2 } }, { a: {} })
    expect(given.a!.partitions).toEqual({ in: [0, 1, 2], more: [0, 1], other: [0, 1] })
    expect(given.a!.topics).toEqual([['in', 'more'], ['other']])
    expect(assigned({ of: merged, counts: { in: 1, other: 1 } }, { a: {} }).a!.partitions).toEqual({
      in: [0],
      other: [0],
    })
  })
})

describe('standbys', () => {
  it('are as many as are wanted, and no more than there are others', () => {
    const follows = (replicas: number) =>
      Object.values(assigned({ counts: { in: 1 }, replicas }, { a: {}, b: {}, c: {}, d: {} }))
        .map(({ standby }) => standby.length)
        .reduce((sum, n) => sum + n)
    expect([0, 1, 2, 3, 5].map(follows)).toEqual([0, 1, 2, 3, 3])
  })

  it('are shared evenly among those that have none of the state', () => {
    const given = assigned({ counts: { in: 6 }, replicas: 1 }, { a: {}, b: {}, c: {} })
    expect(['a', 'b', 'c'].map(id => given[id]!.standby.length)).toEqual([2, 2, 2])
  })

  it('stay with who lacks least of them', () => {
    const members = {
      a: { active: { '0_0': 5 }, owned: ['0_0'] },
      b: { standby: { '0_0': 9 } },
      c: { standby: { '0_0': 4 } },
      d: {},
    }
    const given = assigned({ counts: { in: 1 }, replicas: 1 }, members)
    expect(['a', 'b', 'c', 'd'].map(id => given[id]!.standby)).toEqual([[], [], ['0_0'], []])
  })

  it('of one task are with different workers, the first of equals first', () => {
    const owner = { active: { '0_0': 5 }, owned: ['0_0'] }
    const followers = (replicas: number, b: Partial<MemberTasks>) => {
      const given = assigned({ counts: { in: 1 }, replicas }, { a: owner, b, c: {}, d: {} })
      return ['b', 'c', 'd'].filter(id => given[id]!.standby.includes('0_0'))
    }
    expect(followers(1, {})).toEqual(['b'])
    expect(followers(2, { standby: { '0_0': 1 } })).toEqual(['b', 'c'])
  })

  it('count those that are to become active, once each', () => {
    const given = assigned({ counts: { in: 2 }, replicas: 1 }, { a: { active: each(tasks(2), large) }, b: {} })
    expect(given.b).toMatchObject({ standby: ['0_1', '0_0'], warmUp: ['0_1'] })
  })

  it('that the next owner has are kept until its former one has let go, and no others are made of it', () => {
    const owner = { active: each(tasks(2), 5), owned: tasks(2) }
    const scene = { counts: { in: 2 } }
    expect(assigned(scene, { a: owner, b: { standby: { '0_1': 3 } } }).b!.standby).toEqual(['0_1'])
    expect(assigned(scene, { a: owner, b: {} }).b!.standby).toEqual([])
    expect(assigned(scene, { a: { ...owner, standby: { '0_0': 3 } }, b: {} }).a!.standby).toEqual([])
  })

  it('prefer a rack without a copy to who follows on one that has it, and who follows among equals', () => {
    const owner = { rack: 'x', active: { '0_0': 5 }, owned: ['0_0'] }
    const scene = { counts: { in: 1 }, replicas: 1 }
    const followers = (members: Record<string, Partial<MemberTasks>>) =>
      Object.entries(assigned(scene, { a: owner, ...members })).flatMap(([id, { standby }]) =>
        standby.length > 0 ? [id] : [],
      )
    const follows = { standby: { '0_0': 1 } }
    expect(followers({ b: { rack: 'y' }, c: { rack: 'x', ...follows } })).toEqual(['b'])
    expect(followers({ b: { rack: 'y' }, c: { ...follows } })).toEqual(['b'])
    expect(followers({ b: { rack: 'y' }, c: { rack: 'z', ...follows } })).toEqual(['c'])
    expect(followers({ b: {}, c: { ...follows } })).toEqual(['c'])
    expect(followers({ b: { rack: 'x' }, c: { rack: 'x', ...follows } })).toEqual(['c'])
    expect(followers({ b: { rack: 'x' }, c: {} })).toEqual(['c'])
  })
})

describe('what members say', () => {
  it('may be nothing: then they have nothing', () => {
    const assignor = stickyAssignor(planOf(counting), 0, () => ({ active: {}, standby: {} }))
    const silent = { memberId: 'a', topics: ['in'], userData: Buffer.alloc(0) }
    const given = assignor.assign([silent], new Map([['in', 1]]))
    expect(givenTo(given.get('a')!.userData)).toMatchObject({ active: ['0_0'], standby: [], warmUp: [] })
    expect(givenTo(Buffer.alloc(0))).toEqual({ active: [], standby: [], warmUp: [] })
  })

  it('is put into words, with each task where it belongs', () => {
    const parts = inWords({ active: ['0_0', '0_1'], standby: ['0_2', '0_3'], warmUp: ['0_3'] }).split('; ')
    expect(parts.map(part => part.match(/\d_\d/g))).toEqual([['0_0', '0_1'], ['0_2'], ['0_3']])
    expect(inWords({ active: [], standby: [], warmUp: [] }).split('; ')).toHaveLength(1)
  })
})
