import { integer, json, keyValueStore, session, sliding, text, topology, tumbling, untilWindowCloses } from '../../src'
import type { Broker } from '../../src/connectors/broker'
import type { Topology } from '../../src/dsl/graph'
import { planOf } from '../../src/engine/plan/plan'
import { Asker } from '../../src/engine/queries/asker'
import { QueryServer } from '../../src/engine/queries/query-server'
import { decodeQuestion, encodeAnswer } from '../../src/engine/queries/question'
import { NotFoundError, UsageError } from '../../src/errors'
import { TopologyTestDriver } from '../../src/testing/test-driver'
import { MemoryBroker } from '../connectors/memory-broker'

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const registry = { schemaById: async () => undefined, hasSubject: async () => true, idOf: async () => 1 }

const asked = topology('asked', streams => {
  const numbers = streams.stream('in', { key: text, value: json<number>() })
  const groups = numbers.groupByKey()
  groups.count({ name: 'counts' })
  groups.windowedBy(tumbling({ sizeMs: 10, graceMs: 0 })).count({ name: 'tumbling', historyMs: 100 })
  groups.windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 0 })).count({ name: 'sliding' })
  groups.windowedBy(session({ gapMs: 10, graceMs: 0 })).count({ name: 'session' })
  groups
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
    .count({ name: 'suppressed-counts' })
    .suppress(untilWindowCloses, { name: 'held' })
  streams.table('versions', { key: text, value: json<number>(), name: 'v', versioned: { historyRetentionMs: 1000 } })
  streams.table('ages', { key: integer, value: json<number>(), name: 'ages', materialized: 'by-age' })
  streams.globalTable('everywhere', { key: text, value: json<string>(), name: 'global' })
  numbers.process({
    name: 'processor',
    stores: [keyValueStore({ name: 'own' })],
    supplier: () => {
      let own: any
      return {
        init: context => {
          own = context.store('own')
        },
        process: ({ key, value }) => own.put(key, { seen: value }),
      }
    },
  })
})

/** The driver's own tasks, answered for as a worker would. */
async function running(built: Topology) {
  const driver = await TopologyTestDriver.create(built)
  const kafka = new MemoryBroker({
    ...{ in: 1, versions: 1, ages: 1, everywhere: 1 },
    ...{ 'asked-queries': 1, 'asked-replies': 1 },
  })
  const { tasks, globals } = (driver as any).worker
  const server = new QueryServer({
    ...{ plan: planOf(built, { whole: true }), broker: kafka, clock, log, worker: 'w' },
    globals: globals.stores,
  })
  server.serve(new Map(tasks.map((task: any) => [task.id, { task, idle: undefined, sealed: new Map() }])))
  const broker = kafka as unknown as Broker
  const asker = await Asker.open({ topology: built, broker, registry, nowMs: Date.now })
  const ask = async (store: string, key: unknown, more: object = {}) =>
    (await asker.ask({ store, key, ...more })).entries
  return { driver, kafka, server, asker, ask, tasks }
}

