import { createCluster, createGroup, offsetCommit, rangeAssignor } from '../../src/connectors/kafka'
import { createProducer } from '../../src/connectors/kafka/write/producer'
import type { Given, Problem, Query, RouteName } from '../../src/dashboard/contract'
import { type DashboardServer, serveDashboard } from '../../src/dashboard/server/serve'
import { silentLog } from '../../src/log'
import { deadLetterTopic } from '../../src/names'
import type { Stack } from '../../src/stack/stack'
import { callApi, getOf } from '../dashboard/api-client'
import { LiveClient } from '../dashboard/live-client'
import { json, weir } from '../ops/weir'
import { until } from './kafka-stack'
import { laneServices } from './services'

let stack: Stack
let dashboard: DashboardServer
let kafka: { brokers: string[]; clientId: string }

beforeAll(async () => {
  stack = await laneServices(['kafka', 'registry'])
  kafka = { brokers: stack.addresses.kafkaBrokers.split(','), clientId: 'dashboard-test' }
  process.env.KAFKA_BROKERS = stack.addresses.kafkaBrokers
  process.env.SCHEMA_REGISTRY_URL = stack.addresses.registryUrl
  dashboard = await open({ allowWrites: true })
  await make('dash-words', 3)
  await weir(['produce', 'dash-words', '-K', ':', '--value-format', 'text', '-H', 'h=1'], numbered(300))
})
afterAll(() => dashboard?.close())

const open = (more: object = {}) =>
  serveDashboard({
    ...{ kafka, registryUrl: stack.addresses.registryUrl, port: 0, log: silentLog },
    page: [{ path: '/index.html', body: Buffer.from('<!doctype html>') }],
    ...more,
  })
const make = (topic: string, partitions: number, ...more: string[]) =>
  weir(['topics', 'create', topic, '-p', `${partitions}`, ...more])
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `k${i % 7}:v${i}`).join('\n')

const call = (method: string, path: string, body?: object, at = dashboard) => callApi(at.url, method, path, body)
const get = <N extends RouteName & `GET ${string}`>(name: N, path?: string, query?: Query<N> | object) =>
  getOf(dashboard.url, name, path, query)

test('the figures are the CLI’s to the digit', async () => {
  await make('dash-figures', 2, '-c', 'retention.ms=86400000')
  await weir(['produce', 'dash-figures', '-K', ':'], numbered(50))
  const { data: topic } = await get('GET /api/topics/:topic', '/api/topics/dash-figures')
  const [described] = await json<any>(['topics', 'describe', 'dash-figures'])
  expect(topic.partitions).toEqual(described.partitions)
  expect(topic.settings).toEqual(described.settings)
  expect(topic.bytes).toBe(described.bytes)
  const [counted] = await json<any>(['topics', 'count', 'dash-figures'])
  expect(topic.records).toBe(counted.records)
  const { data: page } = await get('GET /api/topics', '/api/topics', { search: 'DASH-fig' })
  expect(page).toMatchObject({ matching: 1, rows: [{ topic: 'dash-figures', records: 50, bytes: topic.bytes }] })
  const { data: cluster } = await get('GET /api/cluster')
  expect(cluster.brokers).toMatchObject([{ id: 1, controller: true, outOfSync: 0 }])
  expect(cluster.topics).toBe((await json<any[]>(['topics', 'list'])).length)
  expect(cluster.groups).toBe((await json<any[]>(['groups', 'list'])).length)
})

