import { type IdleDecision, type OracleOptions, recompute, type Window } from '../../src/sensors/audit/oracle'
import { ReadingLog } from '../../src/sensors/audit/reading-log'

type Entry = [offset: number, sensor: number, temperature: number, timeMs: number]

function logOf(entries: readonly Entry[], to = 1000): ReadingLog {
  const log = new ReadingLog(0, 0, to)
  for (const [offset, sensor, temperature, timeMs] of entries) log.add(offset, sensor, temperature, timeMs * 1000)
  return log
}

const options: OracleOptions = { sizesMs: [10_000, 60_000], graceMs: 5000, belongs: () => true }

function of(entries: readonly Entry[], decisions: readonly IdleDecision[] = [], changed: Partial<OracleOptions> = {}) {
  const result = recompute(logOf(entries), decisions, { ...options, ...changed })
  const ten = result.bySize.get(10_000)!
  const names = (windows: ReadonlyMap<string, Window>) => [...windows.keys()].sort()
  return { result, ten, minute: result.bySize.get(60_000)!, closed: names(ten.closed), open: names(ten.open) }
}

test('figures of one window, the sum added in the order of the log', () => {
  const { ten } = of([
    [0, 7, 0.1, 1000],
    [1, 7, 0.2, 2000],
    [2, 7, 0.3, 9999],
  ])
  expect(ten.open.get('7/0')).toEqual({
    ...{ sensor: 7, start: 0, end: 10_000, count: 3, min: 0.1, max: 0.3 },
    sum: 0.1 + 0.2 + 0.3,
    mean: (0.1 + 0.2 + 0.3) / 3,
  })
  // Another order gives another double, and the oracle must tell.
  expect(0.1 + 0.2 + 0.3).not.toBe(0.3 + 0.2 + 0.1)
})

test('a window closes when time less grace reaches its end, and not a millisecond before', () => {
  const first: Entry = [0, 1, 20, 5000]
  expect(of([first, [1, 1, 21, 14_999]])).toMatchObject({ closed: [], open: ['1/0', '1/10000'] })
  expect(of([first, [1, 1, 21, 15_000]])).toMatchObject({ closed: ['1/0'], open: ['1/10000'] })
})

test('a reading counts until its window has closed, and is late then, for each window by itself', () => {
  const before = of([
    [0, 1, 20, 5000],
    [1, 1, 21, 14_999],
    [2, 1, 22, 9999],
  ])
  expect(before.ten.open.get('1/0')!.count).toBe(2)
  const after = of([
    [0, 1, 20, 5000],
    [1, 1, 21, 15_000],
    [2, 1, 22, 9999],
  ])
  expect(after.ten.closed.get('1/0')!.count).toBe(1)
  expect(after.ten.late).toBe(1)
  expect(after.minute.open.get('1/0')!.count).toBe(3)
  expect(after.minute.late).toBe(0)
})

test('a window that only a late reading would have made is not made', () => {
  const { ten, closed } = of([
    [0, 1, 20, 25_000],
    [1, 2, 21, 3000],
  ])
  expect(closed).toEqual([])
  expect(ten.late).toBe(1)
  expect([...ten.open.keys()]).toEqual(['1/20000'])
})

test('micros are cut to whole milliseconds before a window is chosen', () => {
  const log = new ReadingLog(0, 0, 10)
  log.add(0, 1, 20, 9_999_999)
  const { bySize } = recompute(log, [], options)
  expect([...bySize.get(10_000)!.open.keys()]).toEqual(['1/0'])
})

test('a decision of the idle clock closes at its place in the log', () => {
  const readings: Entry[] = [
    [3, 1, 20, 5000],
    [5, 1, 21, 6000],
    [9, 1, 22, 7000],
  ]
  const between = of(readings, [{ offset: 6, timeMs: 15_000 }])
  expect(between.ten.closed.get('1/0')!.count).toBe(2)
  expect(between.ten.late).toBe(1)
  const after = of(readings, [{ offset: 10, timeMs: 15_000 }])
  expect(after.ten.closed.get('1/0')!.count).toBe(3)
  expect(after.ten.late).toBe(0)
  const beyond = of(readings, [{ offset: 1001, timeMs: 15_000 }])
  expect(beyond.closed).toEqual([])
})

test('an idle decision that is behind the time changes nothing', () => {
  const { result, closed } = of([[0, 1, 20, 25_000]], [{ offset: 1, timeMs: 20_000 }])
  expect(result.timeMs).toBe(25_000)
  expect(closed).toEqual([])
})

test('readings of sensors from elsewhere are counted apart and move no time', () => {
  const entries: Entry[] = [
    [0, 1, 20, 5000],
    [1, 2, 21, 99_000],
  ]
  const { result, closed } = of(entries, [], { belongs: sensor => sensor === 1 })
  expect(result).toMatchObject({ strayed: 1, timeMs: 5000 })
  expect(closed).toEqual([])
})

test('goes on from what an earlier run left open', () => {
  const whole: Entry[] = [
    [0, 1, 0.1, 1000],
    [1, 2, 0.3, 2000],
    [2, 1, 0.7, 3000],
    [3, 1, 0.2, 30_000],
  ]
  const early = recompute(logOf(whole.slice(0, 2)), [], options)
  const open = new Map([...early.bySize].map(([size, windows]) => [size, [...windows.open.values()]]))
  const rest = recompute(logOf(whole.slice(2)), [], options, { timeMs: early.timeMs, open })
  const all = recompute(logOf(whole), [], options)
  expect(rest).toEqual(all)
  expect(all.bySize.get(10_000)!.closed.size).toBe(2)
  // The beginning isn't changed by being used.
  expect(open.get(10_000)!.every(window => window.count === 1)).toBe(true)
})
