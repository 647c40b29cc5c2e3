import { lacksOf } from './gates'
import { Lanes } from './lanes'
import { bugs } from './planted/bugs'
import { withBug } from './planted/plant'

// A seed with a planted bug that stands still runs until its simulated patience is over.
jest.setTimeout(300_000)

/** The last two have a real MQTT broker. */
const seeds = [1, 13, 39, 265, 1815, 3267, 39496, 40051, 16, 61203]

test.each(seeds)('seed %i: everything is there once, and its world was no calm one', async seed => {
  const lanes = new Lanes(1)
  try {
    const outcome = await lanes.run({ seed })
    expect(outcome.violations).toEqual([])
    expect(lacksOf(outcome)).toEqual([])
  } finally {
    lanes.close()
  }
})

test('a seed does the same in every process, and the second time', async () => {
  const [first, second] = [new Lanes(1), new Lanes(1)]
  try {
    const traces = [await first.run({ seed: 6 }), await second.run({ seed: 9 }), await second.run({ seed: 6 })]
    expect(traces[0]?.trace).toBe(traces[2]?.trace)
    expect(traces[0]?.trace).not.toBe(traces[1]?.trace)
  } finally {
    first.close()
    second.close()
  }
})

test('a planted bug is found, and its seed passes without it', async () => {
  const [lanes, sound] = [new Lanes(1, { env: { WEIR_PLANTED: 'offset-one-short' } }), new Lanes(1)]
  try {
    expect((await lanes.run({ seed: 9 })).violations).not.toEqual([])
    expect((await sound.run({ seed: 9 })).violations).toEqual([])
  } finally {
    lanes.close()
    sound.close()
  }
})

test('every planted bug has its place in the source', () => {
  for (const { file, from, to } of bugs) expect(withBug(file, from, to)).toContain(to)
  expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
  expect(bugs.length).toBeGreaterThanOrEqual(30)
})
