import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timeout } from '../../src/codecs/duration'
import { readConfig } from '../../src/config'
import { withDotenv } from '../../src/dotenv'
import { ConfigError, UsageError } from '../../src/errors'
import { compileFilter } from '../../src/ops/filter/filter'
import { encodeLine } from '../../src/ops/line-encoder'
import { parseWhere } from '../../src/ops/where'

const records = (line: string) => encodeLine(line, { input: 'records' })

test.each([
  ['payload', '{"payload":"\\ud800"}'],
  ['payload', '{"payload":"a\\udc00\\ud800"}'],
  ['key', '{"payload":1,"key":"\\udc00"}'],
  ['the name of a header', '{"payload":1,"headers":["\\ud800","x"]}'],
  ['headers\\[1\\]', '{"payload":1,"headers":["a","\\ud83d"]}'],
  ['headers.a', '{"payload":1,"headers":{"a":"\\ud83d"}}'],
])('half of a surrogate pair in %s is refused, not replaced: %s', (field, line) => {
  expect(() => records(line)).toThrow(new RegExp(`${field} has half of a surrogate pair`))
})

test('a whole pair, and JSON in which a half is written out, go through', () => {
  expect(records('{"payload":"\\ud83d\\ude00"}').value?.toString()).toBe('😀')
  expect(records('{"payload":{"a":"\\ud800"}}').value?.toString()).toBe('{"a":"\\ud800"}')
})

test('no key is no key, whatever is said of its schema', () => {
  expect(records('{"payload":null,"key":null,"key_schema_id":null,"value_schema_id":null}')).toEqual({
    ...{ key: null, value: null },
  })
})

test.each([
  ['parentheses', `${'('.repeat(100_000)}key${')'.repeat(100_000)}`],
  ['negations', `${'!'.repeat(100_000)}key`],
  ['a chain', Array(100_000).fill('key').join(' && ')],
])('a filter of 100,000 %s is refused with its reason', (_, text) => {
  expect(() => compileFilter(text)).toThrow(UsageError)
  expect(() => compileFilter(text)).toThrow(/more than/)
})

test('a filter of 1,000 alternatives is none too many', () => {
  const filter = compileFilter(Array.from({ length: 1_000 }, (_, i) => `key == "${i}"`).join(' || '))
  expect([filter({ key: '999' } as never), filter({ key: '1000' } as never)]).toEqual([true, false])
})

test.each(['9007199254740993', '-99999999999999999999'])('the offset %s is refused, not rounded', text => {
  expect(() => parseWhere(text, 0)).toThrow(UsageError)
})

test('what a timer would take for nothing is refused', () => {
  expect(timeout('24d')).toBe(24 * 86_400_000)
  expect(() => timeout('25d')).toThrow('a timeout is 24 days at most')
  for (const name of ['SESSION_TIMEOUT_MS', 'COMMIT_INTERVAL_MS', 'PRODUCER_TIMEOUT_MS', 'HEALTH_STALLED_MS'])
    expect(() => readConfig({ [name]: '2147483648' })).toThrow(`${name}: not a whole number`)
})

describe('a .env', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-dotenv-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (name: string, content: Buffer | string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }

  test.each([
    ['in UTF-16', Buffer.from('\ufeffKAFKA_BROKERS=a:1\n', 'utf16le')],
    ['of Latin-1', Buffer.from('KAFKA_SASL_PASSWORD=pass\u00e9\n', 'latin1')],
  ])('%s is refused: its names would not be found', (name, content) => {
    expect(() => withDotenv({}, file(name, content))).toThrow(ConfigError)
  })

  test('that is a folder is refused, and one that is not there is none', () => {
    mkdirSync(join(folder, 'dir'))
    expect(() => withDotenv({}, join(folder, 'dir'))).toThrow(/can't be read: EISDIR/)
    expect(withDotenv({}, join(folder, 'gone'))).toEqual({})
  })

  test('with line ends of Windows, and a mark of byte order before a name that was meant', () => {
    expect(withDotenv({}, file('crlf', 'KAFKA_BROKERS=a:1\r\nLOG_LEVEL=warn\r\n'))).toMatchObject({
      ...{ KAFKA_BROKERS: 'a:1', LOG_LEVEL: 'warn' },
    })
    expect(() => readConfig(withDotenv({}, file('bom', '\ufeffKAFKA_BROKERS=a:1\n')))).not.toThrow(TypeError)
  })
})
