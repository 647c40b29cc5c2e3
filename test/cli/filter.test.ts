import fc from 'fast-check'
import { UsageError } from '../../src/ops/errors'
import { compileFilter, type Filterable } from '../../src/ops/filter/filter'

const record: Filterable = {
  key: '7',
  value: { temperature: 31.5, sensor_id: 7, nested: { 'a-b': [1, { c: 'x' }] }, name: 'Zoë "q"', none: null, ok: true },
  headers: { source: 'py', attempt: '3' },
  topic: 'sensor_data',
  partition: 2,
  offset: 41,
  timestamp: 1_700_000_000_000,
}

describe('filter', () => {
  test.each([
    ['value.temperature > 30 && key == "7"', true],
    ['value.temperature > 30 && key == "8"', false],
    ['key == 7', true],
    ['key == 7.0', true],
    ['key > 10', false],
    ['key < "8"', true],
    ['value.temperature < -3', false],
    ['value.temperature > -3.5e0', true],
    ['!(value.temperature > 30)', false],
    ['value.sensor_id != 7 || headers.source == "py"', true],
    ['false || true && false', false],
    ['(false || true) && true', true],
    ['value.nested["a-b"][1].c == "x"', true],
    ['value.nested.a-b[0] == 1', true],
    ['value.nested["a-b"][0] >= 1', true],
    ['value.name == "Zoë \\"q\\""', true],
    ['value.name =~ /^zo/i && value.name !~ /^zo/', true],
    ['value.none == null', true],
    ['value.missing == null', true],
    ['value.missing != null', false],
    ['value.missing > 1', false],
    ['value.missing < 1', false],
    ['value.missing =~ /./', false],
    ['value.ok', true],
    ['value.ok == true', true],
    ['value.ok == 1', false],
    ['headers.attempt >= 3', true],
    ['headers["none"]', false],
    ['topic == "sensor_data" && partition == 2 && offset == 41', true],
    ['timestamp >= 1700000000000', true],
    ['value.name > 5', false],
    ['value.constructor', false],
    ['value.__proto__', false],
    ['value.nested =~ /"c":"x"/', true],
  ])('%s is %s', (text, expected) => {
    expect(compileFilter(text)(record)).toBe(expected)
  })

  test.each([
    ['', 'should stand here'],
    ['value.', 'name of a field'],
    ['value >', 'should stand here'],
    ['key == abc', 'texts need quotes'],
    ['(key == 1', '")" is missing'],
    ['key == "1', 'closing quote'],
    ['key =~ "x"', '/like this/'],
    ['key =~ /(/', 'Invalid regular expression'],
    ['key == 1 key', 'should end here'],
    ['process.exit()', 'unknown name'],
    ['key = 1', 'not understood'],
    ['value[x]', 'name or index'],
  ])('%s is refused', (text, why) => {
    expect(() => compileFilter(text)).toThrow(UsageError)
    expect(() => compileFilter(text)).toThrow(why)
  })

  test('never throws anything but UsageError, whatever is written', () => {
    const pieces = fc.constantFrom(
      'key',
      'value',
      '.',
      'a',
      '[',
      ']',
      '0',
      '"',
      '&&',
      '!',
      '(',
      ')',
      '==',
      '=~',
      '/',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
        try {
          compileFilter(parts.join(''))(record)
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError)
        }
      }),
      { numRuns: 3_000, seed: 6 },
    )
  })

  test('numbers compare as numbers, keys too', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        const filter = compileFilter(`key < ${b}`)
        expect(filter({ ...record, key: `${a}` })).toBe(a < b)
      }),
      { seed: 7 },
    )
  })
})

describe('a regular expression of a filter', () => {
  const longer = (text: string): Filterable => ({ ...record, key: text })

  test.each([
    ['a repetition within a repetition', 'key =~ /^(a+)+$/', `${'a'.repeat(60)}b`],
    ['alternatives within a repetition', 'key =~ /^(a|aa)+$/', `${'a'.repeat(80)}b`],
    ['many repetitions in a row', 'key =~ /a*a*a*a*a*a*a*b/', 'a'.repeat(3_000)],
    ['alternatives in a row', `key =~ /${'(?:a|a)'.repeat(40)}b/`, 'a'.repeat(50)],
    ['a repetition and a long text', 'key =~ /a+b/', 'a'.repeat(1_000_000)],
  ])('with %s does not hold the process up', (_, filter, text) => {
    expect(() => compileFilter(filter)(longer(text))).toThrow(/takes too long/)
  })

  test('may be slow now and then, not on every record', () => {
    const filter = compileFilter('key =~ /a*a*b/')
    expect(() => {
      for (let i = 0; i < 10_000; i++) filter(longer('a'.repeat(500)))
    }).toThrow(UsageError)
  })

  test('under a timeout gives what it gives without', () => {
    const test = compileFilter('key =~ /^(?:[a-z]+-)+\\d+$/')
    for (const [text, expected] of [
      ['sensor-a-1', true],
      ['sensor-a-', false],
      ['', false],
    ] as const)
      expect(test(longer(text))).toBe(expected)
  })
})
