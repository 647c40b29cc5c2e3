import { json, text, topology } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import { givenTo, type MemberTasks, stickyAssignor } from '../../src/engine/worker/assignor'

const plan = planOf(
  topology('app', streams => {
    streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counted' })
  }),
)
/** Tasks with a number of entries each. */
const each = (ids: readonly string[], number: number) => Object.fromEntries(ids.map(id => [id, number]))

describe('a group of 800 workers', () => {
  const wide = new Map([['in', 6_400]])
  const assignor = stickyAssignor(plan, 1, () => ({ active: {}, standby: {} }))
  const ids = Array.from({ length: 800 }, (_, i) => `member-${String(i).padStart(36, '0')}`)
  const assign = (told: ReadonlyMap<string, MemberTasks>) => {
    const members = [...told].map(([memberId, own]) => ({
      ...{ memberId, topics: ['in'] },
      userData: stickyAssignor(plan, 1, () => own).userData(),
    }))
    const given = assignor.assign(members, wide)
    const bytes = [...members, ...given.values()].reduce((sum, { userData }) => sum + userData.length, 0)
    return { bytes, given: new Map([...given].map(([id, { userData }]) => [id, givenTo(userData)])) }
  }

  test('shares its tasks evenly, moves no more than it must, and fits into its record', () => {
    const nothing: MemberTasks = { active: {}, standby: {} }
    const first = assign(new Map(ids.map(id => [id, nothing]))).given
    expect([...first.values()].every(({ active, standby }) => active.length === 8 && standby.length === 8)).toBe(true)
    const told = new Map(
      [...first].map(([id, { active, standby }], i) => [
        id,
        { active: each(active, 5_000), standby: each(standby, 0), owned: active, rack: `rack-${i % 3}` },
      ]),
    )
    const { bytes, given } = assign(told)
    for (const [id, { active }] of given) expect(active).toEqual(first.get(id)!.active)
    // Half of what a record may have by default: names, addresses and partitions come to it.
    expect(bytes).toBeLessThan(1_048_588 / 2)
    const [gone] = ids
    told.delete(gone!)
    const without = assign(told).given
    for (const [id, { active }] of without)
      expect(first.get(id)!.active.every(task => active.includes(task))).toBe(true)
    expect([...without.values()].flatMap(({ active }) => active)).toHaveLength(6_400)
  })
})
