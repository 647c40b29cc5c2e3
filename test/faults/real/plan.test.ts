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

test('kinds are chosen by their numbers, and without a durable Kafka none restarts it', () => {
  expect(chosenKinds(kinds, { only: ['F7', 'F1'], light: false }).map(({ id }) => id)).toEqual(['F1', 'F7'])
  expect(chosenKinds(kinds, { only: undefined, light: true }).map(({ id }) => id)).not.toContain('F5')
  expect(() => chosenKinds(kinds, { only: ['F99'], light: false })).toThrow(/--only F99: there are F1, F2/)
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
  const round = { recoveryMs: 1_000, readings: 10, windows: 2, kills: 1, repeated: 0, lost: [], doubled: [], wrong: [] }
  tally.add({ ...round, id: 'F1' })
  tally.add({ ...round, id: 'F2', lost: ['raw rows: 1 missing'] })
  const rows = tally.table(kinds)
  expect(rows.find(row => row.startsWith('| F1 |'))).toMatch(/\| 1 \| 1\.0 \| 1\.0 \| 0 \| 0 \| right \|$/)
  expect(rows.find(row => row.startsWith('| F2 |'))).toMatch(/\| 1 \| 0 \| WRONG \|$/)
  expect(tally.bad).toBe(1)
})
