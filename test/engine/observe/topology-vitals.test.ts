import { json, sliding, text, topology, tumbling } from '../../../src'
import { topologyVitals } from '../../../src/engine/observe/topology-vitals'
import { planOf } from '../../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
const plan = planOf(
  topology('app', s => {
    const names = s.globalTable('names', { ...serdes, name: 'names' })
    const grouped = s
      .stream('in', serdes)
      .join(names, { keyMapper: (_: string, value: any) => String(value), joiner: (value: any) => value })
      .groupByKey()
    grouped.windowedBy(tumbling({ sizeMs: 60_000, graceMs: 0 })).count({ name: 'by-minute' })
    grouped.windowedBy(sliding({ timeDifferenceMs: 5_000, graceMs: 0 })).count({ name: 'lately' })
    grouped.count({ name: 'in-all' })
  }),
)
const told = { version: '1', atMs: 0 }
const { stores, epoch } = topologyVitals(
  plan,
  new Map([
    ['in', 6],
    ['names', 2],
  ]),
  told,
)
const store = (name: string) => stores.find(each => each.name === name)

it('a window store says how long its windows are, and no other store does', () => {
  expect(store('by-minute')?.log).toMatchObject({ topic: 'app-by-minute-changelog', holds: 'state', windowMs: 60_000 })
  expect(store('lately')?.log).toMatchObject({ windowMs: 5_000 })
  expect(store('in-all')?.log).not.toHaveProperty('windowMs')
})

it("a store has its part's width, and one that every worker has the widest part's", () => {
  const global = stores.filter(({ part }) => part === undefined)
  expect(global.map(({ keyTopic, width }) => [keyTopic, width])).toEqual([['names', 6]])
  expect(store('in-all')).toMatchObject({ keyTopic: 'in', width: 6 })
})

it('a topology of other partitions is another one', () => {
  const other = topologyVitals(
    plan,
    new Map([
      ['in', 7],
      ['names', 2],
    ]),
    told,
  )
  expect(other.epoch).not.toBe(epoch)
  expect(
    topologyVitals(
      plan,
      new Map([
        ['in', 6],
        ['names', 2],
      ]),
      { version: '2', atMs: 9 },
    ).epoch,
  ).toBe(epoch)
})
