import * as zlib from 'node:zlib'
import './on-light'
import { json, weir } from '../ops/weir'

const register = (subject: string, schema: unknown) =>
  fetch(`${process.env.SCHEMA_REGISTRY_URL}/subjects/${subject}/versions`, {
    method: 'POST',
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  })
async function produced(topic: string, input: string, ...line: string[]): Promise<Record<string, any>[]> {
  await weir(['topics', 'create', topic, '--if-not-exists'])
  const sent = await weir(['produce', topic, ...line], input)
  expect([sent.code, sent.stderr]).toEqual([0, expect.stringMatching(/^\d+ records? acknowledged/)])
  return json(['consume', topic, '-e'])
}

test('--timestamp is the time of records that bring none', async () => {
  const at = Date.UTC(2026, 10, 22, 15)
  expect(await produced('timed', 'a\nb\n', '--timestamp', '2026-11-22T15:00:00Z')).toMatchObject([
    { ts: at },
    { ts: at },
  ])
  const records = '{"payload":"own","ts":7}\n{"payload":"none"}\n'
  const all = await produced('timed-records', records, '--records', '--timestamp', `${at}`)
  expect(all).toMatchObject([{ ts: 7 }, { ts: at }])
  expect((await weir(['produce', 'timed', '--timestamp', 'soon'])).code).toBe(2)
})

describe('--compression', () => {
  const lines = Array.from({ length: 400 }, (_, i) => `k${i % 3}:${'the same text again '.repeat(10)}${i}`)
  const bytes = async (topic: string) => (await json<{ bytes: number }[]>(['topics', 'describe', topic]))[0]!.bytes

  test.each(['gzip', 'snappy', 'lz4'])('%s makes the log smaller, and is read as what was written', async codec => {
    const plain = await produced(`plain-${codec}`, lines.join('\n'), '-K', ':')
    for (const [topic, more] of [
      [`small-${codec}`, []],
      [`atomic-${codec}`, ['--atomic']],
    ] as const) {
      const small = await produced(topic, lines.join('\n'), '-K', ':', '--compression', codec, ...more)
      expect(small.map(({ key, payload }) => [key, payload])).toEqual(plain.map(({ key, payload }) => [key, payload]))
      expect(await bytes(topic)).toBeLessThan((await bytes(`plain-${codec}`)) / 5)
    }
  })

  test('what it can not make smaller comes through as well', async () => {
    expect(await produced('tiny', 'x', '-z', 'snappy')).toMatchObject([{ payload: 'x' }])
  })

  test('zstd is written where Node.js can, and refused with the reason elsewhere', async () => {
    await weir(['topics', 'create', 'zstd'])
    const ran = await weir(['produce', 'zstd', '-z', 'zstd'], 'x\n')
    const can = 'zstdCompressSync' in zlib
    expect([ran.code, ran.stderr]).toEqual(
      can ? [0, '1 record acknowledged by the broker\n'] : [2, expect.stringContaining('Node.js 22.15')],
    )
    expect((await weir(['produce', 'zstd', '-z', 'brotli'])).code).toBe(2)
  })
})

describe('numbers as Kafka serializers write them', () => {
  test.each([
    ['short', ['-32768', '7', '32767'], 2],
    ['int', ['-2147483648', '7'], 4],
    ['long', ['-9223372036854775808', '9007199254740993'], 8],
    ['float', ['0.1', '-3.4e38', '16777216', '1e-45', '-0'], 4],
    ['double', ['0.1', '1e308', '-0'], 8],
  ] as const)('%s keys and values', async (format, numbers, size) => {
    const formats = ['--key-format', format, '--value-format', format]
    await produced(`of-${format}`, numbers.map(each => `${each}:${each}`).join('\n'), '-K', ':', ...formats)
    const { lines } = await weir(['consume', `of-${format}`, '-e', '-f', '%k %s %K %S\\n', ...formats])
    const shown = (text: string) => (format === 'long' ? text : Object.is(Number(text), -0) ? '-0' : `${Number(text)}`)
    expect(lines).toEqual(numbers.map(each => `${shown(each)} ${shown(each)} ${size} ${size}`))
    const copy = await weir(['consume', `of-${format}`, '-e', ...formats])
    await weir(['topics', 'create', `copy-${format}`])
    expect((await weir(['produce', `copy-${format}`, '--records'], copy.stdout)).code).toBe(0)
    const again = await weir(['consume', `copy-${format}`, '-e', ...formats])
    expect(again.stdout).toBe(copy.stdout.replaceAll(`"of-${format}"`, `"copy-${format}"`))
  })

  test.each([
    ['short', '32768'],
    ['int', '1.5'],
    ['float', '1e39'],
    ['float', 'x'],
    ['hex', 'abc'],
  ])('a value that is no %s (%s) is refused with its line', async (format, text) => {
    await weir(['topics', 'create', 'refused', '--if-not-exists'])
    const ran = await weir(['produce', 'refused', '--value-format', format], `${text}\n`)
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('line 1: ')])
  })
})

describe('keys by a schema', () => {
  const record = { type: 'record', name: 'Key', fields: [{ name: 'id', type: 'long' }] }

  test('of <topic>-key, as JSON or as the text that they are', async () => {
    await register('keyed-key', record)
    expect(await produced('keyed', '{"id":7}|x\n', '-K', '|', '--key-format', 'avro')).toMatchObject([
      { key: { id: 7 }, key_schema_id: expect.any(Number), payload: 'x' },
    ])
    await register('named-key', 'string')
    const field = ['--key-field', 'name', '--key-format', 'avro']
    expect(await produced('named', 'a b\tx\n', '-K', '\\t', '--key-format', 'avro')).toMatchObject([{ key: 'a b' }])
    expect(await produced('named', '{"name":"n"}\n', ...field)).toMatchObject([{ key: 'a b' }, { key: 'n' }])
  })

  test('and values of another subject, in a version', async () => {
    await register('shared', record)
    await register('shared', { ...record, fields: [...record.fields, { name: 'more', type: 'int', default: 5 }] })
    const by = (version: string) => ['-K', '|', '--key-schema', `shared:${version}`, '--value-schema', 'shared']
    expect(await produced('by-name', '{"id":7}|{"id":8}\n', ...by('1'))).toMatchObject([
      { key: { id: 7 }, payload: { id: 8, more: 5 } },
    ])
    const records = '{"key":{"id":1},"payload":{"id":2,"more":3}}\n'
    expect(
      (await produced('by-name', records, '--records', '--key-schema', 'shared:2', '--value-schema', 'shared')).at(-1),
    ).toMatchObject({
      key: { id: 1, more: 5 },
      payload: { id: 2, more: 3 },
    })
    const none = await weir(['produce', 'by-name', ...by('9')], '{"id":7}|{"id":8}\n')
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('has no version 9')])
  })

  test('what does not fit is told by its line, and what contradicts itself is a usage error', async () => {
    const wrong = await weir(['produce', 'keyed', '-K', '|', '--key-format', 'avro'], '{"id":"x"}|1\nx|2\n{"id":1}|3\n')
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringMatching(/line 1: field id.*\nline 2: the key is no JSON/),
    ])
    for (const line of [
      ['--key-format', 'long', '--key-schema', 'shared'],
      ['--value-format', 'json', '--value-schema', 'shared'],
      ['--value-format', 'int', '--key-field', 'id'],
    ])
      expect((await weir(['produce', 'keyed', ...line], 'x\n')).code).toBe(2)
  })
})
