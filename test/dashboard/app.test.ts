import type { FastifyInstance } from 'fastify'
import { routes } from '../../src/dashboard/contract/routes'
import { allCalls } from '../../src/dashboard/server/calls/all-calls'
import { DecoderCache } from '../../src/dashboard/server/decoder-cache'
import { GroupSampler } from '../../src/dashboard/server/group-sampler'
import { Pictures } from '../../src/dashboard/server/pictures'
import type { Reach } from '../../src/dashboard/server/reach'
import { ServiceWatch } from '../../src/dashboard/server/service-watch'
import { createApp } from '../../src/dashboard/server/web/app'
import { Guard } from '../../src/dashboard/server/web/guard'
import { PageFiles } from '../../src/dashboard/server/web/page-files'
import { silentLog } from '../../src/log'
import type { DescribedGroup } from '../../src/ops/describe-group'
import { until } from '../scenarios/kafka-stack'
import { type FakeReach, fakeCluster, fakeReach } from './fake-reach'
import { send } from './raw-request'

const reaches: FakeReach[] = []
const apps: FastifyInstance[] = []
afterAll(() => Promise.all([...reaches, ...apps].map(each => each.close())))

async function appOf(parts: Partial<Reach> = {}, token?: string) {
  const reach = fakeReach(parts)
  reaches.push(reach)
  const app = createApp({
    guard: new Guard({ token }),
    pictures: new Pictures({ watch: reach.watch }),
    handlers: allCalls(reach, new DecoderCache(reach), {}),
    page: await PageFiles.of([{ path: '/index.html', body: Buffer.from('<!doctype html>') }]),
    outages: () => [],
    log: silentLog,
  })
  apps.push(app)
  return app
}
const host = 'localhost:4800'

test('10,000 topics come by pages, sorted and searched', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `topic-${`${i}`.padStart(5, '0')}`)
  const app = await appOf({ cluster: fakeCluster(names) })
  const get = async (query: string) => (await send(app, { url: `/api/topics?${query}`, headers: { host } })).json()
  const first = await get('limit=100')
  expect([first.data.total, first.data.matching, first.data.rows.length]).toEqual([10_000, 10_000, 100])
  expect(routes['GET /api/topics'].answer.safeParse(first).success).toBe(true)
  const last = await get('limit=1000&offset=9900&descending=true')
  expect([last.data.rows.length, last.data.rows.at(-1).topic]).toEqual([100, 'topic-00000'])
  expect((await get('search=0999')).data).toMatchObject({ matching: 11 })
})

test('1,000 groups come with lag and warnings', async () => {
  const group = (i: number): DescribedGroup => ({
    ...{ group: `<b>${i}</b>`, state: 'Empty', protocolType: 'consumer', assignor: '', coordinator: 1, members: [] },
    ...{ weir: false, totalLag: i, uncommitted: 0, idle: [], partitions: [] },
  })
  const groups = Array.from({ length: 1_000 }, (_, i) => group(i))
  const sampler = new GroupSampler({ survey: async () => ({ groups, missing: new Map() }) })
  await until(() => sampler.groups.size === 1_000, 'the survey')
  const listed = groups.map(({ group, state }) => ({ group, state, protocolType: 'consumer', type: 'classic' }))
  const cluster = Object.assign(fakeCluster([]), { send: async () => ({ errorCode: 0, groups: listed }) })
  const app = await appOf({ sampler, cluster })
  const answer = (await send(app, { url: '/api/groups?sort=lag&descending=true&limit=2', headers: { host } })).json()
  expect(answer.data).toMatchObject({ matching: 1_000, rows: [{ group: '<b>999</b>', lag: 999 }, { lag: 998 }] })
  expect(answer.data.rows[0].warnings).toMatchObject([{ code: 'nobody-reads' }])
})

test('applications are told as they are now while Kafka is away', async () => {
  const refused = () => Promise.reject(new Error('connect ECONNREFUSED'))
  const watch = new ServiceWatch({ log: silentLog, probes: { kafka: refused } })
  await until(() => watch.isUp('kafka') === false, 'an outage')
  const app = await appOf({ watch })
  const answer = await send(app, { url: '/api/applications', headers: { host } })
  expect([answer.statusCode, answer.json().data]).toEqual([200, { applications: [], complete: true }])
})

