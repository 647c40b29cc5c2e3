import type { Reading } from '../../schemas/types'
import type { OutputRecord } from '../../src/connectors/ledger'
import { UnavailableError } from '../../src/errors'
import { startFleet } from '../../src/sensors/simulator/fleet'
import type { FleetOptions } from '../../src/sensors/simulator/fleet-options'
import { encodeJson, type ReadingProducer } from '../../src/sensors/simulator/reading-producer'

/** A log in memory; `answer` decides when and how a send is acknowledged. */
function memoryProducer(answer: (sent: number) => Promise<void> = async () => {}) {
  const log: OutputRecord[][] = [[], [], []]
  let open = true
  let sends = 0
  const producer: ReadingProducer = {
    partitions: 3,
    encode: encodeJson,
    async send(partition, records) {
      await answer(++sends)
      log[partition]!.push(...records)
    },
    async close() {
      open = false
    },
  }
  return { producer, log, isOpen: () => open, readings: () => log.flat().map(readingOf) }
}

const readingOf = (record: OutputRecord) => JSON.parse(String(record.value)) as Reading

const start = (memory: ReturnType<typeof memoryProducer>, options: Partial<FleetOptions>) =>
  startFleet({ kafka: { brokers: [] }, registryUrl: 'http://x', ...options }, async () => memory.producer)

test('a count at the fastest pace: every reading is acknowledged, by partition', async () => {
  const memory = memoryProducer()
  const report = await start(memory, { sensors: 7, rate: 'max', count: 25_003, duplicates: 0.1, outOfOrder: 0.1 }).done
  expect(report.readings).toBe(25_003)
  expect(report.acknowledged).toBe(25_003 + report.duplicates)
  expect(report.partitions).toEqual(memory.log.map(records => records.length))
  expect(report.inFlight).toBe(0)
  const times = memory.readings().map(reading => Math.round(reading.timestamp * 1e6))
  expect(report.firstEventTime).toBe(Math.min(...times))
  expect(report.lastEventTime).toBe(Math.max(...times))
  expect(memory.isOpen()).toBe(false)
})

test('a paced fleet sends what its duration holds, each sensor in its own partition', async () => {
  const memory = memoryProducer()
  const report = await start(memory, { sensors: 20, rate: 50, durationMs: 300 }).done
  expect(report.acknowledged).toBe(300)
  expect(report.elapsedMs).toBeGreaterThan(290)
  const homes = new Map<string, number>()
  for (const [partition, records] of memory.log.entries()) {
    for (const record of records) {
      expect(String(record.key)).toBe(String(readingOf(record).sensor_id))
      expect(homes.get(String(record.key)) ?? partition).toBe(partition)
      homes.set(String(record.key), partition)
    }
  }
  expect(homes.size).toBe(20)
})

test('a process that waited for its turn over the end still sends what its duration holds', async () => {
  const memory = memoryProducer()
  const fleet = start(memory, { sensors: 20, rate: 50, durationMs: 200 })
  while (fleet.counters.readings < 50) await new Promise(resolve => setTimeout(resolve, 5))
  const blockedUntil = performance.now() + 300
  while (performance.now() < blockedUntil);
  expect((await fleet.done).acknowledged).toBe(200)
})

test('a fleet that is far behind ends with its duration all the same', async () => {
  const memory = memoryProducer(() => new Promise(resolve => setTimeout(resolve, 20)))
  const report = await start(memory, { sensors: 1_000_000, rate: 1_000, durationMs: 50 }).done
  expect(report.acknowledged).toBe(report.readings)
  expect(report.readings).toBeGreaterThan(0)
  expect(report.readings).toBeLessThan(1_000_000)
})

