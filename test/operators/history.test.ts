import fc from 'fast-check'
import { hopping, json, session, sliding, text, topology, tumbling } from '../../src'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const out = { key: json<any>(), value: json<any>() }
const kinds = [
  ['tumbling', tumbling({ sizeMs: 10, graceMs: 5 })],
  ['hopping', hopping({ sizeMs: 10, advanceMs: 4, graceMs: 5 })],
  ['sliding', sliding({ timeDifferenceMs: 10, graceMs: 5 })],
  ['session', session({ gapMs: 10, graceMs: 5 })],
] as const

const counts = (windows: any, emit: 'onUpdate' | 'onWindowClose', historyMs?: number) =>
  topology('counts', streams => {
    streams
      .stream('in', { key: text, value: json<number>() })
      .groupByKey()
      .windowedBy(windows, { emit })
      .count({ name: 'counted', ...(historyMs !== undefined && { historyMs }) })
      .toStream()
      .to('out', out)
  })

describe.each(kinds)('history of %s windows', (_kind, windows) => {
  test.each(['onUpdate', 'onWindowClose'] as const)('changes no result, %s', async emit => {
    const key = fc.constantFrom('a', 'b')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, fc.integer({ min: 0, max: 400 })), { maxLength: 25 }), async records => {
        const results = []
        for (const historyMs of [undefined, 7, 1000]) {
          const driver = await TopologyTestDriver.create(counts(windows, emit, historyMs))
          for (const [k, timestamp] of records) await driver.pipe('in', { key: k, value: 1, timestamp })
          await driver.advanceStreamTime(1000)
          results.push(driver.read('out'))
        }
        expect(results[1]).toEqual(results[0])
        expect(results[2]).toEqual(results[0])
      }),
      { numRuns: 25 },
    )
  })
})

test('a closed window stays for so long, and then goes', async () => {
  const driver = await TopologyTestDriver.create(counts(tumbling({ sizeMs: 10, graceMs: 5 }), 'onWindowClose', 100))
  const starts = () => (driver.store('counted') as any).fetch('a', 0, 10_000).map(({ start }: any) => start)
  for (const timestamp of [1, 2, 21, 60]) await driver.pipe('in', { key: 'a', value: 1, timestamp })
  expect(starts()).toEqual([0, 20, 60])
  // The first has ended at 10 and closed at 15.
  await driver.advanceStreamTime(114)
  expect(starts()).toEqual([0, 20, 60])
  await driver.advanceStreamTime(115)
  expect(starts()).toEqual([20, 60])
})