test('messages are browsed in both directions, each once and in order, and read as the CLI reads them', async () => {
  const seen: Given<'GET /api/topics/:topic/messages'>['data']['messages'][number][] = []
  const messages = '/api/topics/dash-words/messages'
  const name = 'GET /api/topics/:topic/messages'
  let page = (await get(name, messages, { limit: 70 })).data
  expect(page.atEnd).toBe(true)
  for (;;) {
    seen.unshift(...page.messages)
    if (page.older === null) break
    page = (await get(name, messages, { limit: 70, cursor: page.older })).data
  }
  const printed = (await weir(['consume', 'dash-words', '-e', '-f', '%p %o %T %k %s\\n'])).lines
  const shown = seen.map(m => `${m.partition} ${m.offset} ${m.timestampMs} ${m.key.text} ${m.value.text}`)
  expect([...shown].sort()).toEqual([...printed].sort())
  expect(seen[0]).toMatchObject({
    key: { kind: 'text' },
    value: { kind: 'text', cut: false },
    headers: [{ name: 'h', value: '1', base64: false }],
  })
  const forward: string[] = []
  let next = (await get(name, messages, { limit: 90, from: 'earliest' })).data
  for (; next.messages.length > 0; next = (await get(name, messages, { limit: 90, cursor: next.newer })).data)
    forward.push(...next.messages.map(m => `${m.partition} ${m.offset}`))
  expect(forward).toEqual(seen.map(m => `${m.partition} ${m.offset}`))
  const { data: one } = await get('GET /api/topics/:topic/messages/:partition/:offset', `${messages}/0/3`)
  expect(one).toMatchObject({ partition: 0, offset: 3 })
  const { status, answer } = await call('GET', `${messages}/0/99999`)
  expect([status, answer.code]).toEqual([404, 'not-found'])
})

test('a million bytes, binary, tombstones and markup are text', async () => {
  await make('dash-odd', 1, '-c', 'max.message.bytes=4000000')
  const markup = '<img src=x onerror=alert(1)>\u202e\u0000'
  const producer = createProducer(kafka)
  const record = {
    timestamp: 1_700_000_000_000,
    headerList: [
      [markup, Buffer.from([255, 254])],
      ['n', null],
    ] as const,
  }
  await producer.send('dash-odd', 0, [
    { ...record, key: Buffer.from(markup), value: Buffer.from(`"${'x'.repeat(1_000_000)}`) },
    { ...record, key: null, value: Buffer.from([0, 1, 254, 255]) },
    { ...record, key: Buffer.from('gone'), value: null },
    { ...record, key: Buffer.from('n'), value: Buffer.from('{"n":9007199254740993,\n"m":"<b>"}') },
  ])
  await producer.close()
  const { data } = await get('GET /api/topics/:topic/messages', '/api/topics/dash-odd/messages', { from: 'earliest' })
  expect(data.messages[0]).toMatchObject({
    key: { text: markup, kind: 'text' },
    value: { kind: 'text', bytes: 1_000_001, cut: true },
    headers: [
      { name: markup, value: '//4=', base64: true },
      { name: 'n', value: null, base64: false },
    ],
  })
  expect(data.messages[0]?.value.text?.length).toBe(2_000)
  expect(data.messages.slice(1).map(m => [m.value.kind, m.value.text])).toEqual([
    ['base64', 'AAH+/w=='],
    ['null', null],
    ['json', '{"n":9007199254740993,\n"m":"<b>"}'],
  ])
  const { data: whole } = await get(
    'GET /api/topics/:topic/messages/:partition/:offset',
    '/api/topics/dash-odd/messages/0/0',
  )
  expect(whole.value.text?.length).toBe(1_000_001)
})

test('a search tells how far it is, finds what the CLI’s filter finds, and stops', async () => {
  const live = await LiveClient.open(dashboard.url)
  const wanted = { kind: 'search', topic: 'dash-words', filter: 'key == "k3" && value =~ /7$/', limit: 1000 } as const
  const id = live.subscribe(wanted)
  const done = await live.first(id, 'search', each => each.done !== null)
  const hits = live.of(id, 'search').flatMap(each => each.hits)
  const printed = (await weir(['consume', 'dash-words', '-e', '--filter', wanted.filter, '-f', '%p %o\\n'])).lines
  expect(hits.map(m => `${m.partition} ${m.offset}`).sort()).toEqual([...printed].sort())
  expect(done).toMatchObject({ done: 'end', scanned: 300, total: 300, found: printed.length })
  const few = live.subscribe({ ...wanted, filter: 'true == true', limit: 10 })
  expect((await live.first(few, 'search', each => each.done !== null)).done).toBe('limit')
  const wrong = live.subscribe({ ...wanted, filter: 'value ===' })
  expect(await live.first(wrong, 'problem')).toMatchObject({ code: 'bad-input' })
  const missing = live.subscribe({ ...wanted, topic: 'dash-wrods' })
  expect((await live.first(missing, 'problem')).what).toContain('did you mean "dash-words"')
  await live.close()
})

