import { PassThrough } from 'node:stream'
import { oneLine } from '../../src/cli/shared/exit-code'
import { Output, size, table } from '../../src/cli/shared/output'
import { pairs, partitionList, whole } from '../../src/cli/shared/parse'
import { settings } from '../../src/cli/shared/settings'
import { complete } from '../../src/cli/shell/complete'
import { verbs } from '../../src/cli/shell/verbs'
import { duration } from '../../src/codecs/duration'
import { editDistance, nearest } from '../../src/nearest'
import { UsageError } from '../../src/ops/errors'
import { diffSchemas } from '../../src/ops/schema-diff'
import { parseTime } from '../../src/ops/time'
import { parseWhere } from '../../src/ops/where'

const now = Date.UTC(2026, 10, 22, 15)

test.each([
  ['now', now],
  ['-10m', now - 600_000],
  ['-1.5h', now - 5_400_000],
  ['1700000000', 1_700_000_000_000],
  ['1700000000.5', 1_700_000_000_500],
  ['1700000000123', 1_700_000_000_123],
  ['2026-11-22T15:00:00Z', now],
  ['2026-11-22T16:00:00+01:00', now],
])('the time %s', (text, expected) => {
  expect(parseTime(text, now)).toBe(expected)
})
test.each(['soon', '', '-10', '10:00', '2026-13-01'])('%p is no time', text => {
  expect(() => parseTime(text, now)).toThrow(UsageError)
})

test.each([
  ['earliest', 'earliest'],
  ['latest', 'latest'],
  ['12', { offset: 12 }],
  ['-3', { last: 3 }],
  ['@-1s', { timeMs: now - 1_000 }],
])('the offset %s', (text, expected) => {
  expect(parseWhere(text, now)).toEqual(expected)
})

test('numbers, durations, partitions and pairs', () => {
  expect([whole('n')('7'), duration('500ms'), duration('2'), duration('1.5m')]).toEqual([7, 500, 2_000, 90_000])
  expect(partitionList('0,2,5-7', [9])).toEqual([9, 0, 2, 5, 6, 7])
  expect(pairs('a=b=c', { x: 'y' })).toEqual({ x: 'y', a: 'b=c' })
  for (const bad of [
    () => whole('n')('1.5'),
    () => whole('n', 1)('0'),
    () => duration('0'),
    () => partitionList('7-5', undefined),
    () => pairs('=x', undefined),
  ]) {
    expect(bad).toThrow(UsageError)
  }
})

test('the nearest name', () => {
  expect([editDistance('kitten', 'sitting'), editDistance('ab', 'ba'), editDistance('', 'abc')]).toEqual([3, 1, 3])
  const names = ['sensor_data', 'sensor_data_1m', 'orders']
  expect(nearest('sensor_dat', names)).toBe('sensor_data')
  expect(nearest('ORDERS', names)).toBe('orders')
  expect(nearest('data', names)).toBe('sensor_data')
  expect(nearest('xyz', names)).toBeUndefined()
})

test('a table is as wide as its cells, numbers to the right', () => {
  const rows = [
    { a: 'x', n: 5 },
    { a: 'longer', n: null },
  ]
  expect(
    table(rows, [
      { title: 'N', value: row => row.n },
      { title: 'A', value: row => row.a },
    ]),
  ).toBe('N  A\n5  x\n-  longer')
  expect([size(0), size(1536), size(5 * 1024 ** 3), size(null)]).toEqual(['0 B', '1.5 KiB', '5.0 GiB', null])
})

describe('output', () => {
  const print = (format: 'table' | 'json' | 'ndjson', isTTY: boolean, environment: NodeJS.ProcessEnv = {}) => {
    const stdout = Object.assign(new PassThrough(), { isTTY })
    const out = new Output(format, { stdin: new PassThrough(), stdout, stderr: new PassThrough() }, environment)
    out.rows(
      [
        { name: 'a', lag: 1 },
        { name: 'b', lag: null },
      ],
      [{ title: 'NAME', value: row => row.name, colour: () => 'red' }],
    )
    return stdout.read()?.toString() ?? ''
  }

  test('has colours only in a terminal that wants them', () => {
    expect(print('table', true)).toContain('\u001b[31m')
    for (const text of [
      print('table', false),
      print('table', true, { NO_COLOR: '1' }),
      print('table', true, { TERM: 'dumb' }),
    ]) {
      expect(text).toBe('NAME\na\nb\n')
    }
  })

  test('is a document or an object a line, with null for a dash', () => {
    expect(JSON.parse(print('json', false))).toEqual([
      { name: 'a', lag: 1 },
      { name: 'b', lag: null },
    ])
    expect(print('ndjson', true)).toBe('{"name":"a","lag":1}\n{"name":"b","lag":null}\n')
  })
})

