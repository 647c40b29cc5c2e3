import { reading } from '../../../schemas/types'
import { avro, count, json, max, min, sum, text, topology } from '../../../src/index'
import type { Hostile } from '../case'
import { body, copy, type Each, rowsOf, serdes, two } from './parts'

const given = (came: string, value: unknown, rest: Partial<Each> = {}): Each => ({
  came,
  message: {
    key: 'v',
    value: typeof value === 'string' || value === null ? (value as string | null) : body(value),
    partition: 0,
  },
  ...rest,
})
const now = Date.now() / 1000

/** Values as producers send them: each goes through exactly as it is, or is put aside with why. */
export const values: readonly Hostile[] = [
  {
    id: 'V1',
    came: 'JSON values',
    topics: { in: two, out: two },
    isQuick: true,
    topology: copy,
    run: scene =>
      rowsOf(scene, [
        given('an integer beyond 2^53', '9007199254740993', { says: /beyond/ }),
        given('one in a list in a record', '{"a":[1,{"b":-9007199254740993}]}', { says: /beyond/ }),
        given('the largest safe integer', '9007199254740991'),
        given('a number beyond a double', '1e400', { says: /finite|range|double|number/i }),
        given('-0', '-0'),
        given('the smallest double', '5e-324'),
        given('an object with __proto__', '{"__proto__":{"a":1},"b":2}'),
        given('an empty key', '{"":1}'),
        given('half a surrogate', '{"a":"\\ud800"}'),
        given('text from right to left', '{"نام":"حسگر"}'),
        given('a repeated key', '{"a":1,"a":2}', { out: '{"a":2}' }),
        given('NaN', 'NaN', { says: /JSON/i }),
        given('two values', '{} {}', { says: /JSON/i }),
        given('an open string', '{"a":"', { says: /JSON/i }),
        given('nothing', '', { says: /JSON|empty/i }),
        given('blank', '   ', { says: /JSON/i }),
        given('a byte order mark', '\uFEFF{}', { says: /JSON/i }),
        given('nesting 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, { says: /deep|nest|JSON/i }),
        given('a tombstone', null, { out: 'null' }),
      ]),
  },
  {
    id: 'V2',
    came: 'readings of the sensors, as Avro or JSON',
    topics: { in: two, out: two },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), { key: text, value: avro(reading, { json: true }) as never })
          .mapValues((value: unknown) => value)
          .to(names.topic('out'), { key: text, value: json() as never })
      }),
    async run(scene) {
      const good = (n: number) => body({ sensor_id: n + 1, temperature: n, timestamp: now })
      const inputs = [
        given('a text for a number', { sensor_id: 1, temperature: '20', timestamp: now }, { says: /temperature/ }),
        given('null for a number', { sensor_id: 1, temperature: null, timestamp: now }, { says: /temperature/ }),
        given('a missing field', { sensor_id: 1, timestamp: now }, { says: /temperature/ }),
        given('an id beyond int', { sensor_id: 2 ** 31, temperature: 1, timestamp: now }, { says: /sensor_id/ }),
        given('an id that is no integer', { sensor_id: 1.5, temperature: 1, timestamp: now }, { says: /sensor_id/ }),
        given('an infinite temperature', `{"sensor_id":1,"temperature":1e400,"timestamp":${now}}`, {
          says: /temperature|finite|number/,
        }),
        given('a list', [], { says: /./ }),
        given('a text', '"reading"', { says: /./ }),
        given('the magic byte alone', '\u0000', { says: /./ }),
        given('an unknown schema', '\u0000\u0000\u0000\u7fff', { says: /./ }),
      ]
      await scene.working()
      const tagged = inputs.map(({ message }, i) => ({ ...message, headers: { row: String(i) } }))
      const neighbours = Array.from({ length: 20 }, (_, n) => ({ key: `${n}`, value: good(n), partition: n % 2 }))
      await scene.send('in', [...neighbours.slice(0, 10), ...tagged, ...neighbours.slice(10)])
      const letters = await scene.letters('in', inputs.length)
      await scene.until(async () => (await scene.read('out')).length >= 20, '20 readings')
      const byRow = new Map(letters.map(each => [each.headers.row, each.headers['weir.error.message'] ?? '']))
      return inputs.map(({ came, says }, i) => {
        const out = byRow.get(String(i)) ?? 'went through'
        return { came, out: out.slice(0, 160), isRight: says!.test(out) }
      })
    },
  },
  {
    id: 'V3',
    came: 'figures over values that are no numbers',
    topics: { in: two, out: two },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .groupByKey()
          .aggregate({ name: 'figures', of: { n: count(), sum: sum('n'), min: min('n'), max: max('n') } })
          .toStream()
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.working()
      const wrong = ['"20"', 'true', '{}', '[]', '1e400']
      const sent = (value: string) => ({ key: 'a', value: `{"n":${value}}`, partition: 0 })
      await scene.send('in', [sent('10'), ...wrong.map(sent), sent('30')])
      const letters = await scene.letters('in', wrong.length)
      const wanted = body({ n: 2, sum: 40, min: 10, max: 30 })
      await scene.until(async () => (await scene.read('out')).some(({ value }) => value === wanted), wanted)
      return wrong.map((value, i) => {
        const out = letters[i]!.headers['weir.error.message'] ?? ''
        return { came: `${value} among numbers`, out: out.slice(0, 160), isRight: /n\b/.test(out) }
      })
    },
  },
  {
    id: 'V4',
    came: 'keys and headers of all kinds',
    topics: { in: two, out: two },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .selectKey((_value, key) => key)
          .groupByKey()
          .reduce({ name: 'last', reducer: (_last, next) => next })
          .toStream()
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.working()
      const keys = [
        '',
        '__proto__',
        'constructor',
        'a\u0000b',
        'حسگر',
        '😀',
        'k'.repeat(50_000),
        '/+#$',
        '\u202Eabc',
        ' ',
      ]
      await scene.send(
        'in',
        keys.map((key, n) => ({ key, value: body({ n }), partition: n % 2 })),
      )
      const found = async () => new Map((await scene.read('out')).map(({ key, value }) => [key, value]))
      await scene.until(async () => (await found()).size >= keys.length, `${keys.length} keys`)
      const outs = await found()
      return keys.map((key, n) => ({
        came: `the key ${JSON.stringify(key.slice(0, 20))}`,
        out: String(outs.get(key)),
        isRight: outs.get(key) === body({ n }),
      }))
    },
  },
]
