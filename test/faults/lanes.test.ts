import { join } from 'node:path'
import { doubled } from './lane-doubled'
import { Lanes } from './lanes'

jest.setTimeout(60_000)

const entry = join(__dirname, 'lane-double.ts')
let lanes: Lanes
afterEach(() => lanes.close())

test.each([
  ['ends its process', doubled.ends, 'exit', 'it ended its process (7)'],
  ['crashes', doubled.throws, 'crash', 'thrown'],
] as const)('a seed that %s is a failed one, and the next runs in another process', async (_, seed, cut, words) => {
  lanes = new Lanes(1, { entry })
  const [before, failed, after] = await Promise.all([1, seed, 9].map(each => lanes.run({ seed: each })))
  expect(failed).toMatchObject({ seed, cut, violations: [words] })
  expect([before?.violations, after?.violations]).toEqual([[], []])
  expect(after?.trace).not.toBe(before?.trace)
})

test('a seed that stands still is ended after its time, and the next runs', async () => {
  lanes = new Lanes(1, { entry, mostSeedMs: 5_000 })
  const [right, late, after] = await Promise.all([1, doubled.standsStill, 9].map(seed => lanes.run({ seed })))
  expect(late).toMatchObject({ cut: 'late', violations: ['it took longer than 5 s'] })
  expect([right?.violations, after?.violations]).toEqual([[], []])
})

test('where no process loads, every seed fails, and says so', async () => {
  lanes = new Lanes(1, { entry, env: { DOUBLE_LOADS: 'no' } })
  const outcomes = await Promise.all([1, 9].map(seed => lanes.run({ seed })))
  expect(outcomes.map(({ seed, cut }) => [seed, cut])).toEqual([
    [1, 'load'],
    [9, 'load'],
  ])
  expect((await lanes.run({ seed: 10 })).violations).toEqual([expect.stringContaining('it does not load')])
})

test('a lane says what kept it from loading', async () => {
  lanes = new Lanes(1, { env: { WEIR_PLANTED: 'no-such-bug' } })
  const { cut, violations } = await lanes.run({ seed: 1 })
  expect([cut, violations[0]]).toEqual(['load', expect.stringContaining('there is no planted bug no-such-bug')])
})

test('a lane says by what error its seed ended', async () => {
  lanes = new Lanes(1)
  const { cut, violations } = await lanes.run({ seed: 1, left: 7 as never })
  expect([cut, violations[0]]).toEqual(['crash', expect.stringMatching(/^it crashed: TypeError: .*includes/)])
})
