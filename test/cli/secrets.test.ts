import { readConfig } from '../../src/config'
import { connectOnce } from '../../src/connectors/mqtt/mqtt-client'
import { migrate } from '../../src/connectors/postgres/migrate'
import { serveDashboard } from '../../src/dashboard/server/serve'
import type { Log } from '../../src/log'
import { weir } from '../ops/weir'

/** Words that stand in no other place: each is a secret of one of the settings below. */
const marks = ['marked-kafka', 'marked-registry', 'marked-mqtt', 'marked-postgres', 'marked-key']

/** Services that nobody serves: everything fails, and says why. */
const variables: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: '127.0.0.1:1',
  KAFKA_SASL_MECHANISM: 'scram-sha-256',
  KAFKA_SASL_USERNAME: 'user',
  KAFKA_SASL_PASSWORD: 'marked-kafka',
  SCHEMA_REGISTRY_URL: 'https://user:marked-registry@127.0.0.1:1/api',
  MQTT_URL: 'mqtts://user:marked-mqtt@127.0.0.1:1',
  DATABASE_URL: 'postgresql://user:marked-postgres@127.0.0.1:1/db?sslpassword=marked-key',
}
const before = { ...process.env }
beforeAll(() => Object.assign(process.env, variables))
afterAll(() => {
  for (const name of Object.keys(variables)) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

const expectNone = (text: string) => expect(marks.filter(mark => text.includes(mark))).toEqual([])
/** With its causes, as a log shows it. */
const whole = (error: unknown): string =>
  error instanceof Error ? `${error.stack}\n${JSON.stringify(error)}\n${whole(error.cause)}` : `${error}`

test.each([
  'topics list',
  'consume t -e',
  'groups list',
  'cluster',
  'schemas list',
  'schemas show t-value',
  'migrate',
  'topology describe sensors',
  'topology plan sensors',
  'ask sensors --sensor 7',
])('weir %s shows no secret when its services are away', async line => {
  const ran = await weir([...line.split(' '), '--timeout', '500ms'])
  expect(ran.stdout + ran.stderr).not.toBe('')
  expectNone(ran.stdout + ran.stderr)
})

test('no connector’s error has one, its causes included', async () => {
  const { databaseUrl, mqttUrl } = readConfig(variables)
  const errors = await Promise.all([
    migrate(databaseUrl, []).catch(whole),
    connectOnce({ url: mqttUrl, clientId: 'c', timeoutMs: 500 }).catch(whole),
  ])
  for (const text of errors) {
    expect(text).toContain('127.0.0.1')
    expectNone(`${text}`)
  }
})

test.each([
  ['SCHEMA_REGISTRY_URL', 'ftp://user:marked-registry@r'],
  ['MQTT_URL', 'http://user:marked-mqtt@m'],
  ['DATABASE_URL', 'mysql://user:marked-postgres@p'],
  ['DATABASE_URL', 'marked-postgres'],
  ['KAFKA_SSL_KEY', 'marked-key'],
  ['KAFKA_OAUTH_TOKEN_URL', 'marked-key'],
])('a fault of %s names the setting and not what it holds', async (name, value) => {
  const given = {
    ...variables,
    ...(name === 'KAFKA_OAUTH_TOKEN_URL' && {
      ...{ KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_OAUTH_CLIENT_ID: 'c', KAFKA_OAUTH_CLIENT_SECRET: 'marked-kafka' },
    }),
    [name]: value,
  }
  let text = ''
  try {
    readConfig(given)
  } catch (error) {
    text = whole(error)
  }
  expect(text).toContain(name)
  expectNone(text)
  const { stderr } = await weir(['schemas', 'list', '--registry', value, '--timeout', '500ms'])
  expectNone(stderr)
})

test('the dashboard shows none: page, calls, answers of its API, its log', async () => {
  const logged: string[] = []
  const write = (...entry: unknown[]) => void logged.push(JSON.stringify(entry), ...entry.map(whole))
  const log = { debug: write, info: write, warn: write, error: write } as unknown as Log
  const { kafka, registryUrl, databaseUrl } = readConfig(variables)
  const page = [{ path: '/index.html', body: Buffer.from('<!doctype html>') }]
  const served = await serveDashboard({ kafka, registryUrl, databaseUrl, port: 0, page, log, timeoutMs: 500 })
  const texts: string[] = []
  for (const path of [
    '/',
    '/api/status',
    '/api/overview',
    '/api/topics',
    '/api/groups',
    '/api/schemas',
    '/api/applications',
    '/api/openapi.json',
  ]) {
    const response = await fetch(`${served.url}${path}`)
    texts.push(await response.text(), JSON.stringify([...response.headers]))
  }
  await served.close()
  expect(texts.join('')).toContain('127.0.0.1')
  expectNone([...texts, ...logged].join('\n'))
})
