import { count, hopping, json, session, sliding, text, topology, tumbling, untilWindowCloses } from '../../src'
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
