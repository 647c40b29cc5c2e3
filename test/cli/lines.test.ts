import { Readable } from 'node:stream'
import { Type } from 'avsc'
import { avroWriter } from '../../src/ops/avro/avro-write'
import { encodeLine } from '../../src/ops/line-encoder'
import { linesOf } from '../../src/ops/lines'

const schema = {
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'sensor_id', type: 'int' },
    { name: 'temperature', type: 'double' },
    { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'unit', type: ['null', 'string'], default: null },
  ],
}
const writer = avroWriter(JSON.stringify(schema), 7)
const good = { sensor_id: 1, temperature: 2, timestamp: 1_700_000_000_000_000 }
const decoded = (bytes: Buffer) => ({ ...(Type.forSchema(schema as never).fromBuffer(bytes.subarray(5)) as object) })

describe('Avro by JSON', () => {
  test('has the registry header and the value; defaults are filled in', () => {
    const bytes = writer.encode(good)
    expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 7])
    expect(decoded(bytes)).toEqual({ ...good, unit: null })
  })

  test.each([
    [1_700_000_000.25, 1_700_000_000_250_000],
    [1_700_000_000, 1_700_000_000_000_000],
    ['2026-01-01T00:00:00.5Z', 1_767_225_600_500_000],
    [1_700_000_000_000_001, 1_700_000_000_000_001],
  ])('the time %p is %p', (given, micros) => {
    expect(decoded(writer.encode({ ...good, timestamp: given }))).toMatchObject({ timestamp: micros })
  })

  test.each([
    [{ ...good, temperature: 'x' }, 'field temperature: "x" is no double'],
    [{ ...good, sensor_id: 2 ** 31 }, 'field sensor_id: 2147483648 is no int'],
    [{ ...good, sensor_id: 1.5 }, 'field sensor_id: 1.5 is no int'],
    [{ sensor_id: 1, temperature: 2 }, 'field timestamp is missing'],
    [{ ...good, temprature: 1 }, 'field temprature is not in the schema (did you mean temperature?)'],
    [{ ...good, timestamp: 'soon' }, 'field timestamp: "soon" is no'],
    [[1], '[1] is no Reading'],
    ['text', '"text" is no Reading'],
    [null, 'null is no Reading'],
  ])('%j is refused: %s', (value, why) => {
    expect(() => writer.encode(value)).toThrow(why)
  })
})

describe('lines', () => {
  const text = (line: string, options: object) => {
    const { key, value, headers } = encodeLine(line, { input: 'lines', ...options })
    return [
      key?.toString() ?? null,
      value?.toString() ?? null,
      headers === undefined ? undefined : Object.keys(headers),
    ]
  }

  test('are values, or keys and values', () => {
    expect(text('a:b', {})).toEqual([null, 'a:b', undefined])
    expect(text('a:b:c', { keySeparator: ':' })).toEqual(['a', 'b:c', undefined])
    expect(text('a::b', { keySeparator: '::', headers: { h: '1' } })).toEqual(['a', 'b', ['h']])
    expect(text('v', { key: 'fixed' })).toEqual(['fixed', 'v', undefined])
    expect(text('a:', { keySeparator: ':', emptyIsNull: true })).toEqual(['a', null, undefined])
    expect(text('a:', { keySeparator: ':' })).toEqual(['a', '', undefined])
    expect(text('{"id":{"n":7}}', { keyField: 'id.n' })).toEqual(['7', '{"id":{"n":7}}', undefined])
    expect(() => text('{}', { keyField: 'id' })).toThrow('field id, which the key is taken from, is missing')
    expect(() => text('{', { json: true })).toThrow('it is no JSON')
  })

  test('of records are what consume prints', () => {
    const line = '{"topic":"t","partition":2,"ts":5,"headers":["a","1","b","2"],"key":"k","payload":{"x":1}}'
    const record = encodeLine(line, { input: 'records' })
    expect(record).toEqual({
      ...{ key: Buffer.from('k'), value: Buffer.from('{"x":1}'), timestamp: 5 },
      headers: { a: Buffer.from('1'), b: Buffer.from('2') },
    })
    expect(encodeLine(line, { input: 'records', keepPartition: true }).partition).toBe(2)
    expect(encodeLine('{"key":null,"payload":null}', { input: 'records' })).toEqual({ key: null, value: null })
    for (const bad of ['{"key":1}', '[]', '7', 'null', '{"payload":1,"ts":"x"}']) {
      expect(() => encodeLine(bad, { input: 'records' })).toThrow(Error)
    }
  })

  test('are cut wherever the chunks are', async () => {
    const input = 'one\r\ntwo\n\nzwölf\nlast'
    for (let size = 1; size < 12; size++) {
      const bytes = Buffer.from(input)
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const found: string[] = []
      for await (const lines of linesOf(Readable.from(chunks))) found.push(...lines)
      expect(found).toEqual(['one', 'two', '', 'zwölf', 'last'])
    }
  })
})
