import { ApplicationBook } from '../../src/vitals/application-book'
import { diagnose } from '../../src/vitals/diagnose'
import type { SamplesVitals, VitalsRecord } from '../../src/vitals/format'
import { parseVitals } from '../../src/vitals/parse-vitals'
import { now, tally, topologyVitals } from './an-application'

const samples: SamplesVitals = {
  ...{ v: 1, kind: 'samples', application: 'sensors', worker: 'w', atMs: now },
  nodes: [{ name: 'rollup', records: [{ atMs: now, key: 'k', value: 'v', timestamp: now }] }],
}
const failed = { atMs: now, error: 'TypeError', reason: 'why', topic: 'sensor_data', partition: 0, offset: 1 }
const full = tally('w', {
  outages: [{ service: 'Postgres', sinceMs: now, reason: 'gone' }],
  standbys: [{ task: '0_1', lag: 3 }],
  nodes: [{ name: 'rollup', passed: 1, rate: 1, errors: 1, late: 0, windowsClosed: 0, lastError: failed }],
})
const records: readonly VitalsRecord[] = [topologyVitals, full, samples]

const parsed = (value: unknown) => parseVitals(Buffer.from(JSON.stringify(value)))

/** What somebody might have written in place of anything. */
const others = [null, [], [null], {}, 'x', 1e300, -1, true]

/** The same value with each of its parts, and itself, replaced by each of the others, and without each of its members. */
function* disfigured(value: unknown): Generator<unknown> {
  yield* others
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    const put = (another: unknown) =>
      Array.isArray(value)
        ? value.map((item, at) => (String(at) === name ? another : item))
        : { ...value, [name]: another }
    for (const another of disfigured(member)) yield put(another)
    if (!Array.isArray(value)) yield put(undefined)
  }
}

test('what workers write is what readers take', () => {
  for (const record of records) expect(parsed(record)).toEqual(record)
})

test('whatever somebody else writes into the topic, readers pass over it or can show it', () => {
  let [taken, passed] = [0, 0]
  for (const record of records)
    for (const other of disfigured(record)) {
      const found = parsed(other)
      if (found === undefined) {
        passed++
        continue
      }
      taken++
      const book = new ApplicationBook('sensors')
      for (const each of [...records, found]) book.take(each, now, true)
      expect(diagnose(book.view(now), {}, now).sentence).not.toBe('')
      expect(diagnose(book.view(now + 60_000), {}, now + 60_000).sentence).not.toBe('')
    }
  // Both happen: other texts and numbers are fine.
  expect(taken).toBeGreaterThan(100)
  expect(passed).toBeGreaterThan(1_000)
})
