import { json, type StreamsBuilder, sliding, text, topology, tumbling, untilWindowCloses } from '../../../src'
import type { Broker } from '../../../src/connectors/broker'
import { Requester } from '../../../src/connectors/requests/requester'
import { planOf } from '../../../src/engine/plan/plan'
import { Asker, type AskOptions } from '../../../src/engine/queries/asker'
import { QueryServer } from '../../../src/engine/queries/query-server'
import { encodeQuestion, type Question } from '../../../src/engine/queries/question'
import type { Task } from '../../../src/engine/task/task'
import { NoReplyError, NotFoundError, UsageError } from '../../../src/errors'
import { Journal } from '../../../src/state/journal'
import type { Store } from '../../../src/state/store'
import { MemoryBroker } from '../../connectors/memory-broker'

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const registry = { schemaById: async () => undefined, hasSubject: async () => true, idOf: async () => 1 }
const serdes = { key: text, value: json<any>() }

const counted = (s: StreamsBuilder) => {
  const grouped = s.stream('in', serdes).groupByKey()
  grouped.count({ name: 'counts' })
  grouped.windowedBy(tumbling({ sizeMs: 10, graceMs: 0 })).count({ name: 'windows' })
  grouped
    .windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 0 }))
    .count({ name: 'late' })
    .suppress(untilWindowCloses, { name: 'held' })
  s.globalTable('everywhere', { ...serdes, name: 'global' })
}
const tables = (s: StreamsBuilder) => {
  s.table('in', { ...serdes, versioned: { historyRetentionMs: 100 }, name: 'versions' })
}

/** A store whose entries of every key are these; what it is asked for is noted. */
function storeOf(entries: readonly object[]) {
  const asked: unknown[][] = []
  const read = (...question: unknown[]) => {
    asked.push(question)
    return entries
  }
  const store = { get: (key: string) => (key === 'a' ? entries[0] : undefined), fetch: read, versions: read }
  return { asked, store: store as unknown as Store }
}
const taskOf = (id: string, stores: Readonly<Record<string, Store>>, more: object = {}): [string, { task: Task }] => {
  const state = { journal: new Journal() }
  const partition = Number(id.split('_')[1])
  const task = { id, partition, stores: new Map(Object.entries(stores)), sealedStreamTime: 70, state, ...more }
  return [id, { task: task as unknown as Task }]
}

type Build = (streams: StreamsBuilder) => void

interface More {
  readonly build?: Build
  /** Another version of the topology than the asker's. */
  readonly served?: Build
  readonly globals?: Readonly<Record<string, Store>>
}

/** A worker that has these tasks, and somebody who asks. */
async function world(tasks: readonly ReturnType<typeof taskOf>[], more: More = {}) {
  const { build = counted, served = build, globals = {} } = more
  const kafka = new MemoryBroker({ in: 2, everywhere: 1, 'app-queries': 2, 'app-replies': 1 })
  const broker = kafka as unknown as Broker
  const plan = planOf(topology('app', served))
  const options = { plan, broker, clock, log, worker: 'w', globals: new Map(Object.entries(globals)) }
  const server = new QueryServer(options)
  server.serve(new Map(tasks))
  const asker = await Asker.open({
    topology: topology('app', build),
    broker,
    registry,
    nowMs: Date.now,
  })
  opened.push(asker, server)
  const ask = (question: Question, partition = 0, more: AskOptions = {}) => asker.ask(question, { partition, ...more })
  return { server, ask }
}
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

test('an answer says which task of which worker has given it, and the time that the task stands at', async () => {
  const { store } = storeOf([{ value: 3, timestamp: 5 }])
  const { ask } = await world([taskOf('0_1', { counts: store })])
  expect(await ask({ store: 'counts', key: 'a' }, 1)).toEqual({
    ...{ store: 'counts', task: '0_1', worker: 'w', streamTime: 70 },
    entries: [{ value: 3, timestamp: 5 }],
  })
  expect((await ask({ store: 'counts', key: 'b' }, 1)).entries).toEqual([])
})

test('the last entry is given, or all of a stretch of time, whose windows may begin before it', async () => {
  const { store, asked } = storeOf([
    { start: 50, value: 1 },
    { start: 60, value: 2 },
  ])
  const { ask } = await world([taskOf('0_0', { windows: store })])
  const valuesOf = async (more: Partial<Question>) =>
    (await ask({ store: 'windows', key: 'a', ...more })).entries.map(({ value }) => value)
  expect(await valuesOf({})).toEqual([2])
  expect(await valuesOf({ from: 40 })).toEqual([1, 2])
  expect(await valuesOf({ to: 65 })).toEqual([1, 2])
  expect(await valuesOf({ from: 40, to: 65 })).toEqual([1, 2])
  expect(await valuesOf({ rangeMs: 20 })).toEqual([1, 2])
  const [never, always] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  expect(asked).toEqual([
    ['a', never, always],
    ['a', 31, always],
    ['a', never, 65],
    ['a', 31, 65],
    ['a', 70 - 20 + 1 - 9, always],
  ])
})

test('where the last entry says that there is none any more nothing is given; a stretch of time shows it', async () => {
  const { store } = storeOf([
    { value: 1, timestamp: 5 },
    { value: null, timestamp: 6 },
  ])
  const { ask } = await world([taskOf('0_0', { versions: store })], { build: tables })
  expect((await ask({ store: 'versions', key: 'a' })).entries).toEqual([])
  expect((await ask({ store: 'versions', key: 'a', from: 0 })).entries.length).toBe(2)
})