test('a tail tells what comes, and nothing while the page is hidden', async () => {
  await make('dash-tail', 1)
  const live = await LiveClient.open(dashboard.url)
  const id = live.subscribe({ kind: 'tail', topic: 'dash-tail' })
  await live.first(id, 'tail')
  await weir(['produce', 'dash-tail'], 'one\n')
  await live.first(id, 'tail', each => each.messages.some(m => m.value.text === 'one'))
  live.say({ do: 'hidden', hidden: true })
  const status = live.subscribe({ kind: 'status' })
  await weir(['produce', 'dash-tail'], 'two\n')
  // Another client has been told meanwhile: this one would have been, too.
  const other = await LiveClient.open(dashboard.url)
  const seen = other.subscribe({ kind: 'tail', topic: 'dash-tail' })
  await other.first(seen, 'tail', each => each.messages.some(m => m.value.text === 'two'))
  const told = live.messages.length
  expect(live.of(status, 'status')).toEqual([])
  expect(live.of(id, 'tail').flatMap(each => each.messages.map(m => m.value.text))).toEqual(['one'])
  live.say({ do: 'hidden', hidden: false })
  await live.first(id, 'tail', each => each.messages.some(m => m.value.text === 'two'))
  expect(live.messages.length).toBeGreaterThan(told)
  await Promise.all([live.close(), other.close()])
})

test('a group: members, lag over time, and that nobody reads', async () => {
  await make('dash-read', 2)
  await weir(['produce', 'dash-read', '-K', ':'], numbered(40))
  const cluster = createCluster(kafka)
  const group = createGroup({
    ...{ cluster, groupId: 'dash-group', topics: () => ['dash-read'], assignor: rangeAssignor },
    ...{ onRevoke: async () => {}, onLost: () => {} },
    onAssigned: (_, membership) => {
      void cluster
        .coordinator('group', 'dash-group')
        .then(node => cluster.send(node, offsetCommit(membership, [{ topic: 'dash-read', partition: 0, offset: 1 }])))
    },
  })
  const path = '/api/groups/dash-group'
  const view = await until(async () => {
    const { status, answer } = await call('GET', path)
    return status === 200 && answer.data.lag !== null ? (answer as Given<'GET /api/groups/:group'>).data : undefined
  }, 'the group to have committed')
  const [described] = await json<any>(['groups', 'describe', 'dash-group'])
  expect(view.lag).toBe(described.totalLag)
  expect(view.members).toMatchObject([
    { clientId: 'dashboard-test', assigned: [{ topic: 'dash-read', partitions: [0, 1] }] },
  ])
  expect(view.partitions.map(row => [row.partition, row.currentOffset, row.logEndOffset, row.lag])).toEqual(
    described.partitions.map((row: any) => [row.partition, row.currentOffset, row.logEndOffset, row.lag]),
  )
  expect(view.behindMs).toBeGreaterThan(0)
  const live = await LiveClient.open(dashboard.url)
  const id = live.subscribe({ kind: 'lag', group: 'dash-group' })
  const lag = await live.first(id, 'lag', each => each.point !== null || (each.series?.lag.length ?? 0) > 0)
  expect(lag.point?.lag ?? lag.series?.lag.at(-1)).toBe(view.lag)
  await group.leave()
  await cluster.disconnect()
  const rows = live.subscribe({ kind: 'groups', groups: ['dash-group', 'unknown'] })
  const told = await live.first(rows, 'groups', each => each.rows[0]?.members === 0)
  expect(told.rows).toMatchObject([{ lag: view.lag, warnings: [{ code: 'nobody-reads' }] }])
  const { data: warned } = await get('GET /api/groups', '/api/groups', { warned: 'true', search: 'dash-group' })
  expect(warned.rows).toMatchObject([{ group: 'dash-group', members: 0 }])
  const reset = await call('POST', `${path}/reset`, { to: 'latest' })
  expect(reset.answer).toMatchObject({ done: false, rows: [{ partition: 0, currentOffset: 1 }] })
  const executed = await call('POST', `${path}/reset`, { to: 'latest', confirm: 'dash-group' })
  expect(executed.answer.done).toBe(true)
  expect((await json<any>(['groups', 'describe', 'dash-group']))[0].totalLag).toBe(0)
  expect((await call('DELETE', path, { confirm: 'dash-group' })).answer).toMatchObject({ done: true, offsets: 1 })
  await live.close()
})

