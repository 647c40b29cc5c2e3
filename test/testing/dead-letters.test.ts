import { json, text, topology, tumbling } from '../../src'
import { memory } from '../../src/connectors/memory/memory-target'
import { TopologyTestDriver } from '../../src/testing/test-driver'

interface Paid {
  readonly id: string
  readonly cents: number
}

const built = topology('paid', streams => {
  const paid = streams.stream('paid', { key: text, value: json<Paid>() })
  paid
    .groupBy(({ id }) => id, { name: 'by-id' })
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
    .aggregate({
      name: 'sums',
      initial: () => 0,
      add(sum, { cents }) {
        if (cents < 0) throw new Error('money back')
        return sum + cents
      },
    })
    .toStream()
    .map((sum, { key, window }) => {
      if (sum === 13) throw new RangeError('unlucky')
      return [key, { id: key, from: window.start, sum }] as const
    })
    .to(memory({ name: 'rows' }))
})

test('a dead letter says what was set aside, where it came from and why', async () => {
  const driver = await TopologyTestDriver.create(built)
  const headers = { trace: Buffer.from('7') }
  await driver.pipe('paid', { key: 'k', value: { id: 'a', cents: -1 }, timestamp: 3, headers })
  await driver.pipeBytes('paid', { key: Buffer.from('k'), value: Buffer.from('{'), timestamp: 4 })
  await driver.pipe('paid', { key: 'k', value: { id: 'a', cents: 13 }, timestamp: 5 })
  await driver.advanceStreamTime(20)
  const source = 'paid'
  expect(driver.deadLetters()).toEqual([
    {
      ...{ source, step: 'sums', errorClass: 'Error', errorMessage: 'money back', timestamp: 3, headers },
      origin: { topic: 'paid-by-id-repartition', partition: 0, offset: 0 },
      ...{ key: 'a', value: { id: 'a', cents: -1 }, errorAt: expect.stringMatching(/dead-letters\.test\.ts:\d+:\d+$/) },
    },
    {
      ...{ source, step: 'paid', errorClass: 'DecodeError', errorAt: expect.any(String), timestamp: 4, headers: {} },
      ...{ origin: { topic: 'paid', partition: 0, offset: 1 }, errorMessage: expect.stringContaining('JSON') },
      ...{ key: 'k', value: Buffer.from('{') },
    },
    {
      ...{ source, step: 'map-6', errorClass: 'RangeError', errorMessage: 'unlucky', origin: null, headers: {} },
      ...{ key: 'a', value: 13, timestamp: 20, errorAt: expect.stringContaining('dead-letters.test.ts') },
    },
  ])
  // What is done again is done with the same bytes.
  for (const report of await driver.crashes()) expect(report.violations).toEqual([])
})