describe('questions', () => {
  let world: Awaited<ReturnType<typeof running>>
  beforeAll(async () => {
    world = await running(asked)
    const { driver } = world
    for (const [key, timestamp] of [
      ['a', 1],
      ['a', 2],
      ['b', 4],
      ['a', 35],
    ] as const)
      await driver.pipe('in', { key, value: timestamp, timestamp })
    for (const [value, timestamp] of [
      [1, 10],
      [2, 20],
      [null, 30],
    ] as const)
      await driver.pipe('versions', { key: 'a', value, timestamp })
    await driver.pipe('ages', { key: 7, value: 70, timestamp: 5 })
    await driver.pipe('everywhere', { key: 'x', value: 'here', timestamp: 6 })
  })
  afterAll(async () => {
    await world.asker.close()
    await world.server.close()
  })

  test('of every kind of store, the last entry or a stretch of time', async () => {
    const { ask } = world
    expect(await ask('counts', 'a')).toEqual([{ value: 3, timestamp: 35 }])
    expect(await ask('counts', 'nobody')).toEqual([])
    expect(await ask('tumbling', 'a')).toEqual([{ window: { start: 30, end: 40 }, value: 1, timestamp: 35 }])
    const both = [expect.objectContaining({ window: { start: 0, end: 10 }, value: 2 }), expect.anything()]
    expect(await ask('tumbling', 'a', { rangeMs: 100 })).toEqual(both)
    expect(await ask('tumbling', 'a', { from: 9 })).toEqual(both)
    expect((await ask('tumbling', 'a', { from: 10 })).length).toBe(1)
    expect((await ask('tumbling', 'a', { from: 0, to: 29 })).length).toBe(1)
    expect(await ask('sliding', 'a')).toEqual([{ window: { start: 25, end: 35 }, value: 1, timestamp: 35 }])
    expect(await ask('session', 'a', { from: 0 })).toEqual([
      { window: { start: 1, end: 2 }, value: 2 },
      { window: { start: 35, end: 35 }, value: 1 },
    ])
    expect(await ask('by-age', 7)).toEqual([{ value: 70, timestamp: 5 }])
    expect(await ask('global-global', 'x')).toEqual([{ value: 'here', timestamp: 6 }])
    expect(await ask('own', 'b')).toEqual([{ value: { seen: 4 } }])
  })

  test('of versions: none where the last one says so, all of a stretch of time', async () => {
    const { ask } = world
    expect(await ask('v', 'a')).toEqual([])
    expect((await ask('v', 'a', { from: 0 })).map(({ value }) => value)).toEqual([1, 2, null])
  })

  test('see what is committed, and change nothing', async () => {
    const { ask, tasks } = world
    const task = tasks[0]
    const store = task.stores.get('counts')
    task.state.journal.begin()
    store.put('a', { value: 99, timestamp: 99 })
    expect(await ask('counts', 'a')).toEqual([{ value: 3, timestamp: 35 }])
    expect(task.isDirty).toBe(true)
    task.state.journal.rewind()
    expect(task.isDirty).toBe(false)
    expect(task.streamTime).toBe(35)
  })

  test('that can not be answered are refused with the reason', async () => {
    const { ask, asker, kafka, server, tasks } = world
    await expect(ask('nothing', 'a')).rejects.toThrow(NotFoundError)
    await expect(ask('held', 'a')).rejects.toThrow(/store "held" holds what is on its way/)
    await expect(ask('by-age', 'old')).rejects.toThrow(/is no key of store "by-age"/)
    expect([asker.keyOf('by-age', '7'), asker.keyOf('counts', '7')]).toEqual([7, '7'])
    server.serve(new Map())
    const silence = () => asker.ask({ store: 'counts', key: 'a' }, { timeoutMs: 300 })
    await expect(silence()).rejects.toThrow(/topology "asked" isn't running/)
    kafka.memberCount = async () => 2
    await expect(silence()).rejects.toThrow(/asked-queries\/0: no reply within 300 ms.*workers: 2 in the group/)
    server.serve(new Map([[tasks[0].id, { task: tasks[0] } as any]]))
    expect(await ask('counts', 'b')).toEqual([{ value: 1, timestamp: 4 }])
  })

  test('are checked before they are sent anywhere', async () => {
    expect(() => decodeQuestion(Buffer.from('{'))).toThrow(UsageError)
    expect(() => decodeQuestion(null)).toThrow(/needs a store and a key/)
    expect(() => decodeQuestion(Buffer.from('{"store":"s","key":1,"from":"x"}'))).toThrow(/from of a question/)
    const answer = { store: 's', task: '0_0', worker: 'w', streamTime: 1 }
    expect(() => encodeAnswer({ ...answer, entries: [{ value: 'x'.repeat(1_000_000) }] })).toThrow(/shorter stretch/)
    expect(() => encodeAnswer({ ...answer, entries: [{ value: 1n }] })).toThrow(/can't be shown as JSON/)
  })

  test('to a topology that has never run are told apart', async () => {
    const broker = new MemoryBroker({ in: 1 }) as unknown as Broker
    await expect(Asker.open({ topology: asked, broker, registry, nowMs: Date.now })).rejects.toThrow(/has never run/)
  })
})
