import fc from 'fast-check'
import type { Reading } from '../../schemas/types'
import { ConfigError } from '../../src/errors'
import { type FleetOptions, fleetOptions } from '../../src/sensors/simulator/fleet-options'
import { Pace } from '../../src/sensors/simulator/pace'
import { seededRandom } from '../../src/sensors/simulator/random'
import { ReadingStream } from '../../src/sensors/simulator/reading-stream'

const plan = (options: Partial<FleetOptions> = {}) =>
  fleetOptions({ kafka: { brokers: [] }, registryUrl: 'http://x', seed: 1, ...options })

/** `count` readings, one every 50 micros from 1,000,000,000,000,001. */
function readings(count: number, options: Partial<FleetOptions> = {}) {
  const sent: Reading[] = []
  const stream = new ReadingStream(plan(options), reading => sent.push(reading))
  for (let i = 0; i < count; i++) stream.next(1e15 + 1 + i * 50)
  stream.finish()
  return { sent, counters: stream.counters }
}

const names = (sent: readonly Reading[]) => sent.map(({ sensor_id, timestamp }) => `${sensor_id}@${timestamp}`)

test('sensors take turns from 1, temperatures are uniform in 20 to 40', () => {
  const { sent } = readings(20_000, { sensors: 5000 })
  expect(sent.slice(0, 3).map(reading => reading.sensor_id)).toEqual([1, 2, 3])
  expect(new Set(sent.map(reading => reading.sensor_id))).toEqual(
    new Set(Array.from({ length: 5000 }, (_, i) => i + 1)),
  )
  const tenths = new Array<number>(10).fill(0)
  for (const { temperature } of sent) tenths[Math.floor((temperature - 20) / 2)]!++
  for (const each of tenths) expect(Math.abs(each - 2000)).toBeLessThan(250)
})

test('a temperature walks, in small steps and within what there is', () => {
  const walk = readings(20_000, { sensors: 1 }).sent.map(({ temperature }) => temperature)
  walk.forEach((now, i) => {
    expect(Math.abs(now - (walk[i - 1] ?? now))).toBeLessThanOrEqual(0.2)
    expect(now).toBeGreaterThanOrEqual(20)
    expect(now).toBeLessThanOrEqual(40)
  })
  expect(Math.max(...walk) - Math.min(...walk)).toBeGreaterThan(10)
})

test('the same seed gives the same readings, another one others', () => {
  const options = { late: 0.1, duplicates: 0.1, outOfOrder: 0.1 }
  expect(readings(1000, options)).toEqual(readings(1000, options))
  expect(readings(1000, { ...options, seed: 2 }).sent).not.toEqual(readings(1000, options).sent)
})

test('whatever the faults: nothing is lost, and a reading is known by sensor and time', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      fc.record({
        sensors: fc.integer({ min: 1, max: 30 }),
        rate: fc.constantFrom<number | 'max'>('max', 0.1, 10),
        late: share,
        lateByMs: fc.double({ min: 0.001, max: 10, noNaN: true }),
        duplicates: share,
        outOfOrder: share,
        seed: fc.integer(),
      }),
      options => {
        const { sent, counters } = readings(300, options)
        expect(counters.readings).toBe(300)
        expect(sent).toHaveLength(300 + counters.duplicates)
        expect(new Set(names(sent)).size).toBe(300)
      },
    ),
  )
})

test('a sensor that is asked faster than microseconds pass still has distinct times', () => {
  const sent: Reading[] = []
  const stream = new ReadingStream(plan({ sensors: 1, late: 0.5 }), reading => sent.push(reading))
  for (let i = 0; i < 1000; i++) stream.next(1e15)
  expect(new Set(names(sent)).size).toBe(1000)
})

test('late readings lie so far back, and are as many as asked for', () => {
  const { sent, counters } = readings(10_000, { late: 0.2, lateByMs: 20_000 })
  const late = sent.filter(reading => reading.timestamp < 1e15)
  expect(late).toHaveLength(counters.late)
  expect(Math.abs(late.length - 2000)).toBeLessThan(200)
  sent.forEach((reading, i) => {
    const behind = 1e15 + i * 50 - reading.timestamp
    expect([0, 19_999_999]).toContain(behind)
  })
})

test('out of order: later readings of the same sensor go out first, ten at most', () => {
  const { sent, counters } = readings(20_000, { sensors: 10, outOfOrder: 0.05 })
  expect(counters.outOfOrder).toBeGreaterThan(600)
  let behind = 0
  for (let sensor = 1; sensor <= 10; sensor++) {
    const times = sent.filter(reading => reading.sensor_id === sensor).map(reading => reading.timestamp)
    const sorted = [...times].sort((a, b) => a - b)
    times.forEach((time, i) => {
      expect(i - sorted.indexOf(time)).toBeLessThanOrEqual(10)
      if (i > 0 && time < (times[i - 1] as number)) behind++
    })
  }
  expect(behind).toBeGreaterThan(counters.outOfOrder * 0.8)
})

test('duplicates are the same reading again', () => {
  const { sent, counters } = readings(5000, { duplicates: 0.1 })
  const twice = sent.filter((reading, i) => i > 0 && sent[i - 1] === reading)
  expect(twice).toHaveLength(counters.duplicates)
  expect(Math.abs(twice.length - 500)).toBeLessThan(120)
})

test('random numbers lie in [0, 1), evenly, for any seed', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), seed => {
      const random = seededRandom(seed)
      const values = Array.from({ length: 2000 }, random)
      expect(values.every(value => value >= 0 && value < 1)).toBe(true)
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 2000 - 0.5)).toBeLessThan(0.04)
    }),
  )
})

describe('pace', () => {
  test('counts from the start, without drift, and ends with the duration', () => {
    const pace = new Pace({ sensors: 2000, rate: 10, durationMs: 60_000 })
    expect(pace.due(0)).toBe(1)
    expect(pace.due(100)).toBe(2001)
    expect(pace.due(59_999)).toBe(1_199_981)
    expect(pace.due(70_000)).toBe(1_200_000)
    expect(pace.isDone(1_199_999)).toBe(false)
    expect(pace.isDone(1_200_000)).toBe(true)
  })

  test('a count ends it, also at the fastest pace', () => {
    const pace = new Pace({ sensors: 2, rate: 'max', durationMs: 1000, count: 50 })
    expect(pace.due(0)).toBe(50)
    expect(pace.isDone(50)).toBe(true)
    expect(new Pace({ sensors: 2, rate: 'max' }).due(0)).toBe(Infinity)
  })
})

test('wrong options are named all at once', () => {
  expect(() =>
    plan({ sensors: 0, rate: -1, late: 2, duplicates: NaN, count: 0.5, durationMs: 0, lateByMs: 0 }),
  ).toThrow(ConfigError)
  expect(() => plan({ sensors: 0, rate: -1, late: 2 })).toThrow(/sensors .*; rate .*; late /)
})
