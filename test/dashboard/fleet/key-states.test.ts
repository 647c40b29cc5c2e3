import { keyStates } from '../../../src/dashboard/contract/fleet-frame'
import { Column } from '../../../src/dashboard/server/fleet/column'
import { KeyStates } from '../../../src/dashboard/server/fleet/key-states'
import { bandOf } from '../../../src/dashboard/server/fleet/neighbours'

/** Uniform in [0, 1), the same with each run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A fleet whose sensors read around 20 every `everyMs`, save where `value` says otherwise: null is no record, undefined the usual. */
function run(options: {
  readonly keys?: number
  readonly forMs: number
  readonly everyMs?: (key: number) => number
  readonly value?: (key: number, atMs: number) => number | null | undefined
}) {
  const { keys = 20, forMs, everyMs = () => 100, value = () => undefined } = options
  const states = new KeyStates()
  const random = randomOf(7)
  for (let atMs = 100; atMs <= forMs; atMs += 100) {
    for (let key = 0; key < keys; key++) {
      if (atMs % everyMs(key) !== 0) continue
      const usual = 19 + 2 * random()
      const given = value(key, atMs)
      if (given !== null) states.take(key, given ?? usual, 1e12 + atMs, 1e12 + atMs)
    }
    if (atMs % 1000 === 0) states.compare()
  }
  states.judge(1e12 + forMs)
  return { states, of: (key: number) => keyStates[states.code.of(key)] }
}

describe('a key', () => {
  it('is fine while it does what it usually does, and new before that is known', () => {
    const { of, states } = run({ forMs: 60_000 })
    expect(Array.from({ length: 20 }, (_, key) => of(key))).toEqual(Array(20).fill('fine'))
    expect([...states.judge(1e12 + 60_000)]).toEqual([0, 20, 0, 0, 0, 0])
    expect(run({ forMs: 300 }).of(0)).toBe('new')
  })

  it('is silent by its own usual gap, within three seconds where that is short', () => {
    const stops = (key: number, atMs: number) => (key < 2 && atMs > 30_000 ? null : undefined)
    const everyMs = (key: number) => (key === 1 ? 10_000 : 100)
    const early = run({ forMs: 33_000, everyMs, value: stops })
    expect([early.of(0), early.of(1), early.of(2)]).toEqual(['silent', 'new', 'fine'])
    expect(early.states.sinceMs.of(0)).toBe(1e12 + 30_000)
  })

  it('that comes seldom is no silent one, until it misses its own time', () => {
    const everyMs = (key: number) => (key === 1 ? 10_000 : 100)
    const stops = (key: number, atMs: number) => (key === 1 && atMs > 100_000 ? null : undefined)
    expect(run({ forMs: 118_000, everyMs, value: stops }).of(1)).toBe('fine')
    expect(run({ forMs: 150_000, everyMs, value: stops }).of(1)).toBe('silent')
  })

  it('whose records come at random is hardly ever taken for silent', () => {
    const random = randomOf(3)
    const value = () => (random() < 0.05 ? undefined : null)
    const { states } = run({ keys: 500, forMs: 120_000, value })
    expect(states.judge(1e12 + 120_000)[4]).toBeLessThan(5)
  })

  it('does not learn its outage', () => {
    const { of } = run({
      forMs: 203_000,
      value: (key, atMs) => (key === 0 && ((atMs > 30_000 && atMs < 130_000) || atMs > 200_000) ? null : undefined),
    })
    expect(of(0)).toBe('silent')
  })

  it('is stuck when it keeps a value far longer than it uses to', () => {
    const { of } = run({ forMs: 60_000, value: (key, atMs) => (key === 3 && atMs > 40_000 ? 20.5 : undefined) })
    expect([of(3), of(4)]).toEqual(['stuck', 'fine'])
  })

  it('that was stuck before anybody looked stands out among those that change', () => {
    expect(run({ forMs: 60_000, value: key => (key === 3 ? 20.5 : undefined) }).of(3)).toBe('stuck')
  })

  it('that keeps its value like the others is not stuck', () => {
    const { of } = run({ forMs: 60_000, value: key => key })
    expect(of(3)).toBe('fine')
  })

  it('is implausible far from its own band and from its neighbours, by one reading, for a while', () => {
    const spike = (key: number, atMs: number) => (key === 5 && atMs === 50_000 ? 95 : undefined)
    expect(run({ forMs: 55_000, value: spike }).of(5)).toBe('implausible')
    expect(run({ forMs: 65_000, value: spike }).of(5)).toBe('fine')
    expect(
      run({
        forMs: 55_000,
        value: (key, atMs) => (key === 5 && atMs === 50_000 ? Number.POSITIVE_INFINITY : undefined),
      }).of(5),
    ).toBe('implausible')
  })

  it('is not implausible where all move, nor where it always is', () => {
    const wave = run({ forMs: 62_000, value: (_, atMs) => (atMs > 60_000 ? 35 + (atMs % 7) / 10 : undefined) })
    expect(wave.of(5)).not.toBe('implausible')
    const store = run({ forMs: 60_000, value: (key, atMs) => (key === 5 ? -18 + (atMs % 700) / 1000 : undefined) })
    expect(store.of(5)).toBe('fine')
  })

  it('is unreadable while its last record is', () => {
    const { states } = run({ forMs: 10_000 })
    states.refuse(2, 1e12 + 10_000)
    expect(states.judge(1e12 + 10_000)[5]).toBe(1)
    states.take(2, 20, 1e12 + 10_100, 1e12 + 10_100)
    expect(states.judge(1e12 + 10_100)[5]).toBe(0)
  })
})

describe('the band of neighbours', () => {
  it('stays where nearly half of them are wrong, and needs some', () => {
    const figures = Column.from(Array.from({ length: 99 }, (_, i) => (i < 45 ? 1e6 : 20 + i / 100)))
    const band = bandOf(figures, 99)
    expect(band?.high).toBeLessThan(1e6)
    expect(bandOf(figures, 3)).toBeUndefined()
  })
})
