import { json, text, topology } from '../../src'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { memory } from '../../src/connectors/memory/memory-target'
import { ContentError, StreamError, UnavailableError } from '../../src/errors'
import { MemoryWorker } from '../testing/memory-worker'

const rows = memory<string, any>({ name: 'rows' })
const copying = topology('copying', s => s.stream('in', { key: text, value: json<any>() }).to(rows))

/** An end that fails `times` times in this way when it is opened. */
async function worker(error: () => Error, times: number) {
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  let left = times
  Object.defineProperty(ends.exactly_once, 'down', {
    get() {
      if (left-- > 0) throw error()
      return false
    },
  })
  const started = await MemoryWorker.start(copying, { topics: { in: 1 }, ends }, broker => {
    void broker.write({ topic: 'in', partition: 0 }, { key: null, value: Buffer.from('{}'), timestamp: 0 })
  })
  await started.settled()
  const away = started.outages.away.length
  await started.stop()
  return { away, lines: started.lines.filter(line => /^(warn|error)/.test(line)), count: ends.exactly_once.rows.length }
}

test('what every attempt fails for is logged once, whatever figures it has', async () => {
  let nth = 0
  const { lines, count } = await worker(() => new StreamError(`in/0 has no offset ${++nth}`), 4)
  expect([lines, count]).toEqual([['error: in/0 has no offset 1; rolled back, trying again'], 1])
})

test('what an end refuses when it is opened is no record’s: somebody has to mend it', async () => {
  const { lines, count } = await worker(() => new ContentError('a table may have 1600 columns'), 3)
  expect([lines, count]).toEqual([['warn: a table may have 1600 columns; nothing is written until it is mended'], 1])
})

test('an outage that does not say whose it is is its end’s, and not Kafka’s', async () => {
  const { lines, count, away } = await worker(() => new UnavailableError('nobody there'), 3)
  expect([lines, count]).toEqual([['warn: end memory does not answer: nobody there; waiting until it does'], 1])
  // And it is over once the worker has got through.
  expect(away).toBe(0)
})