test('changes need their name and a server that allows them', async () => {
  const readOnly = await open()
  const body = { topic: 'dash-made', partitions: 2, settings: { 'cleanup.policy': 'compact' } }
  const refused = await call('POST', '/api/topics', { ...body, confirm: 'dash-made' }, readOnly)
  expect([refused.status, refused.answer.code, refused.answer.todo]).toEqual([
    403,
    'read-only',
    'Start it with --allow-writes.',
  ])
  expect((await call('POST', '/api/topics', body, readOnly)).answer).toEqual({ done: false, topic: 'dash-made' })
  await readOnly.close()
  const wrong = await call('POST', '/api/topics', { ...body, confirm: 'dash-maid' })
  expect([wrong.status, wrong.answer.code]).toEqual([400, 'not-confirmed'])
  expect((await json<any[]>(['topics', 'list'])).some(each => each.topic === 'dash-made')).toBe(false)
  expect((await call('POST', '/api/topics', { ...body, confirm: 'dash-made' })).answer).toEqual({
    done: true,
    topic: 'dash-made',
  })
  const again = await call('POST', '/api/topics', { ...body, confirm: 'dash-made' })
  expect([again.status, again.answer.code]).toEqual([409, 'refused'])
  const changed = await call('PATCH', '/api/topics/dash-made/settings', {
    changes: { 'retention.ms': '1000' },
    confirm: 'dash-made',
  })
  expect(changed.answer.settings).toContainEqual({ name: 'retention.ms', value: '1000', source: 'topic' })
  const made = { key: 'k', value: 'v<b>', headers: [['h', '1']], partition: 1, timestampMs: 5, valueFormat: 'text' }
  const produced = await call('POST', '/api/topics/dash-made/messages', { ...made, confirm: 'dash-made' })
  expect(produced.answer).toEqual({ done: true, topic: 'dash-made', acknowledged: 1 })
  expect((await weir(['consume', 'dash-made', '-e', '-f', '%p %T %k %s %h\\n'])).lines).toEqual(['1 5 k v<b> h=1'])
  const bad = await call('POST', '/api/topics/dash-made/messages', {
    value: '{',
    valueFormat: 'json',
    confirm: 'dash-made',
  })
  expect([bad.status, bad.answer.code]).toEqual([400, 'bad-input'])
  expect((await call('DELETE', '/api/topics/dash-made', {})).answer).toMatchObject({ done: false, records: 1 })
  expect((await call('DELETE', '/api/topics/dash-made', { confirm: 'dash-made' })).answer.done).toBe(true)
  expect((await call('GET', '/api/topics/dash-made')).status).toBe(404)
})

