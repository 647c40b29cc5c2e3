import { RestoreProgress, type RestoreTally, restoringText } from '../../src/engine/worker/restore-progress'

const settled = () => new Promise(setImmediate)

function scene(ends: readonly number[], to = Number.POSITIVE_INFINITY) {
  let now = 0
  const done = ends.map(() => 0)
  const lines: string[] = []
  const take = (line: unknown) => lines.push(String(line))
  const log = { debug: () => undefined, info: take, warn: take, error: take }
  const tally: RestoreTally = { restored: 100 }
  const clock = { now: () => now, monotonic: () => now }
  const broker = { endOffset: async ({ partition }: { partition: number }) => ends[partition]! }
  const roads = ends.map((_, partition) => ({ topic: 'log', partition, to, done: () => done[partition]! }))
  const progress = new RestoreProgress(roads, broker, clock, log, tally)
  const read = async (partition: number, count: number, ms: number) => {
    now += ms
    done[partition]! += count
    progress.read(count)
    await settled()
  }
  return { read, lines, tally, progress }
}

test('nothing is told of a restore that is short', async () => {
  const { read, lines, tally } = scene([1_000])
  for (let i = 0; i < 10; i++) await read(0, 100, 150)
  expect(lines).toEqual([])
  expect(tally).toEqual({ restored: 1_100 })
})

test('of a longer one records, share and time left are told, in the log every 5 s', async () => {
  const { read, lines, tally, progress } = scene([4_000, 6_000])
  await read(0, 1_000, 2_000)
  await read(1, 1_000, 500)
  expect(tally.restoring).toEqual({ records: 2_000, share: 0.2, leftMs: 10_000 })
  expect(lines).toEqual(['restoring state: 2,000 records, 20 %, about 10 s left'])
  await read(1, 3_000, 2_500)
  expect(tally.restoring).toEqual({ records: 5_000, share: 0.5, leftMs: 5_000 })
  expect(lines).toHaveLength(1)
  await read(0, 2_500, 2_500)
  expect(lines[1]).toBe('restoring state: 7,500 records, 75 %, about 3 s left')
  progress.end()
  expect(tally).toEqual({ restored: 7_600, restoring: undefined })
})

test('a source topic is read as far as it was processed', async () => {
  const { read, tally } = scene([4_000], 1_000)
  await read(0, 250, 3_000)
  await read(0, 250, 1_000)
  expect(tally.restoring).toMatchObject({ share: 0.5 })
})

test('the words', () => {
  expect(restoringText({ records: 2_400_000, share: 0.319, leftMs: 8_100 })).toBe(
    '2,400,000 records, 31 %, about 9 s left',
  )
})

/** A restore of logs that end there, on a clock that is set, from a state that has some of them. */
function resumed(ends: readonly number[], had: readonly number[], startMs = 0) {
  const time = { ms: startMs }
  const done = [...had]
  const lines: unknown[] = []
  const log = {
    debug: () => undefined,
    info: (line: unknown) => lines.push(line),
    warn: () => undefined,
    error: () => undefined,
  }
  const tally: RestoreTally = { restored: 0 }
  const kafka = { isAway: false, asked: 0 }
  const broker = {
    endOffset: async ({ partition }: { partition: number }) => {
      kafka.asked++
      if (kafka.isAway) throw new Error('no broker answers')
      return ends[partition]!
    },
  }
  const to = Number.POSITIVE_INFINITY
  const roads = ends.map((_, partition) => ({ topic: 'log', partition, to, done: () => done[partition]! }))
  const clock = { now: () => 0, monotonic: () => time.ms }
  const progress = new RestoreProgress(roads, broker, clock, log, tally)
  const at = async (ms: number, ...positions: number[]) => {
    time.ms = ms
    done.splice(0, done.length, ...positions)
    progress.read(10)
    await settled()
    return tally.restoring
  }
  return { at, kafka, lines }
}

test('where the logs end is asked for once it takes long, and once', async () => {
  const { at, kafka, lines } = resumed([100, 100], [0, 0])
  await at(1_999, 10, 10)
  expect(kafka.asked).toBe(0)
  await at(2_000, 10, 10)
  expect(kafka.asked).toBe(2)
  expect(await at(2_001, 10, 10)).toBeDefined()
  await at(3_000, 10, 10)
  expect([kafka.asked, lines.length]).toEqual([2, 1])
})

test('while nobody knows where they end nothing is told, and it is asked again', async () => {
  const { at, kafka, lines } = resumed([100], [0])
  kafka.isAway = true
  for (const ms of [2_000, 3_000]) expect(await at(ms, 10)).toBeUndefined()
  expect(kafka.asked).toBe(2)
  kafka.isAway = false
  await at(4_000, 10)
  expect(await at(4_001, 10)).toMatchObject({ share: 0.1 })
  expect(lines).toHaveLength(1)
})

test('while the answer is on its way it is not asked again', () => {
  const { kafka, at } = resumed([100], [0])
  void at(2_000, 10)
  void at(2_001, 10)
  expect(kafka.asked).toBe(1)
})

test('what the state had is no part of the road, and neither is what lies behind an end that was known', async () => {
  const { at } = resumed([100, 60, 30], [50, 70, 30])
  await at(2_000, 60, 70, 30)
  expect(await at(4_000, 60, 70, 30)).toEqual({ records: 20, share: 0.2, leftMs: 16_000 })
  expect(await at(5_000, 120, 80, 40)).toEqual({ records: 30, share: 1, leftMs: 0 })
})

test('with nothing on the road it is done; with nothing read nobody knows how long it takes', async () => {
  const nothing = resumed([30], [30])
  await nothing.at(2_000, 30)
  expect(await nothing.at(2_001, 30)).toMatchObject({ share: 1, leftMs: 0 })
  const still = resumed([30], [0])
  await still.at(2_000, 0)
  expect(await still.at(2_001, 0)).toMatchObject({ share: 0, leftMs: 0 })
})

test('a line comes at 2 s, and each 5 s after it', async () => {
  const { at, lines } = resumed([100], [0])
  await at(2_000, 1)
  const told = []
  for (const ms of [2_500, 7_499, 7_500, 12_499, 12_500]) {
    await at(ms, 2)
    told.push(lines.length)
  }
  expect(told).toEqual([1, 1, 2, 2, 3])
})

test('time counts from when it began', async () => {
  const { at, kafka, lines } = resumed([100], [0], 10_000)
  await at(11_999, 10)
  expect(kafka.asked).toBe(0)
  await at(12_000, 10)
  expect(await at(14_000, 20)).toEqual({ records: 30, share: 0.2, leftMs: 16_000 })
  expect(lines).toHaveLength(1)
})