test('an option wins over the environment, which wins over the local stack', () => {
  const common = { output: 'table', timeout: 1 } as const
  expect(settings({ ...common, brokers: 'a:1, b' }, { KAFKA_BROKERS: 'c:3' }).kafka.brokers).toEqual(['a:1', 'b:9092'])
  expect(settings(common, { KAFKA_BROKERS: 'c:3', SCHEMA_REGISTRY_URL: 'http://r' })).toMatchObject({
    ...{ kafka: { brokers: ['c:3'] }, registryUrl: 'http://r', registryNamed: true },
  })
  expect(settings(common, { WEIR_HOME: '/nowhere' })).toMatchObject({ registryNamed: false })
  const sasl = { KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }
  expect(settings(common, sasl).kafka).toMatchObject({
    ssl: true,
    sasl: { mechanism: 'plain', username: 'u', password: 'p' },
  })
  expect(() => settings(common, { KAFKA_SASL_MECHANISM: 'plain' })).toThrow('needs KAFKA_SASL_USERNAME')
  expect(() => settings({ ...common, brokers: 'a:b:c' }, {})).toThrow('is no broker')
})

test('an error is one line, with the reason that it hides', () => {
  expect(oneLine(new Error('a\n  b', { cause: new Error('why') }))).toBe('a b: why')
  expect(oneLine(new Error('it says why', { cause: new Error('why') }))).toBe('it says why')
})

test('words are completed without a cluster', async () => {
  expect(await complete(['to'])).toEqual(
    ['topics', 'topology'].filter(word => Object.keys(verbs).some(name => name.startsWith(word))),
  )
  expect(await complete(['groups', 're'])).toEqual(['reset'])
  expect(await complete(['groups', 'reset', 'g', '--to', ''])).toEqual(['earliest', 'latest'])
  expect(await complete(['topics', 'list', '-o', 'n'])).toEqual(['ndjson'])
  expect(await complete(['consume', 't', '--exit'])).toEqual(['--exit-eof'])
  expect(await complete(['schemas', 'check', 's', ''])).toEqual(['__files'])
  expect(await complete(['help', 'schemas', 'd'])).toEqual(['delete', 'diff'])
  expect(await complete(['nonsense', 'x'])).toEqual([])
})

test('every verb has examples that begin with its own name', () => {
  for (const [name, entry] of Object.entries(verbs)) {
    const { examples } = entry.load()
    expect([name, examples.length > 0]).toEqual([name, true])
    for (const [line] of examples) expect(line.startsWith(name) || line.includes(`weir ${name}`)).toBe(true)
  }
})

test('differences of schemas, field by field', () => {
  const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'R', fields })
  const inner = (field: object) => ({ type: 'record', name: 'C', fields: [field] })
  const before = record(
    { name: 'a', type: 'int' },
    { name: 'b', type: 'string' },
    { name: 'c', type: inner({ name: 'd', type: 'int' }) },
  )
  const after = record(
    { name: 'a', type: 'long' },
    { name: 'c', type: inner({ name: 'd', type: 'int', doc: 'x' }) },
    { name: 'e', type: 'int', default: 0 },
  )
  expect(diffSchemas(before, after)).toEqual([
    { change: 'changed', field: 'a', from: '"int"', to: '"long"' },
    { change: 'removed', field: 'b', from: '"string"', to: null },
    { change: 'changed', field: 'c.d', from: '"int"', to: '{"type":"int","doc":"x"}' },
    { change: 'added', field: 'e', from: null, to: '{"type":"int","default":0}' },
  ])
  expect(diffSchemas(before, before)).toEqual([])
})
