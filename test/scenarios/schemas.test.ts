import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { subjects } from '../../schemas/subjects'
import { type Reading, reading } from '../../schemas/types'
import { avro } from '../../src/codecs/avro'
import type { AvroRecord } from '../../src/codecs/avro-schema'
import { SchemaMissing } from '../../src/codecs/codec'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { ConfigError, DecodeError, TopologyError, UnavailableError } from '../../src/errors'
import { checkSchemas, registerSchemas } from '../../src/ops/schemas'
import { type Stack, startStack } from '../../src/stack/stack'
import { newHome, removeHomes, root } from './stack-homes'

let stack: Stack
let registry: ConfluentRegistry
let url: string

beforeAll(async () => {
  stack = await startStack({ home: newHome(), services: ['registry'], ports: { registry: 0 }, attached: true })
  url = stack.addresses.registryUrl
  registry = new ConfluentRegistry({ url })
})
afterAll(async () => {
  await stack?.stop()
  await removeHomes()
})

const changed = (change: (fields: readonly any[]) => any[]): AvroRecord => ({
  ...reading.json,
  fields: change(reading.json.fields),
})
const incompatible = changed(([id, , time]) => [id, { name: 'temperature', type: 'int' }, time])
const withUnit = changed(fields => [...fields, { name: 'unit', type: 'string', default: 'C' }])

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'bin/run.mjs'), 'src/cli/programs/schemas.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, SCHEMA_REGISTRY_URL: url },
  })

test('the command registers, is idempotent, and --check writes nothing', async () => {
  const before = cli('--check')
  expect(before.stdout).toMatch(/sensor_data-value +absent/)
  expect(before.status).toBe(0)
  expect((await checkSchemas(registry, subjects)).map(({ state }) => state)).toEqual(['absent', 'absent', 'absent'])
  const first = cli()
  expect(first.stdout).toMatch(/sensor_data-value +registered +id \d+/)
  expect(first.status).toBe(0)
  const again = await registerSchemas(registry, subjects)
  expect(again.map(({ added }) => added)).toEqual([false, false, false])
  expect(cli('--check').stdout).toMatch(/sensor_data_1m-value +same/)
})

test('an incompatible change is refused, and --check names the field and exits 1', async () => {
  expect(await registry.hasSubject('changed-value')).toBe(false)
  await registry.idOf('changed-value', incompatible)
  expect(await registry.hasSubject('changed-value')).toBe(true)
  await expect(registry.idOf('changed-value', { ...reading.json, name: 'Other' })).rejects.toThrow(TopologyError)
  const old = { subject: 'narrow-value', schema: reading }
  await registerSchemas(registry, [old])
  await expect(registry.idOf('narrow-value', incompatible)).rejects.toThrow(
    "narrow-value: the schema is incompatible: field temperature: what was written as double can't be read as int",
  )
  expect(await registry.compatibilityOf('narrow-value', incompatible)).toMatchObject({
    state: 'incompatible',
    faults: [expect.stringContaining('field temperature')],
  })
})

test('--check of the command exits 1 when the registry holds what could not be read', async () => {
  const other = await startStack({ home: newHome(), services: ['registry'], ports: { registry: 0 }, attached: true })
  try {
    const theirs = new ConfluentRegistry({ url: other.addresses.registryUrl })
    await theirs.idOf(
      'sensor_data-value',
      changed(([id, temperature]) => [id, temperature]),
    )
    const checked = cli('--check', '--url', other.addresses.registryUrl)
    expect(checked.stdout).toMatch(/sensor_data-value +incompatible +field timestamp is new and has no default/)
    expect(checked.status).toBe(1)
    const refused = cli('--url', other.addresses.registryUrl)
    expect(refused.stderr).toContain('field timestamp is new and has no default')
    expect(refused.status).toBe(1)
  } finally {
    await other.stop()
  }
})

test('a compatible change gets an id of its own, and both versions read each other', async () => {
  const context = { topic: 'evolving', part: 'value', registry } as const
  const [v1, v2] = [
    await avro(reading).bind(context),
    await avro<Reading & { unit: string }>({ name: 'reading', json: withUnit }).bind(context),
  ]
  const value = { sensor_id: 7, temperature: 21.5, timestamp: 1_763_800_000_123_456 }
  const [old, fresh] = [v1.encode(value) as Buffer, v2.encode({ ...value, unit: 'F' }) as Buffer]
  const [oldId, freshId] = [old.readInt32BE(1), fresh.readInt32BE(1)]
  expect(freshId).not.toBe(oldId)
  expect(() => v1.decode(fresh, 0, fresh.length)).toThrow(SchemaMissing)
  await v1.load?.(freshId)
  await v2.load?.(oldId)
  expect({ ...v1.decode(fresh, 0, fresh.length) }).toEqual(value)
  expect({ ...v2.decode(old, 0, old.length) }).toEqual({ ...value, unit: 'C' })
})

