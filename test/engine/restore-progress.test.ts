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
