import { LagHistory } from '../../src/dashboard/server/lag-history'

const filled = (lags: readonly (number | null)[], everyMs = 5_000) => {
  const history = new LagHistory()
  for (const [i, lag] of lags.entries()) history.add(i * everyMs, new Map([['g', lag]]))
  return history
}

it('keeps an hour and no more, the oldest first', () => {
  const { atMs, lag } = filled(Array.from({ length: 1_000 }, (_, i) => i)).of('g')
  expect([atMs.length, atMs[0], lag[0], lag.at(-1)]).toEqual([720, 280 * 5_000, 280, 999])
})

it('begins with what is known, and has gaps where nothing was', () => {
  expect(filled([null, 3, null, 5]).of('g')).toEqual({ atMs: [5_000, 10_000, 15_000], lag: [3, null, 5] })
})

it('forgets a group that is gone', () => {
  const history = filled([1, 2])
  history.add(10_000, new Map())
  expect(history.of('g')).toEqual({ atMs: [], lag: [] })
})

it('tells the trend in records a second of the last minute alone', () => {
  const long = [...Array.from({ length: 20 }, () => 10_000), ...Array.from({ length: 13 }, (_, i) => 1_000 - i * 50)]
  expect(filled(long).trend('g', 60_000)).toBe(-10)
  expect(filled([5, 5]).trend('g', 60_000)).toBeNull()
  expect(filled([5, 5, 5]).trend('g', 60_000)).toBe(0)
})
