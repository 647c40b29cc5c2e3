import { PassThrough, Readable } from 'node:stream'
import { run } from '../../src/cli/shell/run'

async function weir(line: string, input: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const streams = { stdin: Readable.from(input.map(each => `${each}\n`)), stdout, stderr }
  const code = await run(line.split(' '), streams as never, new AbortController().signal)
  const text = (stream: PassThrough) => String(stream.read() ?? '')
  const rows = text(stdout)
    .split('\n')
    .filter(each => each !== '')
    .map(each => JSON.parse(each))
  return { code, rows, notes: text(stderr) }
}

const reading = (sensor_id: number, seconds: number) => ({
  sensor_id,
  temperature: 20 + seconds,
  timestamp: (1_000_000 + seconds) * 1_000_000,
})

const sensors = 'test topology/sensors.ts'

describe('weir test', () => {
  test('prints what a topology makes of its input, by topic and end, up to the last window', async () => {
    const lines = [
      JSON.stringify({ key: '1', value: reading(1, 1), timestamp: 1_000_001_000 }),
      JSON.stringify({ topic: 'sensor_data', payload: reading(1, 2), ts: 1_000_002_000, partition: 7 }),
      '',
      JSON.stringify({ key: null, value: reading(1, -2_000_000), timestamp: 1 }),
    ]
    const { code, rows, notes } = await weir(`${sensors} --key-field sensor_id`, lines)
    expect([code, notes]).toEqual([0, '3 records in, 11 out\n'])
    expect(rows.filter(({ to }) => to === 'sensor_data_dead_letters').length).toBe(1)
    expect(rows.find(({ to }) => to === 'sensor_data_10s')).toMatchObject({ key: '1', value: { count: 2, mean: 21.5 } })
    expect(rows.filter(({ to }) => to === 'postgres:sensor_data').length).toBe(2)
    expect(rows.filter(({ to }) => to === 'mqtt:sensors/{sensor_id}/1m').length).toBe(1)
  })

  test('reads a line of plain JSON as the topology does: times in seconds', async () => {
    const lines = [
      { sensor_id: 1, temperature: 20.5, timestamp: 1_700_000_001.5 },
      { sensor_id: 1, temperature: 21.5, timestamp: 1_700_000_002 },
      // As a schema's own numbers they are taken too.
      { sensor_id: 1, temperature: 22.5, timestamp: 1_700_000_003_000_000 },
    ]
    const { code, rows, notes } = await weir(
      sensors,
      lines.map(each => JSON.stringify(each)),
    )
    expect([code, notes]).toEqual([0, '3 records in, 12 out\n'])
    const raw = rows.filter(({ to }) => to === 'postgres:sensor_data').map(({ value }) => value.timestamp)
    expect(raw).toEqual([1_700_000_001_500_000, 1_700_000_002_000_000, 1_700_000_003_000_000])
    expect(rows.find(({ to }) => to === 'sensor_data_10s')).toMatchObject({
      value: { count: 3, window_start: 1_700_000_000_000_000 },
    })
  })

  test('tells what every end kept its promise through', async () => {
    const lines = [1, 2, 12].map(seconds => JSON.stringify({ value: reading(1, seconds), timestamp: 1 }))
    const { code, rows, notes } = await weir(`${sensors} --crashes --at-most 4`, lines)
    expect([code, rows]).toEqual([0, []])
    expect(notes).toMatch(/^\d\d crashes in [34] commits: every end kept its promise\n$/)
  })

  test('ends with 5 and the places where a promise was broken', async () => {
    const lines = ['1', '2', '3'].map((value, i) => `{"key":"a","value":${value},"timestamp":${i}}`)
    const { code, rows, notes } = await weir('test test/cli/forgetful-topology.ts --crashes', lines)
    expect(code).toBe(5)
    expect(rows[0]).toMatchObject({ point: 'afterLedger', commit: 1, ok: false })
    expect(rows[0].violations[0]).toMatch(/^topic out, partition 0: a 2 @1 is missing; in its place: a 1 @1$/)
    expect(notes).toMatch(/crashes in 3 commits: \d broke a promise/)
  })

  test('a record that does not fit is a dead letter with its reason, and the rest goes on', async () => {
    const consumed = { topic: 'sensor_data', partition: 0, offset: 4, key: '1', ts: 1_000_001_000 }
    const { code, rows, notes } = await weir(sensors, [
      JSON.stringify({ ...consumed, payload: { sensor_id: 1 } }),
      JSON.stringify({ ...consumed, payload: '/w==', base64: ['payload'] }),
      'false',
      JSON.stringify({ ...consumed, payload: reading(1, 1) }),
    ])
    expect([code, notes]).toEqual([
      0,
      expect.stringMatching(/^-, line 1: the value .*Avro reading: .*temperature.*\n-, line 3: .*\n4 records in/),
    ])
    const letters = rows.filter(({ to }) => to === 'sensor_data_dead_letters')
    expect(letters.map(({ value, step }) => [value, step])).toEqual([
      ['{"sensor_id":1}', 'sensor_data'],
      ['0xff', 'sensor_data'],
      ['false', 'sensor_data'],
    ])
    expect(letters[0].error).toMatch(/^DecodeError: .*temperature/)
    expect(rows.filter(({ to }) => to === 'postgres:sensor_data')).toHaveLength(1)
  })

  test('stops at one where the topology does', async () => {
    const ran = await weir('test test/cli/strict-topology.ts', ['1', '{"payload":"/w==","base64":["payload"]}'])
    expect([ran.code, ran.notes]).toEqual([1, expect.stringMatching(/^weir: -, line 2: in\/0 offset 1, step in: /)])
  })

  test.each([
    ['no JSON', 'nonsense', /^weir: -, line 1 is no JSON: nonsense\n$/],
    [
      'a topic that is not read',
      '{"topic":"x","value":1}',
      /line 1: no step reads topic x; those that are read: in\n$/,
    ],
    ['no time', '{"value":1,"timestamp":"noon"}', /line 1: timestamp has to be ms since 1970.*"noon"\n$/],
  ])('refuses %s', async (_what, line, message) => {
    const { code, notes } = await weir('test test/cli/forgetful-topology.ts', [line])
    expect(code).toBe(2)
    expect(notes).toMatch(message)
  })

  test('says so where there is no file', async () => {
    const { code, notes } = await weir(`${sensors} --input nowhere.ndjson`, [])
    expect([code, notes]).toEqual([2, 'weir: there is no file nowhere.ndjson\n'])
  })
})