test('a global table is asked through any task of the partition, and nothing in it waits for a commit', async () => {
  const { store } = storeOf([{ value: 'here', timestamp: 1 }])
  const { ask } = await world([taskOf('0_1', {}), taskOf('1_0', {}, { state: undefined })], {
    globals: { 'global-global': store },
  })
  const answer = await ask({ store: 'global-global', key: 'a' })
  expect(answer).toMatchObject({ task: '1_0', entries: [{ value: 'here', timestamp: 1 }] })
})

test('what can not be answered is refused as what it is', async () => {
  const { store } = storeOf([{ value: 1n, timestamp: 5 }])
  const { ask } = await world([taskOf('0_0', { counts: store })])
  await expect(ask({ store: 'held', key: 'a' })).rejects.toThrow(UsageError)
  await expect(ask({ store: 'held', key: 'a' })).rejects.toThrow(/holds what is on its way/)
  await expect(ask({ store: 'counts', key: 'a' })).rejects.toThrow(/can't be shown as JSON/)
  const other = await world([taskOf('0_0', { counts: store })], { served: tables })
  await expect(other.ask({ store: 'counts', key: 'a' })).rejects.toThrow(NotFoundError)
  await expect(other.ask({ store: 'counts', key: 'a' })).rejects.toThrow(
    'there is no store "counts"; there are: versions',
  )
})

test("another worker's question is left to it", async () => {
  const { store } = storeOf([{ value: 1, timestamp: 5 }])
  const { ask } = await world([taskOf('1_0', { counts: store })])
  await expect(ask({ store: 'counts', key: 'a' }, 0, { timeoutMs: 20 })).rejects.toThrow(/isn't running/)
})

test('an answer is sent to the topics that the topology names, and to no other', async () => {
  const { store } = storeOf([{ value: 3, timestamp: 5 }])
  const kafka = new MemoryBroker({ 'app-queries': 1, named: 1, other: 1 })
  const broker = kafka as unknown as Broker
  const open = (s: StreamsBuilder) => {
    counted(s)
    s.queries({ key: 'id', stores: { all: 'counts' }, replyTopics: ['named'] })
  }
  const plan = planOf(topology('app', open))
  const server = new QueryServer({ plan, broker, clock, log, worker: 'w', globals: new Map() })
  server.serve(new Map([taskOf('0_0', { counts: store })]))
  const asking = async (replyTopic: string, timeoutMs?: number) => {
    const requester = await Requester.open({ broker, requestTopic: 'app-queries', replyTopic, nowMs: Date.now })
    opened.push(requester)
    const question = encodeQuestion({ store: 'counts', key: 'a' })
    return requester.request(question, { partition: 0, ...(timeoutMs && { timeoutMs }) })
  }
  expect(JSON.parse(String(await asking('named')))).toMatchObject({ entries: [{ value: 3 }] })
  await expect(asking('other', 20)).rejects.toThrow(NoReplyError)
  await server.close()
})

describe('the partitions whose questions are read', () => {
  /** A server on a broker that notes which partitions of the questions are begun and given up. */
  function noted(build: (streams: StreamsBuilder) => void, globals: ReadonlyMap<string, Store> = new Map()) {
    const begun: number[] = []
    const left: number[] = []
    const counts = { readers: 0, closed: 0 }
    const reader = {
      seek: ({ partition }: { partition: number }) => void begun.push(partition),
      remove: ({ partition }: { partition: number }) => void left.push(partition),
      close: async () => void counts.closed++,
    }
    const broker = {
      createReader: () => {
        counts.readers++
        return reader
      },
      createProducer: () => ({ close: async () => {} }),
      offsetSince: async () => 0,
      partitionCounts: async () => new Map(),
    } as unknown as Broker
    const plan = planOf(topology('app', build))
    return { server: new QueryServer({ plan, broker, clock, log, worker: 'w', globals }), begun, left, counts }
  }
  const { store } = storeOf([])
  const begins = () => new Promise(setImmediate)

  test('are those of tasks with stores, each once, and follow the tasks', async () => {
    const { server, begun, left, counts } = noted(counted)
    server.serve(new Map([taskOf('0_0', { counts: store }), taskOf('1_0', { counts: store }), taskOf('2_1', {})]))
    await begins()
    expect([begun, left]).toEqual([[0], []])
    server.serve(new Map([taskOf('0_2', { counts: store })]))
    await begins()
    expect([begun, left, counts.readers]).toEqual([[0, 2], [0], 1])
    await server.close()
    expect(counts.closed).toBe(1)
  })

  test('are those of all tasks where there is a global table', async () => {
    const { server, begun } = noted(counted, new Map([['global-global', store]]))
    server.serve(new Map([taskOf('0_0', {}), taskOf('1_3', {})]))
    await begins()
    expect(begun).toEqual([0, 3])
  })

  test('are none where the topology has no store: not even a reader is made', async () => {
    const { server, begun, counts } = noted(s => void s.stream('in', serdes).to('out', serdes))
    server.serve(new Map([taskOf('0_0', { counts: store })]))
    await begins()
    expect([begun, counts.readers]).toEqual([[], 0])
    await server.close()
  })
})
