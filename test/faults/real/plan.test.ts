import { cells } from './kinds/cells'
import { allKinds } from './kinds/kinds'
import { CellBook } from './kinds/protocol'
import { chosenKinds, planOf } from './plan'
import { Tally } from './tally'

const kinds = allKinds(new CellBook())

test('a run is one round of each kind, unless it is told otherwise', () => {
  expect(planOf(['--seed', '3'])).toMatchObject({ rounds: 1, seed: 3, workers: 2, rate: 2_000, record: false })
  expect(planOf(['--minutes', '10', '--only', 'F1,F7', '--resume'])).toMatchObject({
    minutes: 10,
    only: ['F1', 'F7'],
    resume: true,
  })
})

test.each([
  [['--rounds', 'x'], /--rounds x: give a whole number from 1/],
  [['--workers', '9'], /--workers 9: give a whole number from 2 to 4/],
  [['--light', '--record'], /--record is for real services/],
  [['--planted', 'nothing'], /--planted nothing: there are sinks-not-awaited, /],
  [['--planted', 'sinks-not-awaited', '--record'], /--record is for the engine as it is/],
  [['--all'], /all/],
])('%j is refused in words', (args, words) => {
  expect(() => planOf(args)).toThrow(words)
})

test('kinds are chosen by their numbers', () => {
  expect(chosenKinds(kinds, ['F7', 'F1']).map(({ id }) => id)).toEqual(['F1', 'F7'])
  expect(chosenKinds(kinds, undefined)).toEqual(kinds)
  expect(() => chosenKinds(kinds, ['F99'])).toThrow(/--only F99: there are F1, F2/)
})

test('each of 13 APIs meets 12 errors at three moments', () => {
  const count = (api: string) => new Set(cells.filter(each => each.api === api).map(({ code }) => code)).size
  const apis = [...new Set(cells.map(({ api }) => api))]
  expect(apis.length).toBeGreaterThanOrEqual(13)
  expect(Math.min(...apis.map(count))).toBeGreaterThanOrEqual(12)
  expect(cells.length).toBe(apis.reduce((sum, api) => sum + 3 * count(api), 0))
})

test('a round that has lost something makes its row wrong', () => {
  const tally = new Tally()
  const round = {
    recoveryMs: 1_000,
    peakMb: 1,
    readings: 10,
    windows: 2,
    kills: 1,
    repeated: 0,
    lost: [],
    doubled: [],
    wrong: [],
  }
  tally.add({ ...round, id: 'F1' })
  tally.add({ ...round, id: 'F2', lost: ['raw rows: 1 missing'] })
  const rows = tally.table(kinds)
  expect(rows.find(row => row.startsWith('| F1 |'))).toMatch(/\| 1 \| 1\.0 \| 1\.0 \| 0 \| 0 \| right \|$/)
  expect(rows.find(row => row.startsWith('| F2 |'))).toMatch(/\| 1 \| 0 \| WRONG \|$/)
  expect(tally.bad).toBe(1)
})

const compared = { recoveryMs: 1_000, peakMb: 1, kills: 1, repeated: 0, lost: [], doubled: [], wrong: [] }

test('a round that has compared nothing is wrong', () => {
  const tally = new Tally()
  expect(tally.add({ ...compared, id: 'F1', readings: 0, windows: 0 }).wrong).toEqual(['no reading was compared'])
  tally.end({ readings: 5, windows: 5 }, [])
  expect([tally.bad, tally.failed]).toEqual([1, 1])
  expect(tally.table(kinds).at(-1)).toMatch(/WRONG \|$/)
})

test('a run that has compared no window is wrong, and one whose last look has is right', () => {
  const [without, withOne] = [new Tally(), new Tally()]
  for (const tally of [without, withOne]) tally.add({ ...compared, id: 'F1', readings: 10, windows: 0 })
  without.end({ readings: 1, windows: 0 }, [])
  withOne.end({ readings: 1, windows: 1 }, [])
  expect(without.atEnd).toEqual(['no window was compared in the whole run'])
  expect([without.failed, withOne.failed]).toEqual([1, 0])
  expect(withOne.inWords()).toMatch(/11 readings and 1 windows compared/)
})

test('what the last look finds fails a run without a wrong round', () => {
  const tally = new Tally()
  tally.add({ ...compared, id: 'F1', readings: 10, windows: 1 })
  tally.end({ readings: 0, windows: 0 }, ['all raw rows: 1 twice'])
  expect([tally.bad, tally.failed]).toEqual([0, 1])
})

test('a run without a round is wrong', () => {
  const tally = new Tally()
  tally.end({ readings: 10, windows: 1 }, [])
  expect(tally.atEnd).toEqual(['there was no round'])
})
