import { networkInterfaces } from 'node:os'
import { readinessOf } from '../../../src/engine/observe/health'
import { serveMetrics } from '../../../src/engine/observe/metrics-server'
import { systemClock } from '../../../src/engine/task/clock'
import { silentLog } from '../../../src/log'
import { Outages } from '../../../src/outages'

const outside = Object.values(networkInterfaces())
  .flatMap(each => each ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

const serve = (host: string, outages = new Outages({ log: silentLog })) =>
  serveMetrics({ host, port: 0, clock: systemClock, stalledMs: 30_000, outages })

const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('a service that is away since the start turns readiness at once, and health not yet', async () => {
  const outages = new Outages({ log: silentLog })
  const server = await serve('127.0.0.1', outages)
  expect(await get(`${server.url}/health`)).toEqual({ status: 200, body: { ok: true, state: 'starting' } })
  outages.lost('Postgres', new Error('database "none" does not exist'))
  const { status, body } = await get(`${server.url}/ready`)
  expect([status, body]).toEqual([503, { ok: false, state: 'starting', reason: 'Postgres does not answer' }])
  await server.close()
})

test('services that have not answered for long since the start turn health, too', async () => {
  const outages = new Outages({ log: silentLog })
  const time = { ms: 5_000 }
  const clock = { now: () => 0, monotonic: () => time.ms }
  const server = await serveMetrics({ host: '127.0.0.1', port: 0, clock, stalledMs: 30_000, outages })
  time.ms += 30_000
  expect((await get(`${server.url}/health`)).status).toBe(200)
  time.ms += 1
  expect(await get(`${server.url}/health`)).toEqual({
    status: 503,
    body: { ok: false, state: 'starting', reason: 'services have not answered for 30 s since the start' },
  })
  await server.close()
})

test('it listens on the named address alone, and says which', async () => {
  const server = await serve('127.0.0.1')
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  if (outside !== undefined) await expect(fetch(`http://${outside}:${server.port}/health`)).rejects.toThrow()
  await server.close()
  await expect(serve('192.0.2.1')).rejects.toThrow('METRICS_HOST 192.0.2.1')
})

test('another machine is told no reasons', async () => {
  if (outside === undefined) return
  const outages = new Outages({ log: silentLog })
  outages.lost('Postgres', new Error('connect ECONNREFUSED 10.0.0.7:5432'))
  const server = await serve('0.0.0.0', outages)
  expect((await get(`http://127.0.0.1:${server.port}/ready`)).body).toHaveProperty('reason')
  expect(await get(`http://${outside}:${server.port}/ready`)).toEqual({
    status: 503,
    body: { ok: false, state: 'starting' },
  })
  await server.close()
})

test('ready is a worker that runs while every service answers', () => {
  const outages = new Outages({ log: silentLog })
  const running = { state: 'running' as const, lastError: undefined }
  expect(readinessOf(running, outages)).toEqual({ ok: true, state: 'running' })
  expect(readinessOf({ ...running, state: 'opening' }, outages).ok).toBe(false)
  outages.lost('Kafka', new Error('gone'))
  expect(readinessOf(running, outages)).toMatchObject({ ok: false, reason: 'Kafka does not answer' })
})