test('every answer says what it is, and lets nothing else in', async () => {
  const app = await appOf()
  for (const url of ['/', '/api/settings', '/api/nothing', '/assets/none.js']) {
    const { headers } = await send(app, { url, headers: { host } })
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    })
    expect(headers['content-security-policy']).not.toContain('unsafe')
  }
  const json = await send(app, { url: '/api/settings', headers: { host } })
  expect(json.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
})

test.each([
  ['/../../etc/passwd.txt', 404],
  ['/..%2f..%2fpackage.json', 404],
  ['/%2e%2e/%2e%2e/package.json', 404],
  ['/assets/%00.js', 404],
  ['/api/../package.json', 404],
  ['/api/%2e%2e/settings', 404],
  ['/api/topics/%E0%A4%A', 400],
  [`/api/topics/${'x'.repeat(3_000)}`, 400],
])('%s leads nowhere', async (url, status) => {
  const answer = await send(await appOf(), { url, headers: { host } })
  expect(answer.statusCode).toBe(status)
  expect(answer.json().what).toMatch(/\S/)
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
})

test('a body that is too large, no JSON, or of another kind is refused with a sentence', async () => {
  const app = await appOf({ allowWrites: true })
  const post = (payload: string, type = 'application/json') =>
    send(app, { method: 'POST', url: '/api/topics', payload, headers: { host, 'content-type': type } })
  const answers = [
    await post(`{"topic":"${'x'.repeat(9 * 1024 * 1024)}"}`),
    await post('{"topic":'),
    await post('{"topic":"a"}', 'text/plain'),
    await post('topic=a', 'application/x-www-form-urlencoded'),
    await post('[]'),
    await post('{"topic":"a","partitions":1e9}'),
    await post('{"topic":"a","__proto__":{"x":1}}'),
  ]
  expect(answers.map(each => [each.statusCode, each.json().code])).toEqual([
    [413, 'too-large'],
    ...Array.from({ length: 6 }, () => [400, 'bad-input']),
  ])
})

test('what nobody has foreseen is not told with its inside', async () => {
  const cluster = Object.assign(fakeCluster([]), {
    allTopics: () => Promise.reject(new TypeError('secret of the inside')),
  })
  const answer = await send(await appOf({ cluster }), { url: '/api/topics', headers: { host } })
  expect([answer.statusCode, answer.json().code]).toEqual([500, 'failed'])
  expect(answer.body).not.toContain('secret')
})

test('a token in the address becomes a cookie and leaves the address', async () => {
  const token = 'a-token-of-more-than-16'
  const app = await appOf({}, token)
  const welcome = await send(app, { url: `//evil.example/topics?token=${token}&sort=lag`, headers: { host } })
  expect([welcome.statusCode, welcome.headers.location]).toEqual([303, '/topics?sort=lag'])
  const cookie = String(welcome.headers['set-cookie']).split(';')[0] ?? ''
  expect((await send(app, { url: '/api/settings', headers: { host, cookie } })).statusCode).toBe(200)
  expect((await send(app, { url: '/api/settings', headers: { host } })).statusCode).toBe(401)
  expect((await send(app, { url: '/api/settings?token=wrong', headers: { host } })).statusCode).toBe(401)
})

test('who opens the page without its token is told what to do, as text', async () => {
  const app = await appOf({}, 'a-token-of-more-than-16')
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
  const page = await send(app, { url: '/topics/<b>', headers: { host, accept } })
  expect([page.statusCode, page.headers['content-type']]).toEqual([401, 'text/plain; charset=utf-8'])
  expect(page.body).toBe(
    'This dashboard needs its token.\nOpen /?token=… once, or send the header "Authorization: Bearer …".',
  )
  const api = await send(app, { url: '/api/topics', headers: { host, accept } })
  expect([api.statusCode, api.json().code]).toEqual([401, 'unauthorized'])
})

test('the description has every route, with what it takes', async () => {
  const description = (await send(await appOf(), { url: '/api/openapi.json', headers: { host } })).json()
  const described = Object.entries<object>(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
  expect(described.sort()).toEqual(Object.keys(routes).sort())
  const { parameters } = description.paths['/api/topics/{topic}/messages'].get
  expect(parameters.find((each: any) => each.name === 'limit')).toMatchObject({
    in: 'query',
    required: false,
    schema: { maximum: 1000 },
  })
  expect(parameters.find((each: any) => each.name === 'topic')).toMatchObject({ in: 'path', required: true })
  expect(description.paths['/api/topics'].post.requestBody.content['application/json'].schema.required).toEqual([
    'topic',
  ])
  expect(description['x-live'].client).toBeDefined()
})