test("event time is the moment of sending, in the sender's clock", async () => {
  const memory = memoryProducer()
  // The wall clock may be set while this process runs; the sender's goes on from where it began.
  const now = () => performance.timeOrigin + performance.now()
  const before = now() - 1
  await start(memory, { sensors: 5, rate: 100, durationMs: 100 }).done
  expect(memory.log.flat().length).toBe(50)
  for (const record of memory.log.flat()) {
    const { timestamp } = readingOf(record)
    expect(timestamp * 1000).toBeGreaterThan(before)
    expect(timestamp * 1000).toBeLessThan(now() + 1)
    expect(Math.abs(timestamp * 1000 - record.timestamp)).toBeLessThan(2)
  }
})

test('without key the partitions take turns', async () => {
  const memory = memoryProducer()
  await start(memory, { sensors: 2, rate: 'max', count: 300, keyed: false }).done
  expect(memory.log.map(records => records.length)).toEqual([100, 100, 100])
  expect(memory.log.flat().every(record => record.key === null)).toBe(true)
})

test('stop ends it, and what was held back or under way is acknowledged', async () => {
  const memory = memoryProducer(() => new Promise(resolve => setTimeout(resolve, 20)))
  const fleet = start(memory, { sensors: 100, rate: 100, outOfOrder: 0.5 })
  while (fleet.counters.acknowledged < 500) await new Promise(resolve => setTimeout(resolve, 5))
  const report = await fleet.stop()
  expect(report.acknowledged).toBe(report.readings)
  expect(memory.readings()).toHaveLength(report.readings)
  expect(await fleet.done).toEqual(report)
})

test('a slow broker is not flooded: what waits is bounded', async () => {
  const memory = memoryProducer(() => new Promise(resolve => setTimeout(resolve, 30)))
  const fleet = start(memory, { sensors: 10, rate: 'max' })
  let most = 0
  for (let i = 0; i < 20; i++) {
    await new Promise(resolve => setTimeout(resolve, 10))
    most = Math.max(most, fleet.counters.inFlight)
  }
  const report = await fleet.stop()
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(20_000)
  expect(report.acknowledged).toBe(report.readings)
})

test('a send that fails ends the fleet with its error, and the counters tell what is not known', async () => {
  const memory = memoryProducer(async sent => {
    if (sent > 10) throw new UnavailableError('the broker is gone')
  })
  const fleet = start(memory, { sensors: 100, rate: 100 })
  await expect(fleet.done).rejects.toThrow('the broker is gone')
  expect(fleet.counters.inFlight).toBeGreaterThan(0)
  expect(fleet.counters.acknowledged).toBe(memory.log.flat().length)
  expect(memory.isOpen()).toBe(false)
})

test('stop while it still waits for a service ends it with an empty report', async () => {
  const fleet = startFleet({ kafka: { brokers: ['127.0.0.1:1'] }, registryUrl: 'http://127.0.0.1:1' }, (_, signal) => {
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  expect(await fleet.stop()).toMatchObject({ readings: 0, acknowledged: 0, partitions: [], firstEventTime: undefined })
})

test('a fleet with a start sends the same readings again, and what is due already at once', async () => {
  const startMs = Date.now() - 60_000
  const run = async (keyed: boolean) => {
    const memory = memoryProducer()
    const report = await start(memory, { sensors: 20, rate: 10, durationMs: 60_000, seed: 7, startMs, keyed }).done
    return { report, readings: memory.readings() }
  }
  const [first, again] = [await run(true), await run(false)]
  expect(first.report.readings).toBe(12_000)
  expect(first.report.elapsedMs).toBeLessThan(20_000)
  const sorted = (readings: readonly Reading[]) => readings.map(reading => JSON.stringify(reading)).sort()
  expect(sorted(again.readings)).toEqual(sorted(first.readings))
  expect(first.report.firstEventTime).toBe(startMs * 1_000)
  expect(first.report.lastEventTime).toBe(2 * Math.floor((startMs + 59_995) * 500))
})

test('a start needs a rate', () => {
  expect(() => start(memoryProducer(), { rate: 'max', startMs: 1 })).toThrow(/start needs a rate/)
})