test('schemas: versions, text, difference, and Avro messages', async () => {
  const field = (name: string) => ({ name, type: 'double', default: 0 })
  const schema = (names: string[]) =>
    JSON.stringify({ type: 'record', name: 'R', doc: '<script>', fields: names.map(field) })
  for (const names of [['a'], ['a', 'b']])
    await fetch(`${stack.addresses.registryUrl}/subjects/dash-avro-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: schema(names) }),
    })
  const { data } = await get('GET /api/subjects/:subject', '/api/subjects/dash-avro-value')
  expect(data.versions).toEqual([1, 2])
  const difference = await get('GET /api/subjects/:subject/difference', '/api/subjects/dash-avro-value/difference', {
    from: 1,
    to: 2,
  })
  expect(difference.data.changes).toMatchObject([{ change: 'added', field: 'b', from: null }])
  const version = await get('GET /api/subjects/:subject/versions/:version', '/api/subjects/dash-avro-value/versions/2')
  expect(version.data.schema).toContain('<script>')
  await make('dash-avro', 1)
  const made = await call('POST', '/api/topics/dash-avro/messages', {
    value: '{"a": 1.5,\n"b": 2}',
    confirm: 'dash-avro',
  })
  expect(made.answer.acknowledged).toBe(1)
  const { data: page } = await get('GET /api/topics/:topic/messages', '/api/topics/dash-avro/messages')
  expect(page.messages[0]?.value).toMatchObject({ kind: 'avro', text: '{"a":1.5,"b":2}', schemaId: version.data.id })
  const unfit = await call('POST', '/api/topics/dash-avro/messages', { value: '{"a":"x"}', confirm: 'dash-avro' })
  expect([unfit.status, unfit.answer.code]).toEqual([400, 'bad-input'])
})

test('dead letters by application, step and error, sent again once', async () => {
  const letters = deadLetterTopic('dash-source')
  await make('dash-source', 2)
  await make(letters, 2)
  const producer = createProducer(kafka)
  const letter = (partition: number, offset: number, message: string, more: Record<string, string> = {}) => ({
    ...{ key: Buffer.from(`k${partition}`), value: Buffer.from(`bad ${offset}`), timestamp: 1_000 + offset },
    headers: Object.fromEntries(
      Object.entries({
        ...{ own: 'kept', 'weir.application': 'app', 'weir.task': `0_${partition}`, 'weir.step': 'parse' },
        ...{ 'weir.error.class': 'DecodeError', 'weir.error.message': message, 'weir.origin.topic': 'dash-source' },
        'weir.origin.partition': `${partition}`,
        'weir.origin.offset': `${offset}`,
        'weir.origin.timestamp': `${1_000 + offset}`,
        ...more,
      }).map(([name, value]) => [name, Buffer.from(value)]),
    ),
  })
  await producer.send(letters, 1, [letter(1, 7, 'no number at 12'), letter(1, 9, 'no number at 40')])
  await producer.send(letters, 0, [letter(0, 3, 'too long', { 'weir.value.length': '9' })])
  await producer.close()
  const { data } = await get('GET /api/dead-letters', '/api/dead-letters', { application: 'app' })
  expect(data.groups.map(each => [each.origin, each.step, each.letters, each.redriven])).toEqual([
    ['dash-source', 'parse', 2, 0],
    ['dash-source', 'parse', 1, 0],
  ])
  const [two, cut] = data.groups
  const path = `/api/dead-letters/${two?.id}`
  const { data: shown } = await get('GET /api/dead-letters/:id', path)
  expect(shown.letters[0]).toMatchObject({
    origin: { partition: 1, offset: 9 },
    message: { value: { text: 'bad 9' } },
    cut: false,
  })
  const listed = await json<{ id: string; letters: number; step: string }[]>(['dead-letters', 'list', '-a', 'app'])
  expect(listed.map(({ id, step, letters }) => [id, step, letters])).toEqual(
    data.groups.map(({ id, step, letters }) => [id, step, letters]),
  )
  const told = await json<object>(['dead-letters', 'redrive', `${two?.id}`])
  expect(told).toMatchObject({ to: 'dash-source', letters: 2, passed: [], done: false })
  const plan = await call('POST', `${path}/redrive`, {})
  expect(plan.answer).toEqual({ done: false, to: 'dash-source', letters: 2, passed: [] })
  const only = { ids: [{ partition: 1, offset: 0 }], confirm: 'dash-source' }
  expect((await call('POST', `${path}/redrive`, only)).answer).toMatchObject({ done: true, letters: 1 })
  const rest = await Promise.all([1, 2].map(() => call('POST', `${path}/redrive`, { confirm: 'dash-source' })))
  // Two at once: what one sends the other doesn't, whichever comes first.
  expect([rest.filter(each => each.status === 200).map(each => each.answer.letters), rest]).toEqual([[1], rest])
  const again = await call('POST', `${path}/redrive`, { confirm: 'dash-source' })
  expect([again.status, again.answer.what]).toEqual([409, 'there is no letter to send: sent again already'])
  const refused = await weir(['dead-letters', 'redrive', `${two?.id}`, '--yes'])
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('sent again already')])
  const unsent = await call('POST', `/api/dead-letters/${cut?.id}/redrive`, { confirm: 'dash-source' })
  expect(unsent.answer.what).toContain('too large to be kept whole')
  const sent = (await weir(['consume', 'dash-source', '-e', '-f', '%p %T %k %s %h\\n'])).lines
  expect(sent).toEqual(['1 1007 k1 bad 7 own=kept', '1 1009 k1 bad 9 own=kept'])
  expect((await get('GET /api/dead-letters/:id', path)).data.group.redriven).toBe(2)
})

test('bad parameters are a sentence', async () => {
  const asked: [string, string][] = [
    ['/api/topics?limit=0', 'query.limit'],
    ['/api/topics?limit=many', 'query.limit'],
    ['/api/topics?serach=x', 'serach'],
    ['/api/topics/dash-words/messages?from=yesterday', 'yesterday'],
    ['/api/topics/dash-words/messages?partitions=9-1', '9-1'],
    ['/api/topics/dash-words/messages?cursor=zzz', 'cursor'],
    ['/api/topics/dash-words/messages?valueFormat=xml', 'valueFormat'],
    ['/api/topics/dash-words/messages/-1/2', 'partition'],
  ]
  for (const [path, named] of asked) {
    const { status, answer } = await call('GET', path)
    expect([path, status, (answer as Problem).code]).toEqual([path, 400, 'bad-input'])
    expect((answer as Problem).what).toContain(named)
  }
  const unknown = await call('GET', '/api/topics/dash-wrods')
  expect([unknown.status, unknown.answer.what]).toEqual([404, expect.stringContaining('did you mean "dash-words"')])
})

test('while Kafka is down the last picture is given with its age, and it goes on by itself', async () => {
  const path = '/api/topics/dash-words'
  await call('GET', path)
  const live = await LiveClient.open(dashboard.url)
  const status = live.subscribe({ kind: 'status' })
  await stack.stopService('kafka')
  await live.first(status, 'status', each => each.outages.some(outage => outage.service === 'kafka'))
  const old = await call('GET', path)
  expect(old.answer).toMatchObject({ data: { topic: 'dash-words', records: 300 }, outages: [{ service: 'kafka' }] })
  const none = await call('GET', '/api/topics/never-asked')
  expect([none.status, none.answer.code, none.answer.where]).toEqual([503, 'service-down', 'kafka'])
  const early = await open()
  expect((await call('GET', '/api/settings', undefined, early)).status).toBe(200)
  await stack.startService('kafka')
  await live.first(status, 'status', each => each.outages.length === 0 && live.of(status, 'status').length > 1)
  const back = await until(async () => {
    const { status, answer } = await call('GET', path, undefined, early)
    return status === 200 && answer.data.records !== null ? answer : undefined
  }, 'the dashboard that was started meanwhile, once the partitions have leaders')
  expect(back).toMatchObject({ data: { records: 300 }, outages: [] })
  await early.close()
  await live.close()
})

test('nothing is left of it', async () => {
  const own = await open()
  const live = await LiveClient.open(own.url)
  live.subscribe({ kind: 'tail', topic: 'dash-words' })
  const closed = new Promise(resolve => live.socket.once('close', resolve))
  await own.close()
  await closed
  await expect(fetch(own.url)).rejects.toThrow()
})
