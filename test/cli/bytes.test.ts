import { Readable } from 'node:stream'
import { fieldSources } from '../../src/ops/json-source'
import { encodeLine } from '../../src/ops/line-encoder'
import { rawLinesOf } from '../../src/ops/lines'

const records = { input: 'records' } as const

describe('bytes that are no UTF-8', () => {
  test('are kept, line by line, wherever the chunks are', async () => {
    const input = Buffer.concat([Buffer.from('zwölf\r\nk:'), Buffer.from([0, 255, 13, 10]), Buffer.from('\nlast')])
    for (let size = 1; size < 20; size++) {
      const chunks = Array.from({ length: Math.ceil(input.length / size) }, (_, i) =>
        input.subarray(i * size, (i + 1) * size),
      )
      const found: Buffer[] = []
      for await (const lines of rawLinesOf(Readable.from(chunks))) found.push(...lines.map(line => Buffer.from(line)))
      expect(found).toEqual([
        ...[Buffer.from('zwölf'), Buffer.from([0x6b, 0x3a, 0, 255]), Buffer.alloc(0), Buffer.from('last')],
      ])
    }
  })

  test('are a value, or a key and a value', () => {
    const line = Buffer.from([1, 255, 0x3a, 2, 254, 0x3a])
    expect(encodeLine(line, { input: 'lines' })).toEqual({ key: null, value: line })
    expect(encodeLine(line, { input: 'lines', keySeparator: ':' })).toEqual({
      ...{ key: Buffer.from([1, 255]), value: Buffer.from([2, 254, 0x3a]) },
    })
    expect(encodeLine(line.subarray(0, 3), { input: 'lines', keySeparator: ':', emptyIsNull: true }).value).toBeNull()
    expect(() => encodeLine(line, { input: 'lines', keySeparator: '=' })).toThrow('there is no "="')
    expect(() => encodeLine(line, { input: 'lines', json: true })).toThrow('it is no UTF-8')
    expect(() => encodeLine(line, records)).toThrow('it is no UTF-8')
  })
})

describe('records as consume prints them', () => {
  test('base64 fields are bytes again', () => {
    const line =
      '{"key":"AP8=","payload":"/w==","headers":["a","AP8=","b","AP8="],"base64":["key","payload","headers[3]"]}'
    expect(encodeLine(line, records)).toEqual({
      ...{ key: Buffer.from([0, 255]), value: Buffer.from([255]) },
      headers: { a: Buffer.from('AP8='), b: Buffer.from([0, 255]) },
    })
    for (const bad of [
      '{"payload":1,"base64":["payload"]}',
      '{"payload":"?","base64":["payload"]}',
      '{"payload":"","base64":1}',
    ])
      expect(() => encodeLine(bad, records)).toThrow('base64')
  })

  test('headers keep their order, repeated names and nulls', () => {
    const line = '{"payload":"v","headers":["a","1","b",null,"a","2"]}'
    const headerList = [
      ['a', Buffer.from('1')],
      ['b', null],
      ['a', Buffer.from('2')],
    ]
    expect(encodeLine(line, records)).toEqual({ key: null, value: Buffer.from('v'), headerList })
    // A header of the command line takes the place of all of its name.
    expect(encodeLine(line, { ...records, headers: [['a', '3']] }).headerList).toEqual([
      ['b', null],
      ['a', Buffer.from('3')],
    ])
    expect(() => encodeLine('{"payload":"v","headers":["a"]}', records)).toThrow('names and values in turn')
  })

  test('JSON keeps every digit and space', () => {
    const payload = '{ "n" : 12345678901234567890, "t":"a}\\"]," , "l":[1.0,{ }] }'
    const line = `{ "key" : 1.50 ,"payload":${payload} }`
    const { key, value } = encodeLine(line, records)
    expect([key!.toString(), value!.toString()]).toEqual(['1.50', payload])
  })

  test('a time is not negative, except for none', () => {
    expect(() => encodeLine('{"payload":"v","ts":-5}', records)).toThrow('ts -5 is no time')
    expect(encodeLine('{"payload":"v","ts":-1}', records).timestamp).toBe(-1)
  })
})

test.each([
  '{}',
  ' { } ',
  '{"a":1}',
  '{"a" : [1, {"b":"}"}] , "\\u0062":null}',
  '{"a":1,"a":"\\\\"}',
  '{"x":"\\"","y":-1e3 }',
])('the fields of %s are found as JSON.parse finds them', text => {
  const found = Object.fromEntries([...fieldSources(text)].map(([name, source]) => [name, JSON.parse(source)]))
  expect(found).toEqual(JSON.parse(text))
})
