import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readConfig } from '../src/config'
import { ConfigError } from '../src/errors'

const faultsOf = (variables: Record<string, string>): string => {
  try {
    readConfig(variables)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

test.each([
  ['KAFKA_BROKERS', ['localhost', 'localhost:', ':9092', ' , ', 'a:9092,b', 'a:99999', 'kafka://a:9092']],
  ['KAFKA_SSL', ['maybe']],
  ['SCHEMA_REGISTRY_URL', ['localhost:8081', 'registry', 'ftp://registry']],
  ['MQTT_URL', ['localhost:1883', 'http://broker']],
  ['DATABASE_URL', ['localhost:5432', 'mysql://server/db']],
  ['PROCESSING_GUARANTEE', ['at_most_once']],
  ['COMMIT_INTERVAL_MS', ['0', '1.5', 'soon', ' ', '-1']],
  ['METRICS_PORT', ['65536', '-1']],
  ['LOG_LEVEL', ['loud']],
])('%s is checked', (name, wrong) => {
  for (const value of wrong)
    expect([value, faultsOf({ [name]: value })]).toEqual([value, expect.stringContaining(name)])
})

test('README names every setting', () => {
  const read = (path: string) => readFileSync(resolve(__dirname, '..', path), 'utf8')
  const names = [...read('src/config.ts').matchAll(/^ {2,4}([A-Z_]{5,}):/gm)].map(match => match[1]!)
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter(name => !read('README.md').includes(`\`${name}\``))).toEqual([])
})

test('every fault is named at once, in one line', () => {
  const faults = faultsOf({
    ...{ KAFKA_BROKERS: 'localhost', KAFKA_SASL_MECHANISM: 'plain', SCHEMA_REGISTRY_URL: 'localhost:8081' },
    ...{ MQTT_URL: 'x', COMMIT_INTERVAL_MS: 'x', LOG_LEVEL: 'x' },
  })
  for (const name of ['KAFKA_BROKERS', 'KAFKA_SASL_USERNAME', 'SCHEMA_REGISTRY_URL', 'MQTT_URL', 'COMMIT_INTERVAL_MS'])
    expect(faults).toContain(name)
  expect(faults).toContain('LOG_LEVEL')
  expect(faults).not.toContain('\n')
})

test('an empty variable is none, and what is right is taken', () => {
  expect(
    readConfig({ KAFKA_BROKERS: 'a.example:9092, [::1]:19092', METRICS_PORT: '', MAX_FUTURE_MS: '0' }),
  ).toMatchObject({ kafka: { brokers: ['a.example:9092', '[::1]:19092'] }, metricsPort: undefined, maxFutureMs: 0 })
})

test('a wrong log level is a fault like the others, and .env sets it too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-config-'))
  const run = resolve(__dirname, '../bin/run.mjs')
  const { LOG_LEVEL: _, ...env } = process.env
  const topology = (variables: Record<string, string>) =>
    spawnSync(process.execPath, [run, 'src/cli/programs/topology.ts', '--workers', '2', join(folder, 'none.ts')], {
      ...{ cwd: folder, encoding: 'utf8', env: { ...env, ...variables } },
    })
  const wrong = topology({ LOG_LEVEL: 'loud' })
  expect([wrong.status, wrong.stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining('LOG_LEVEL')]])
  writeFileSync(join(folder, '.env'), 'LOG_LEVEL=loud\n')
  expect(topology({}).stderr).toContain('LOG_LEVEL')
  rmSync(folder, { recursive: true })
}, 60_000)

test('npm start names what is wrong before it starts anything, in .env too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-config-'))
  writeFileSync(join(folder, '.env'), 'MAX_FUTURE_MS=soon\n')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(__dirname, '../bin/run.mjs'), 'src/sensors/programs/start.ts'],
    {
      ...{ cwd: folder, encoding: 'utf8', timeout: 50_000 },
      env: { ...process.env, WEIR_HOME: join(folder, 'home'), COMMIT_INTERVAL_MS: 'x' },
    },
  )
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/COMMIT_INTERVAL_MS.*MAX_FUTURE_MS/)
  expect(existsSync(join(folder, 'home'))).toBe(false)
  rmSync(folder, { recursive: true })
}, 60_000)
