import fc from 'fast-check'
import { count, json, type Topology, text, topology, tumbling } from '../../src'
import { type Arrival, ScheduledWorkers } from './scheduled-workers'

const partitions = 3
const graceMs = 500
const sizeMs = 2_000
const windows = tumbling({ sizeMs, graceMs })
const cities = ['ann', 'bob', 'cid', 'dora']

/** Counts by another key than the records', behind so many internal topics, on close. */
const counted = (hops: number, idleMs?: number): Topology =>
  topology('counted', streams => {
    let stream = streams.stream('in', { key: text, value: json<number>(), ...(idleMs && { idleMs }) })
    for (let hop = 0; hop < hops; hop++)
      stream = stream
        .map((value, key) => [hop < hops - 1 ? `${key}-` : key.replace(/-/g, ''), value])
        .repartition({ name: `hop-${hop}`, key: text, value: json<number>() })
    stream
      .groupByKey()
      .windowedBy(windows, { emit: 'onWindowClose' })
      .aggregate({ name: 'counts', of: { count: count() } })
      .toStream()
      .map((value, { key, window }) => [`${key}@${window.start}`, value.count])
      .to('out', { key: text, value: json<number>() })
  })

/** What happens to the workers, tick by tick: each 250 ms. */
interface Tick {
  /** Workers that stand still. */
  readonly paused: readonly boolean[]
  /** Records that each task may process. */
  readonly max: number
  /** A task that another worker takes over. */
  readonly moved: number | undefined
}

const tickMs = 250
const workerCount = 3

/** The windows of records that may be late: by their own partition, or since their partition was silent when others went on. */
class Oracle {
  private readonly own = new Array<number>(partitions).fill(-1)
  private readonly lastAt = new Array<number>(partitions).fill(Number.NEGATIVE_INFINITY)
  private readonly closedBy = new Array<number>(partitions).fill(-1)
  private readonly seen: Arrival[] = []
  private idleTo = -1

  constructor(
    private readonly silenceMs: number,
    private readonly idles: boolean,
  ) {}

  /** Whether the record, the next one, may be late. */
  mayBeLate(arrival: Arrival): boolean {
    const { atMs, partition, timestamp } = arrival
    if (atMs - this.lastAt[partition]! > this.silenceMs) {
      const before = this.seen.filter(each => each.atMs <= atMs - this.silenceMs)
      const lastAt = Math.max(...this.seen.map(each => each.atMs))
      const foremost = Math.max(-1, ...before.map(each => each.timestamp))
      if (this.idles && atMs - lastAt >= this.silenceMs) this.idleTo = Math.max(this.idleTo, foremost + atMs - lastAt)
      this.closedBy[partition] = Math.max(this.closedBy[partition]!, foremost, this.idleTo)
    }
    this.lastAt[partition] = atMs
    this.seen.push(arrival)
    const known = Math.max(this.own[partition]!, this.closedBy[partition]!)
    this.own[partition] = Math.max(this.own[partition]!, timestamp)
    return timestamp - (timestamp % sizeMs) + sizeMs + graceMs <= Math.max(known, timestamp)
  }
}

async function run(built: Topology, arrivals: readonly Arrival[], ticks: readonly Tick[]) {
  const workers = await ScheduledWorkers.create(built, partitions)
  const ids = workers.taskIds
  const owners = new Map(ids.map((id, i) => [id, i % workerCount]))
  const waiting = [...arrivals]
  const tick = async ({ paused, max, moved }: Tick) => {
    workers.nowMs += tickMs
    while (waiting[0] !== undefined && waiting[0].atMs <= workers.nowMs) workers.arrive(waiting.shift()!)
    if (moved !== undefined) {
      const id = ids[moved % ids.length]!
      owners.set(id, (owners.get(id)! + 1) % workerCount)
      await workers.takeOver(id)
    }
    for (let worker = 0; worker < workerCount; worker++)
      if (!paused[worker])
        await workers.turn(
          worker,
          ids.filter(id => owners.get(id) === worker),
          max,
        )
  }
  for (const each of ticks) await tick(each)
  while (waiting.length > 0) await tick({ paused: [], max: 1_000, moved: undefined })
  await workers.close()
  const counts = new Map<string, number>()
  for (const [window, n] of workers.read('out')) counts.set(window, (counts.get(window) ?? 0) + Number(n))
  return { counts, late: workers.late }
}

const windowOf = ({ key, timestamp }: Arrival) => `${key}@${timestamp - (timestamp % sizeMs)}`

