import { serveMetrics } from '../../../src/engine/observe/metrics-server'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'
import { silentLog } from '../../../src/log'
import { Outages } from '../../../src/outages'
import type { Tally as TallyVitals } from '../../../src/vitals/format'

const idle = { tasks: [], nodes: [], ends: [] } as unknown as TallyVitals

/** A server, a worker that it may watch, and what it answers. */
async function world(host = '127.0.0.1') {
  const time = { ms: 1_000 }
  const clock = { now: () => 0, monotonic: () => time.ms }
  const outages = new Outages({ log: silentLog })
  const server = await serveMetrics({ host, port: 0, clock, stalledMs: 30_000, outages })
  const worker = {
    ...{ state: 'running', lastHealthyAtMs: 1_000, slots: new Map(), standbyLags: {}, tally: new Tally(clock) },
    ...{ inputs: () => [], lastError: undefined as Error | undefined },
  }
  const get = async (path: string, accept = 'text/plain') => {
    const response = await fetch(`${server.url}${path}`, { headers: { accept } })
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
  }
  const watch = (vitals: { readonly last: TallyVitals } = { last: idle }) =>
    server.watch({ worker: worker as unknown as Worker, vitals })
  opened.push(server)
  return { server, worker, outages, time, get, watch }
}
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})

test('before there is a worker there are no metrics, which is no fault', async () => {
  const { get } = await world()
  expect(await get('/metrics')).toEqual({ status: 200, type: 'text/plain', body: '' })
})

test('a worker that is watched is told by its metrics, in the format that is asked for', async () => {
  const { get, watch } = await world()
  watch()
  const plain = await get('/metrics?name[]=weir_up')
  expect(plain).toMatchObject({ status: 200, type: expect.stringContaining('version=0.0.4') })
  expect(plain.body).toContain('weir_up 1')
  const open = await get('/metrics', 'application/openmetrics-text; version=1.0.0')
  expect(open).toMatchObject({ status: 200, type: expect.stringContaining('application/openmetrics-text') })
})

test('and by its health and whether it is ready, with the reason', async () => {
  const { get, watch, worker, outages, time } = await world()
  watch()
  expect(await get('/health')).toEqual({ status: 200, type: 'application/json', body: '{"ok":true,"state":"running"}' })
  expect(await get('/ready')).toMatchObject({ status: 200, body: '{"ok":true,"state":"running"}' })
  worker.state = 'waiting'
  worker.lastError = new Error('no such topic')
  expect(JSON.parse((await get('/ready?once')).body)).toEqual({
    ...{ ok: false, state: 'waiting', reason: 'no records are processed (waiting): no such topic' },
  })
  time.ms += 30_001
  const { status, body } = await get('/health?once')
  expect([status, JSON.parse(body)]).toEqual([
    503,
    { ok: false, state: 'waiting', reason: 'nothing could be committed for 30 s (waiting): no such topic' },
  ])
  outages.lost('Kafka', new Error('gone'))
  expect(await get('/ready')).toMatchObject({ status: 503, body: expect.stringContaining('Kafka does not answer') })
})

test('metrics that can not be read are an error with its words', async () => {
  const { get, watch } = await world()
  watch({
    get last(): TallyVitals {
      throw new Error('no tally')
    },
  })
  expect(await get('/metrics')).toEqual({ status: 500, type: 'text/plain', body: 'no tally\n' })
})

test('there is nothing else', async () => {
  const { get } = await world()
  expect(await get('/')).toEqual({ status: 404, type: 'text/plain', body: '/metrics, /health or /ready\n' })
})

test('an address of the other kind stands in brackets, and is this machine as well', async () => {
  const { server, get, outages } = await world('::1')
  expect(server.url).toBe(`http://[::1]:${server.port}`)
  outages.lost('Kafka', new Error('gone'))
  expect((await get('/ready')).body).toContain('Kafka does not answer')
})
