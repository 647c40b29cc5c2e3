import fc from 'fast-check'
import type { FleetHistory } from '../../../src/dashboard/contract/fleet'
import { JoinedSeries } from '../../../src/dashboard/page/fleet/joined-series'
import { completenessOf } from '../../../src/dashboard/server/fleet/completeness'
import { historyOf } from '../../../src/dashboard/server/fleet/fleet-history'

const everyMs = 10_000
const rowsOf = (fromMs: readonly number[]) => ({
  ...{ table: 't', everyMs, fromMs, count: fromMs.map(() => 10) },
  low: fromMs.map(() => 1),
  high: fromMs.map(() => 3),
  mean: fromMs.map(() => 2),
})
const none: FleetHistory = { rollups: null, readings: null, storedUntilMs: null, completeness: null }

describe('what is stored and what is live', () => {
  it('join without a seam: every reading is drawn once, wherever the table ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 30_000 }), (rows, overlapMs) => {
        const fromMs = Array.from({ length: rows }, (_, i) => i * everyMs)
        const storedUntilMs = rows * everyMs
        const history = { ...none, rollups: rowsOf(fromMs), storedUntilMs }
        const series = new JoinedSeries(history, 0)
        // Live readings begin before the table ends, as nobody knows where it will.
        const timesMs: number[] = []
        for (let at = Math.max(0, storedUntilMs - overlapMs); at < 300_000; at += 1_000) timesMs.push(at)
        series.add({ timesMs, values: timesMs.map(() => 2) })
        const { x, reading } = series.columns()
        const stretches = x.filter((_, i) => reading[i] === null)
        const readings = x.filter((_, i) => reading[i] !== null)
        expect(stretches).toEqual(fromMs.map(at => (at + everyMs / 2) / 1000))
        expect(readings).toEqual(timesMs.filter(at => at >= storedUntilMs).map(at => at / 1000))
        expect([...x].sort((a, b) => a - b)).toEqual(x)
      }),
    )
  })

  it('have the band and the mean of a stretch around its readings', () => {
    const series = new JoinedSeries(none, 0)
    series.add({ timesMs: [1_000, 2_000, 3_000, 11_000], values: [5, 7, 9, 1] })
    expect(series.columns()).toEqual({
      x: [1, 2, 3, 11],
      low: [5, 5, 5, 1],
      high: [9, 9, 9, 1],
      mean: [null, 7, null, 1],
      reading: [5, 7, 9, 1],
    })
  })

  it('take late readings where they belong, and stay few however long one looks', () => {
    const series = new JoinedSeries(none, 0)
    series.add({ timesMs: [1_000, 3_000, 2_000], values: [1, 3, 2] })
    expect(series.columns().reading).toEqual([1, 2, 3])
    for (let at = 4_000; at < 3_600_000; at += 100) series.add({ timesMs: [at], values: [at] })
    const { x } = series.columns()
    expect(x.length).toBeLessThan(4_000)
    expect([...x].sort((a, b) => a - b)).toEqual(x)
    expect(series.latest?.timeMs).toBe(3_599_900)
  })

  it('begin with readings where the stretch is short', () => {
    const readings = { table: 'raw', timesMs: [12_000, 13_000, 21_000], values: [4, 6, 8] }
    const history = { ...none, rollups: rowsOf([0, 10_000, 20_000]), readings, storedUntilMs: 21_001 }
    const series = new JoinedSeries(history, 0)
    series.add({ timesMs: [21_000, 22_000], values: [8, 9] })
    const { x, reading } = series.columns()
    expect([x, reading]).toEqual([
      [5, 12, 13, 21, 22],
      [null, 4, 6, 8, 9],
    ])
  })
})

describe('the history of a key', () => {
  const row = (fromMs: number, sizeMs: number) => ({
    fromMs,
    toMs: fromMs + sizeMs,
    low: 1,
    high: 2,
    mean: 1.5,
    count: 10,
  })

  it('is the finest table that a chart can show, and says where it ends', () => {
    const rollups = [
      { table: '10s', rows: [row(0, 10_000), row(10_000, 10_000)] },
      { table: '1m', rows: [row(0, 60_000)] },
    ]
    expect(historyOf({ rollups, readings: undefined }, 3_600_000)).toMatchObject({
      rollups: { table: '10s' },
      storedUntilMs: 20_000,
    })
    expect(historyOf({ rollups, readings: undefined }, 86_400_000)).toMatchObject({
      rollups: { table: '1m' },
      storedUntilMs: 60_000,
    })
    expect(historyOf({ rollups: [], readings: undefined }, 1)).toEqual(none)
  })

  it('goes on behind the last reading that is stored, which the log has too', () => {
    const readings = { table: 'readings', timesMs: [1_000, 2_000.5], values: [1, 2] }
    const history = historyOf({ rollups: [], readings }, 5_000)
    const series = new JoinedSeries(history, 0)
    series.add({ timesMs: [2_000.5, 2_000.501, 3_000], values: [2, 3, 4] })
    expect(series.columns().reading).toEqual([1, 2, 3, 4])
  })

  it('is complete as far as most of its own stretches are full', () => {
    const at = (...from: number[]) => from.map(each => each * everyMs)
    expect(completenessOf(at(0, 1, 2, 3, 4, 5), [100, 100, 100, 100, 100, 50], everyMs)).toMatchObject({
      share: 550 / 600,
      missingRows: 0,
    })
    expect(completenessOf(at(0, 1, 2, 3, 4, 7), [10, 10, 10, 10, 10, 10], everyMs)).toMatchObject({
      share: 6 / 8,
      missingRows: 2,
    })
    expect(completenessOf(at(0, 1), [10, 10], everyMs)).toBeNull()
    expect(completenessOf(at(0, 1, 2, 3, 4, 5), [0, 0, 0, 0, 0, 0], everyMs)).toBeNull()
  })
})