function expectNothingLate(
  arrivals: readonly Arrival[],
  oracle: Oracle,
  { counts, late }: Awaited<ReturnType<typeof run>>,
) {
  const least = new Map<string, number>()
  for (const arrival of arrivals)
    if (!oracle.mayBeLate(arrival)) least.set(windowOf(arrival), (least.get(windowOf(arrival)) ?? 0) + 1)
  const missing = [...least].filter(([window, n]) => (counts.get(window) ?? 0) < n)
  expect(missing.map(([window, n]) => `${window}: ${counts.get(window) ?? 0} of ${n}`)).toEqual([])
  const found = [...counts.values()].reduce((sum, n) => sum + n, 0)
  expect(found + late).toBe(arrivals.length)
}

/** Bursts over all partitions, with rests between them; each partition's event times lag behind the wall clock by an age of its own. */
const bursts = fc
  .tuple(
    fc.array(fc.constantFrom(0, 0, 1_500, 9_000, 14_000), { minLength: partitions, maxLength: partitions }),
    fc.array(
      fc.record({
        restMs: fc.constantFrom(0, 300, 2_000, 7_000, 12_000, 30_000),
        /** Some come to one partition alone. */
        alone: fc.option(fc.nat(partitions - 1)),
        records: fc.array(
          fc.record({
            partition: fc.nat(partitions - 1),
            key: fc.constantFrom(...cities),
            afterMs: fc.constantFrom(0, 0, 1, 100, 900, 2_500),
            ageMs: fc.constantFrom(0, 0, 0, 400, 4_000),
          }),
          { minLength: 1, maxLength: 12 },
        ),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([ages, all]) => {
    const arrivals: Arrival[] = []
    let atMs = 0
    for (const { restMs, alone, records } of all) {
      atMs += restMs
      for (const { partition: drawn, key, afterMs, ageMs } of records) {
        const partition = alone ?? drawn
        atMs += afterMs
        arrivals.push({ atMs, partition, key, timestamp: 100_000 + atMs - ages[partition]! - ageMs })
      }
    }
    return arrivals
  })

/** Workers that stand still for up to 20 s, slices that take only some of what waits, and tasks that move. */
const ticksOf = fc
  .record({
    pauses: fc.array(fc.record({ worker: fc.nat(workerCount - 1), from: fc.nat(160), ticks: fc.nat(80) }), {
      maxLength: 8,
    }),
    moves: fc.array(fc.record({ task: fc.nat(20), tick: fc.nat(160) }), { maxLength: 6 }),
    maxes: fc.array(fc.constantFrom(1, 3, 1_000), { minLength: 1, maxLength: 10 }),
  })
  .map(({ pauses, moves, maxes }) =>
    Array.from({ length: 240 }, (_, tick): Tick => {
      const isPaused = (at: number) =>
        pauses.some(({ worker, from, ticks }) => worker === at && tick >= from && tick < from + ticks)
      return {
        paused: Array.from({ length: workerCount }, (_, worker) => isPaused(worker)),
        max: maxes[tick % maxes.length]!,
        moved: moves.find(move => move.tick === tick)?.task,
      }
    }),
  )

describe.each([
  { idleMs: undefined, silenceMs: 5_000 },
  { idleMs: 1_000, silenceMs: 1_000 },
  { idleMs: 3_000, silenceMs: 3_000 },
])('with idleMs $idleMs', ({ idleMs, silenceMs }) => {
  test.each([1, 2])('behind %d internal topics only what its own partition makes late is late', async hops => {
    await fc.assert(
      fc.asyncProperty(bursts, ticksOf, async (arrivals, ticks) => {
        const result = await run(counted(hops, idleMs), arrivals, ticks)
        expectNothingLate(arrivals, new Oracle(silenceMs, idleMs !== undefined), result)
      }),
      { numRuns: 60 },
    )
  })
})

describe.each([undefined, 3_000])('a task that stands still is not silent, with idleMs %s', idleMs => {
  test.each([1, 2])('behind %d internal topics', async hops => {
    const workers = await ScheduledWorkers.create(counted(hops, idleMs), partitions)
    const standing = workers.taskIds.find(id => id.endsWith('_1'))!
    const others = workers.taskIds.filter(id => id !== standing)
    /** So many seconds in which all tasks but one, or all, have their turns. */
    const pass = async (seconds: number, ids: readonly string[]) => {
      for (const until = workers.nowMs + seconds * 1_000; workers.nowMs < until; ) {
        workers.nowMs += tickMs
        await workers.turn(0, ids)
      }
    }
    const arrive = (partition: number, timestamp: number) =>
      workers.arrive({ atMs: workers.nowMs, partition, key: 'ann', timestamp })
    await pass(1, workers.taskIds)
    arrive(0, 100_000)
    arrive(0, 110_000)
    arrive(1, 100_500)
    await pass(20, others)
    expect(workers.read('out')).toEqual([])
    await pass(20, workers.taskIds)
    // Whether there is an idle clock or not, what came long ago has been waited for by now.
    expect(workers.read('out')[0]).toEqual(['ann@100000', '2'])
    await workers.close()
    expect([workers.read('out').length, workers.late]).toEqual([2, 0])
  })
})
