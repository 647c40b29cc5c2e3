import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settings } from '../src/cli/shared/settings'
import { readConfig } from '../src/config'
import { withDotenv } from '../src/dotenv'
import { misspelt } from '../src/setting-names'

test.each([
  ['KAFKA_BROKER', 'KAFKA_BROKERS'],
  ['KAFKA_BROKERSS', 'KAFKA_BROKERS'],
  ['kafka_brokers', 'KAFKA_BROKERS'],
  ['KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_BROKERS'],
  ['MQTT_URI', 'MQTT_URL'],
  ['DATABASEURL', 'DATABASE_URL'],
  ['SESSION_TIMEOUT', 'SESSION_TIMEOUT_MS'],
  ['WEIR_DATABASE_URL', 'DATABASE_URL'],
  ['WEIR_HOMES', 'WEIR_HOME'],
])('%s is refused, and %s is named', (given, meant) => {
  expect(misspelt({ [given]: 'x' })).toEqual([`${given} is no setting; did you mean ${meant}?`])
  expect(() => readConfig({ [given]: 'x' })).toThrow(meant)
  expect(() => settings({ output: 'table', timeout: 1 }, { [given]: 'x' })).toThrow(meant)
})

test('each of several is named, together with wrong values', () => {
  expect(() => readConfig({ KAFKA_BROKER: 'a:1', MQTT_URI: 'x', LOG_LEVEL: 'loud' })).toThrow(
    /LOG_LEVEL.*KAFKA_BROKERS\?.*MQTT_URL\?/,
  )
})

test('an unknown name that begins with WEIR_ is refused too', () => {
  expect(misspelt({ WEIR_SOMETHING_ELSE: '1' })).toEqual([expect.stringContaining('WEIR_SOMETHING_ELSE is no setting')])
})

test("other programs' names, empty ones and weir's own are left alone", () => {
  const others =
    'PATH HOME KAFKA_HOME KAFKA_OPTS KAFKA_HEAP_OPTS KAFKA_PORT MQTT_PORT MQTT_USER POSTGRES_PORT STATE_DIRECTORY LOG_DIR PGHOST'
  for (const name of others.split(' ')) expect([name, misspelt({ [name]: 'x' })]).toEqual([name, []])
  expect(misspelt({ KAFKA_BROKER: '', KAFKA_BROKERS: 'a:1', WEIR_HOME: '/x', WEIR_TEST_SEED: '1' })).toEqual([])
  expect(misspelt({ DATABASE_URL: 'x', POSTGRES_URL: 'x' })).toEqual([])
})

test('a misspelt name in .env is refused as in the environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-env-'))
  writeFileSync(join(folder, '.env'), 'KAFKA_BROKER=a:1\nNODE_OPTIONS=--inspect\n')
  const environment = withDotenv({}, join(folder, '.env'))
  expect(environment).toEqual({ KAFKA_BROKER: 'a:1' })
  expect(() => readConfig(environment)).toThrow('did you mean KAFKA_BROKERS?')
  rmSync(folder, { recursive: true })
})
