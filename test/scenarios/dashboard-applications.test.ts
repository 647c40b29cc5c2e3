import { createProducer } from '../../src/connectors/kafka/write/producer'
import type { ApplicationNews, Query } from '../../src/dashboard/contract'
import { type DashboardServer, serveDashboard } from '../../src/dashboard/server/serve'
import { silentLog } from '../../src/log'
import { vitalsTopic } from '../../src/names'
import type { Stack } from '../../src/stack/stack'
import { encodeState } from '../../src/state/state-codec'
import type { Tally, TopologyVitals } from '../../src/vitals/format'
import { getOf } from '../dashboard/api-client'
import { LiveClient } from '../dashboard/live-client'
import { weir } from '../ops/weir'
import { until } from './kafka-stack'
import { laneServices } from './services'

let stack: Stack
let dashboard: DashboardServer
let brokers: string[]

beforeAll(async () => {
  stack = await laneServices(['kafka', 'registry'])
  brokers = stack.addresses.kafkaBrokers.split(',')
  process.env.KAFKA_BROKERS = stack.addresses.kafkaBrokers
  const { registryUrl } = stack.addresses
  dashboard = await serveDashboard({ kafka: { brokers }, registryUrl, port: 0, log: silentLog, page: [] })
})
afterAll(() => dashboard?.close())

const about = { v: 1, application: 'dash-app', epoch: 'e1', version: '0.1.0' } as const
const topology = (atMs: number): TopologyVitals => ({
  ...{ ...about, kind: 'topology', atMs, stores: [], ends: [] },
  parts: [{ id: 0, nodes: [{ name: '<b>source</b>', kind: 'source', parents: [], stores: [], reads: 'readings' }] }],
})
const tally = (atMs: number, state: Tally['state']): Tally => ({
  ...{ ...about, kind: 'tally', worker: 'w1', host: 'here', pid: 1, startedAtMs: atMs, atMs, everyMs: 1_000, state },
  ...{ stateSinceMs: atMs, outages: [], tasks: [], standbys: [], nodes: [], ends: [] },
  commits: { count: 0, rollbacks: 0 },
  process: { rssBytes: 1, heapBytes: 1, cpu: 0 },
})

const say = (key: string, value: object) =>
  write(vitalsTopic('dash-app'), 0, [[key, Buffer.from(JSON.stringify(value))]])

async function write(topic: string, partition: number, entries: readonly (readonly [string, Buffer | null])[]) {
  const producer = createProducer({ brokers, clientId: 'dashboard-test' })
  const records = entries.map(([key, value]) => ({ key: Buffer.from(key), value, timestamp: Date.now() }))
  await producer.send(topic, partition, records)
  await producer.close()
}

test('what an application tells by records is in the list and on the live connection, with what is wrong', async () => {
  await weir(['topics', 'create', vitalsTopic('dash-app'), '-p', '1', '-c', 'cleanup.policy=compact'])
  await say('topology', topology(Date.now()))
  await say('worker/w1', tally(Date.now(), 'running'))
  const listed = () => getOf(dashboard.url, 'GET /api/applications')
  const found = await until(async () => {
    const { data } = await listed()
    return data.applications.find(each => each.application.name === 'dash-app')
  }, 'the application')
  expect(found.application.topology?.parts[0]?.nodes[0]?.name).toBe('<b>source</b>')
  const live = await LiveClient.open(dashboard.url)
  const id = live.subscribe({ kind: 'applications' })
  const own = ({ applications }: ApplicationNews) =>
    applications.find(({ state }) => state.application.name === 'dash-app')
  expect(own(await live.first(id, 'applications', each => own(each) !== undefined))).toBeDefined()
  const failed = { ...tally(Date.now(), 'failed'), reason: 'the disk is full' }
  await say('worker/w1', failed)
  const why = (list: Parameters<typeof own>[0]) => JSON.stringify(own(list)?.state.diagnosis.findings ?? [])
  const red = await live.first(id, 'applications', each => why(each).includes('the disk is full'))
  expect(own(red)?.state.diagnosis.colour).toBe('red')
  await live.close()
})

test('the entries of a store are read from its changelog: searched by key, the last state of each, without what was deleted', async () => {
  const application = 'dash-stores'
  const changelog = `${application}-rollup-changelog`
  for (const topic of [vitalsTopic(application), changelog])
    await weir(['topics', 'create', topic, '-p', '2', '-c', 'cleanup.policy=compact'])
  const log = { topic: changelog, holds: 'state', isStamped: false, windowMs: 10_000 } as const
  const figures = [
    { name: 'count', places: 1 },
    { name: 'mean', places: 2, kind: 'mean' },
  ]
  const store = {
    name: 'rollup',
    kind: 'window',
    location: 'memory',
    key: 'text',
    keyTopic: 'readings',
    width: 2,
  } as const
  const told: TopologyVitals = {
    ...{ ...topology(Date.now()), application },
    stores: [{ ...store, canBeAsked: true, log: { ...log, figures } }],
  }
  await write(vitalsTopic(application), 0, [['topology', Buffer.from(JSON.stringify(told))]])
  const entry = (key: string, start: number, count: number): [string, Buffer | null] => [
    JSON.stringify([key, start]),
    count === 0 ? null : encodeState([[count, count * 2.5, count], start + 9_999]),
  ]
  const at = Date.UTC(2026, 10, 22)
  const all = Array.from({ length: 300 }, (_, i) => entry(`sensor ${i}`, at, 1))
  await write(changelog, 0, [
    ...all,
    entry('<b>7</b>', at, 1),
    entry('<b>7</b>', at, 4),
    entry('<b>7</b>', at + 10_000, 2),
  ])
  await write(changelog, 1, [entry('gone', at, 1), entry('gone', at, 0)])
  const entries = async (query: Query<'GET /api/applications/:application/stores/:store'> = {}) => {
    const path = `/api/applications/${application}/stores/rollup`
    return (await getOf(dashboard.url, 'GET /api/applications/:application/stores/:store', path, query)).data
  }
  const known = async () => (await getOf(dashboard.url, 'GET /api/applications')).data.applications
  await until(async () => (await known()).some(each => each.application.name === application), 'the application')
  const found = await entries({ search: '<b>' })
  expect(found).toMatchObject({ topic: changelog, matching: 2, total: 302, isComplete: true })
  expect(found.rows).toEqual([
    {
      ...{ partition: 0, key: '<b>7</b>', window: { startMs: at + 10_000, endMs: at + 20_000 } },
      ...{ value: '{"count":2,"mean":2.5}', timestampMs: at + 19_999 },
    },
    expect.objectContaining({ window: { startMs: at, endMs: at + 10_000 }, value: '{"count":4,"mean":2.5}' }),
  ])
  expect((await entries({ search: 'gone' })).rows).toEqual([])
  const { rows: fitting } = await entries({ search: 'sensor 2', limit: 2 })
  expect(fitting.map(({ key }) => key)).toEqual(['sensor 2', 'sensor 20'])
  expect((await entries({ offset: 300, limit: 50 })).rows.map(({ key }) => key)).toEqual(['sensor 1', 'sensor 0'])
  await write(changelog, 1, [entry('later', at, 9)])
  const [first] = (
    await until(async () => {
      const page = await entries({ limit: 1 })
      return page.rows[0]?.key === 'later' ? page : undefined
    }, 'what was written since')
  ).rows
  expect(first).toMatchObject({ partition: 1, value: '{"count":9,"mean":2.5}' })
})