test('an id that it does not have is unknown; a wrong path is no registry, not an unknown id', async () => {
  expect(await registry.schemaById(987_654)).toBeUndefined()
  const codec = await avro(reading).bind({ topic: 't', part: 'value', use: 'read', registry })
  await codec.load?.(987_654)
  expect(() => codec.decode(Buffer.from('00000f120601', 'hex'), 0, 6)).toThrow(DecodeError)
  const elsewhere = new ConfluentRegistry({ url: new URL('/nothing/here', url).href })
  await expect(elsewhere.schemaById(1)).rejects.toThrow(UnavailableError)
  await expect(elsewhere.idOf('a-value', reading.json)).rejects.toThrow(/is its path right/)
})

test('a subject made by another client without a compatibility level keeps its own, and is still ours to use', async () => {
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const body = JSON.stringify({ schema: JSON.stringify(reading.json) })
  const made = await fetch(`${url}/subjects/theirs-value/versions`, { method: 'POST', headers, body })
  const { id } = (await made.json()) as { id: number }
  expect(await registry.idOf('theirs-value', reading.json)).toBe(id)
  expect(await registry.idOf('theirs-value', withUnit)).not.toBe(id)
  await expect(registry.idOf('theirs-value', incompatible)).rejects.toThrow(TopologyError)
})

test('ids outlive a restart; while it is down the error says so, and afterwards it goes on', async () => {
  const id = await registry.idOf('sensor_data-value', reading.json)
  await stack.stopService('registry', { signal: 'SIGKILL' })
  await expect(registry.schemaById(id)).rejects.toThrow(UnavailableError)
  await expect(registry.idOf('sensor_data-value', reading.json)).rejects.toThrow(/does not answer: .*ECONNREFUSED/)
  const down = cli('--check')
  expect(down.stderr).toMatch(
    /^weir: the schema registry at \S+ does not answer: connect ECONNREFUSED .*; to start it here: npm run stack -- up\n$/,
  )
  expect(down.status).toBe(1)
  await stack.startService('registry')
  expect(await registry.schemaById(id)).toEqual(reading.json)
  expect(await registry.idOf('sensor_data-value', reading.json)).toBe(id)
})

test('wrong usage exits 2', () => {
  expect(cli('--nope').status).toBe(2)
  const wrong = cli('--url', 'somewhere')
  expect(wrong.stderr).toBe('weir: SCHEMA_REGISTRY_URL must be an http or https URL, and is none\n')
  expect(wrong.status).toBe(2)
})

describe('answers of a server that is no registry, or not well', () => {
  let server: Server
  let answer: { status: number; body: string } | undefined
  let brokenUrl: string

  beforeAll(async () => {
    server = createServer((_, response) => {
      if (answer !== undefined) response.writeHead(answer.status).end(answer.body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    brokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([
    ['a gateway that has lost it', { status: 502, body: '<html>Bad Gateway</html>' }, UnavailableError],
    [
      'an internal error',
      { status: 500, body: '{"error_code":50001,"message":"the store is down"}' },
      UnavailableError,
    ],
    ['a page not found', { status: 404, body: '<html>Not Found</html>' }, UnavailableError],
    ['an empty answer', { status: 503, body: '' }, UnavailableError],
    ['another API that says not found', { status: 404, body: '{"message":"no route"}' }, UnavailableError],
    ['no sign-in', { status: 401, body: '{"error_code":40101,"message":"no"}' }, ConfigError],
    ['silence', undefined, UnavailableError],
  ])('%s', async (_, given, error) => {
    answer = given
    // An answer that is there is not taken for silence, however late this process comes to read it.
    const broken = new ConfluentRegistry({ url: brokenUrl, timeoutMs: given === undefined ? 300 : 30_000 })
    await expect(broken.schemaById(1)).rejects.toThrow(error)
    await expect(broken.idOf('a-value', reading.json)).rejects.toThrow(error)
  })
})
