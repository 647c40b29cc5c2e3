import { json, sliding, text, topology, tumbling, untilTimeLimit } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
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

describe('what a topology is told as', () => {
  const rows = memory({ name: 'rows' })
  const read = { ...serdes, restoreFrom: 'sourceTopic' as const, materialized: 'rows-kept' }
  const asked = planOf(
    topology('app', s => {
      s.table('rows', read).toStream().to(rows)
      const grouped = s.stream('in', serdes).groupByKey()
      grouped
        .count({ name: 'held', location: 'disk' })
        .suppress(untilTimeLimit(10, { maxRecords: 1 }), { name: 'waits' })
      s.queries({ key: 'id', stores: { all: 'held' } })
    }),
  )
  const found = topologyVitals(asked, new Map([['in', 3]]), { version: '7', atMs: 9 })

  it('says whose it is, of which version and when, by which names it is asked, and which ends it has', () => {
    expect(found).toMatchObject({
      ...{ v: 1, kind: 'topology', application: 'app', version: '7', atMs: 9 },
      queries: { key: 'id', stores: { all: 'held' } },
      ends: [{ name: 'rows', kind: rows.end.kind, guarantee: rows.end.guarantee }],
    })
    expect(found.epoch).toMatch(/^[0-9a-f]{12}$/)
    expect(found.parts.map(({ id }) => id)).toEqual([0, 1, 2])
    expect(topologyVitals(plan, new Map(), told)).not.toHaveProperty('queries')
  })

  it('describes each store: where it is, how it is asked, and how wide it is', () => {
    const all = new Map(found.stores.map(each => [each.name, each]))
    expect([...all.keys()].sort()).toEqual(['held', 'rows-kept', 'waits'])
    expect(all.get('rows-kept')).toMatchObject({
      ...{ kind: 'keyValue', location: 'memory', key: 'text', keyTopic: 'rows', part: 0, width: 0 },
      ...{ canBeAsked: true, log: { topic: 'rows', holds: 'records' } },
    })
    expect(all.get('held')).toMatchObject({
      ...{ kind: 'keyValue', location: 'disk', keyTopic: 'in', part: 1, width: 3, canBeAsked: true },
    })
    expect(all.get('waits')).toMatchObject({ canBeAsked: false })
  })

  it('has one task at least for what every worker has', () => {
    const global = topologyVitals(plan, new Map(), told).stores.find(({ part }) => part === undefined)
    expect(global).toMatchObject({ width: 1 })
    expect(global).not.toHaveProperty('part')
  })
})
