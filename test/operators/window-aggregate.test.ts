import { hopping, type StreamsBuilder, tumbling } from '../../src'
import { input, plays } from './play'

const grouped = (streams: StreamsBuilder, topic = 'in') => input(streams, topic).groupByKey()
const onClose = { emit: 'onWindowClose' } as const

test('tumbling windows: each record is in one, from its start up to before its end', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
        .count({ name: 'counted' }),
    `
    in a 1 @9
      → out a@0..10 1 @9
    in a 1 @10
      → out a@10..20 1 @10
    in b 1 @10
      → out b@10..20 1 @10
    in a 1 @0
      → out a@0..10 2 @9
    in null 1 @11
    `,
  ))

test('hopping windows: a record is in all that it falls into, the first of them first', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(hopping({ sizeMs: 10, advanceMs: 4, graceMs: 5 }))
        .count({ name: 'counted' }),
    `
    in a 1 @3
      → out a@0..10 1 @3
    in a 1 @9
      → out a@0..10 2 @9
      → out a@4..14 1 @9
      → out a@8..18 1 @9
    `,
  ))

test('a record is late once its window has closed: at its end and the grace, by the largest time of any key', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
        .count({ name: 'counted' }),
    `
    in b 1 @14
      → out b@10..20 1 @14
    in a 1 @9
      → out a@0..10 1 @9
    in b 1 @15
      → out b@10..20 2 @15
    in a 1 @9
    `,
  ))

test('on close there is one result of each window, in order of start, then key; it has the latest time of its records', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), onClose)
        .count({ name: 'counted' }),
    `
    in b 1 @3
    in a 1 @2
    in b 1 @1
    in c 1 @12
      → out a@0..10 1 @2
      → out b@0..10 2 @3
    crash
    time @20
      → out c@10..20 1 @12
    time @90
    `,
  ))

test('a null value is added like any other', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
        .aggregate({ name: 'listed', initial: () => [] as unknown[], add: (list, value) => [...list, value] }),
    `
    in a null @1
      → out a@0..10 [null] @1
    `,
  ))

test('null from an aggregator deletes the window; its final result is none', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), onClose)
        .reduce({ name: 'sum', reducer: (a, b) => (a + b === 0 ? null : a + b) }),
    `
    in a 1 @1
    in a -1 @2
    in b 1 @3
    time @10
      → out b@0..10 1 @3
    `,
  ))

test('a table behind it is told what a window was', () =>
  plays(
    streams =>
      grouped(streams)
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
        .count({ name: 'counted' })
        .groupBy((value, { key }) => [key, value])
        .reduce({ name: 'total', adder: (a, b) => a + b, subtractor: (a, b) => a - b }),
    `
    in a 1 @1
      → out a 1 @1
    in a 1 @2
      → out a 2 @2
    in a 1 @12
      → out a 3 @12
    `,
  ))

describe('a windowed cogroup', () => {
  type Counts = { readonly clicks: number; readonly buys: number }
  const cogroup = (emit: 'onUpdate' | 'onWindowClose') => (streams: StreamsBuilder) =>
    grouped(streams, 'clicks')
      .cogroup((counts: Counts) => ({ ...counts, clicks: counts.clicks + 1 }))
      .cogroup(grouped(streams, 'buys'), counts => ({ ...counts, buys: counts.buys + 1 }))
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit })
      .aggregate({ name: 'both', initial: () => ({ clicks: 0, buys: 0 }) })

  test('keeps a window until it has closed for every stream', () =>
    plays(
      cogroup('onUpdate'),
      `
      clicks a 1 @1
        → out a@0..10 {"clicks":1,"buys":0} @1
      clicks a 1 @50000
        → out a@50000..50010 {"clicks":1,"buys":0} @50000
      buys a 1 @2
        → out a@0..10 {"clicks":1,"buys":1} @2
      clicks a 1 @3
      `,
    ))

  test('is held up by a stream that fell silent for a day at most', async () => {
    const day = 24 * 60 * 60 * 1000
    const driver = await plays(cogroup('onWindowClose'), 'clicks a 1 @1')
    await driver.pipe('clicks', { key: 'a', value: 1, timestamp: day + 9 })
    expect(driver.read('out')).toEqual([])
    await driver.pipe('clicks', { key: 'a', value: 1, timestamp: day + 10 })
    expect(driver.read('out')).toMatchObject([{ value: { clicks: 1, buys: 0 }, timestamp: 1 }])
    await driver.pipe('buys', { key: 'a', value: 1, timestamp: 2 })
    expect(driver.read('out')).toEqual([])
    expect(driver.store('both').size).toBe(2)
  })

  test('has final results once all streams have passed the window, or by the idle clock', () =>
    plays(
      cogroup('onWindowClose'),
      `
      clicks a 1 @1
      clicks a 1 @30
      buys a 1 @31
        → out a@0..10 {"clicks":1,"buys":0} @1
      time @40
        → out a@30..40 {"clicks":1,"buys":1} @31
      `,
    ))
})
