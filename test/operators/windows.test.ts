import {
  count,
  hopping,
  json,
  session,
  sliding,
  text,
  topology,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<number>() }
const out = { key: json<any>(), value: json<any>() }

const shown = (records: { key: any; value: unknown }[]) =>
  records.map(({ key, value }) => [key.key, key.window.start, key.window.end, value])

/** A count on close of windows of the kind. */
const finals = (windows: any, retentionMs?: number) =>
  topology('finals', streams => {
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(windows, { emit: 'onWindowClose' })
      .count({ name: 'counted', ...(retentionMs !== undefined && { retentionMs }) })
      .toStream()
      .to('out', out)
  })

const record = (timestamp: number, key = 'a', value = 1) => ({ key, value, timestamp })

describe('final results are never lost', () => {
  test('however far time jumps: the window that Kafka Streams loses here', async () => {
    const driver = await TopologyTestDriver.create(finals(tumbling({ sizeMs: 10, graceMs: 5 })))
    await driver.pipe('in', record(1))
    await driver.pipe('in', record(24))
    expect(shown(driver.read('out'))).toEqual([['a', 0, 10, 1]])
  })

  test('save where the author says so by retentionMs', async () => {
    const driver = await TopologyTestDriver.create(finals(tumbling({ sizeMs: 10, graceMs: 5 }), 15))
    await driver.pipe('in', record(1))
    await driver.pipe('in', record(24))
    expect(driver.read('out')).toEqual([])
  })

  test.each([
    ['tumbling', tumbling({ sizeMs: 10, graceMs: 5 }), ['a', 0, 10, 2], 14],
    ['sliding', sliding({ timeDifferenceMs: 10, graceMs: 5 }), ['a', 0, 10, 2], 15],
    ['session', session({ gapMs: 10, graceMs: 5 }), ['a', 3, 7, 2], 22],
  ])('%s windows close when the data stops, after a crash too', async (_kind, windows, expected, stillOpenMs) => {
    const driver = await TopologyTestDriver.create(finals(windows))
    await driver.pipe('in', record(3))
    await driver.pipe('in', record(7))
    await driver.crash()
    await driver.advanceStreamTime(stillOpenMs)
    expect(driver.read('out')).toEqual([])
    await driver.advanceStreamTime(stillOpenMs + 1)
    expect(shown(driver.read('out'))[0]).toEqual(expected)
    await driver.crash()
    expect(driver.read('out')).toEqual([])
  })

  test('suppress until windows close: the same', async () => {
    const driver = await TopologyTestDriver.create(
      topology('suppressed', streams => {
        streams
          .stream('in', serdes)
          .groupByKey()
          .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 5 }))
          .aggregate({ name: 'counted', of: { n: count<number>() } })
          .suppress(untilWindowCloses, { name: 'final' })
          .toStream()
          .to('out', out)
      }),
    )
    await driver.pipe('in', record(7))
    await driver.crash()
    await driver.advanceStreamTime(20)
    expect(shown(driver.read('out'))).toEqual([
      ['a', 0, 10, { n: 1 }],
      ['a', 5, 15, { n: 1 }],
    ])
    expect(driver.store('final').size).toBe(0)
  })
})

describe('state stays within what can matter', () => {
  const driverOf = (windows: any, emit: 'onUpdate' | 'onWindowClose') =>
    TopologyTestDriver.create(
      topology('bounded', streams => {
        streams.stream('in', serdes).groupByKey().windowedBy(windows, { emit }).count({ name: 'counted' })
      }),
    )

  test.each([
    ['tumbling', tumbling({ sizeMs: 1000, graceMs: 500 })],
    ['hopping', hopping({ sizeMs: 1000, advanceMs: 500, graceMs: 500 })],
    ['sliding', sliding({ timeDifferenceMs: 1000, graceMs: 500 })],
  ])('%s windows are forgotten, emitted on update or on close', async (_kind, windows) => {
    for (const emit of ['onUpdate', 'onWindowClose'] as const) {
      const driver = await driverOf(windows, emit)
      for (let i = 0; i < 300; i++) await driver.pipe('in', record(i * 500, `k${i % 3}`))
      expect(driver.store('counted').size).toBeLessThan(30)
    }
  })

  test('sessions are forgotten a while after they closed, save those that a live one might still reach', async () => {
    for (const emit of ['onUpdate', 'onWindowClose'] as const) {
      const driver = await driverOf(session({ gapMs: 1000, graceMs: 500 }), emit)
      for (let i = 0; i < 300; i++) await driver.pipe('in', record(i * 3000, `k${i % 3}`))
      expect(driver.store('counted').size).toBeLessThan(60)
    }
  })
})

describe('sessions', () => {
  const updates = topology('sessions', streams => {
    streams
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(session({ gapMs: 10, graceMs: 5 }))
      .count({ name: 'counted' })
      .toStream()
      .to('out', out)
  })

  test('a late record joins a closed session and a live one', async () => {
    const driver = await TopologyTestDriver.create(updates)
    for (const timestamp of [0, 18, 28, 38]) await driver.pipe('in', record(timestamp))
    driver.read('out')
    // [0, 0] closed when time passed 15; the record at 9 alone would be late, but it touches the live session.
    await driver.pipe('in', record(9))
    expect(shown(driver.read('out'))).toEqual([
      ['a', 0, 0, null],
      ['a', 18, 38, null],
      ['a', 0, 38, 5],
    ])
  })
})

describe('suppress until a time limit', () => {
  const limited = (limits: object) =>
    topology('limited', streams => {
      streams.table('in', serdes).suppress(untilTimeLimit(100, limits), { name: 'quiet' }).toStream().to('out', out)
    })

  test('a full buffer stops the task where the author wants that, and says what to do', async () => {
    const driver = await TopologyTestDriver.create(limited({ maxRecords: 1, whenFull: 'shutDown' }))
    await driver.pipe('in', record(0, 'a'))
    await expect(driver.pipe('in', record(1, 'b'))).rejects.toThrow(
      "step quiet: its buffer is full (2 records, 0 bytes); raise its limit, or let it emit early with whenFull: 'emit'",
    )
  })

  test('else it lets the first in line go, and is the same after a crash', async () => {
    const driver = await TopologyTestDriver.create(limited({ maxBytes: 90 }))
    await driver.pipe('in', record(0, 'a'))
    await driver.pipe('in', record(1, 'b'))
    await driver.crash()
    await driver.pipe('in', record(2, 'c'))
    expect(driver.read('out').map(({ key }) => key)).toEqual(['a'])
  })
})

test('a join of windowed tables can wait for the windows that close later', async () => {
  const driver = await TopologyTestDriver.create(
    topology('joined', streams => {
      const counted = (topic: string, graceMs: number) =>
        streams
          .stream(topic, serdes)
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 10, graceMs }))
          .count({ name: `${topic}-count` })
      counted('left', 0)
        .join(counted('right', 20), { joiner: (l, r) => [l, r] })
        .suppress(untilWindowCloses, { name: 'final' })
        .toStream()
        .to('out', out)
    }),
  )
  for (const topic of ['left', 'right']) await driver.pipe(topic, record(3))
  await driver.advanceStreamTime(29)
  expect(driver.read('out')).toEqual([])
  await driver.advanceStreamTime(30)
  expect(shown(driver.read('out'))).toEqual([['a', 0, 10, [1, 1]]])
})
