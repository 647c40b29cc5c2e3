import { createProducer } from '../../src/connectors/kafka/write/producer'
import { type DashboardServer, serveDashboard } from '../../src/dashboard/server/serve'
import { silentLog } from '../../src/log'
import { vitalsTopic } from '../../src/names'
import type { Stack } from '../../src/stack/stack'
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

async function say(key: string, value: object): Promise<void> {
  const producer = createProducer({ brokers, clientId: 'dashboard-test' })
  const record = { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)), timestamp: Date.now() }
  await producer.send(vitalsTopic('dash-app'), 0, [record])
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
  const own = (list: { readonly applications: readonly (typeof found)[] }) =>
    list.applications.find(each => each.application.name === 'dash-app')
  expect(own(await live.first(id, 'applications', each => own(each) !== undefined))).toBeDefined()
  const failed = { ...tally(Date.now(), 'failed'), reason: 'the disk is full' }
  await say('worker/w1', failed)
  const why = (list: Parameters<typeof own>[0]) => JSON.stringify(own(list)?.diagnosis.findings ?? [])
  const red = await live.first(id, 'applications', each => why(each).includes('the disk is full'))
  expect(own(red)?.diagnosis.colour).toBe('red')
  await live.close()
})
