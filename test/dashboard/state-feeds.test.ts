import type { ApplicationNews } from '../../src/dashboard/contract'
import type { Telling } from '../../src/dashboard/server/applications'
import type { Feed } from '../../src/dashboard/server/live/feed'
import { JsonText } from '../../src/dashboard/server/live/feed'
import { applicationsFeed, samplesFeed } from '../../src/dashboard/server/live/state-feeds'
import { applicationOf, tally } from '../vitals/an-application'

/** Applications that tell what the test says. */
function scene() {
  const said = { tellings: [] as readonly Telling[], complete: true, asked: 0, ms: 0, faults: '' }
  let tick = () => {}
  let isChanged = false
  const applications = {
    tellings: () => {
      said.asked++
      return said
    },
    faults: () => said.faults,
    historyOf: () => ({ rate: [1, 2], lagMs: [null, 3], lagRecords: [0, 1] }),
    onTick: (listener: () => void) => {
      tick = listener
      return () => {}
    },
  }
  const feed = applicationsFeed(
    { applications },
    () => (isChanged = true),
    () => said.ms,
  )
  const take = (): string | undefined => {
    tick()
    return isChanged ? textOf(feed) : undefined
  }
  return { said, take }
}

function textOf(feed: Feed): string | undefined {
  const taken = feed.take()
  return taken instanceof JsonText ? taken.text : undefined
}

const telling = (state: object, topology?: string): Telling => ({ name: 'a', state: JSON.stringify(state), topology })

test('applications take 20 kB a second of a connection, however many there are', () => {
  for (const bytes of [1_000, 17_000, 400_000]) {
    const { said, take } = scene()
    let told = 0
    const seconds = 60
    for (; said.ms < seconds * 1000; said.ms += 500) {
      // Different each time, as the times in it are.
      said.tellings = [telling({ text: `${said.ms}`.padEnd(bytes) })]
      told += take()?.length ?? 0
      if (said.ms === 0) expect(told).toBeGreaterThan(bytes)
    }
    // The first is told at once, whatever it weighs.
    expect(told).toBeLessThan(20_000 * seconds + bytes + 400)
    expect(told).toBeGreaterThan(Math.min(bytes * 2, 15_000) * seconds * 0.8)
  }
})

test('a fault that begins or ends is told before its turn', () => {
  const { said, take } = scene()
  const say = (faults: string) => {
    said.ms += 250
    said.faults = faults
    said.tellings = [telling({ text: `${said.ms}`.padEnd(40_000) })]
    return take() !== undefined
  }
  expect(['', '', 'a red', 'a red', '', ''].map(say)).toEqual([true, false, true, false, true, false])
})

test('a topology is told once and when it changes, the past with the first telling, and nothing twice', () => {
  const { said, take } = scene()
  const next = (): ApplicationNews['applications'][number] | undefined => {
    said.ms += 10_000
    const text = take()
    return text === undefined ? undefined : (JSON.parse(text) as ApplicationNews).applications[0]
  }
  said.tellings = [telling({ at: 1 })]
  expect(next()).toEqual({ state: { at: 1 }, topology: null, history: expect.objectContaining({ rate: [1, 2] }) })
  said.tellings = [telling({ at: 2 }, '{"parts":[]}')]
  expect(next()).toEqual({ state: { at: 2 }, topology: { parts: [] } })
  said.tellings = [telling({ at: 3 }, '{"parts":[]}')]
  expect(next()).toEqual({ state: { at: 3 } })
  expect(next()).toBeUndefined()
  said.tellings = []
  expect(next()).toBeUndefined()
  said.tellings = [telling({ at: 4 }, '{"parts":[]}')]
  expect(next()).toEqual({ state: { at: 4 }, topology: { parts: [] }, history: expect.anything() })
})

test('a step’s sampled records are told to who looks at it, once each', () => {
  const record = (atMs: number) => ({ atMs, key: 'k', value: 'v', timestamp: atMs })
  const plain = applicationOf(tally('w'))
  const nodes = plain.nodes.map(node => ({ ...node, recordsOut: Array.from({ length: 30 }, (_, i) => record(i)) }))
  const applications = {
    find: (name: string) => (name === 'sensors' ? { ...plain, nodes } : undefined),
    onTick: () => () => {},
  }
  const feed = samplesFeed({ applications }, { application: 'sensors', node: 'rollup' }, () => {})
  const { recordsOut, recordsIn } = JSON.parse(textOf(feed) ?? '{}')
  expect([recordsOut.length, recordsOut.at(-1), recordsIn.length]).toEqual([20, record(29), nodes[1]?.recordsIn.length])
  expect(textOf(feed)).toBeUndefined()
  const none = samplesFeed({ applications }, { application: 'none', node: '__proto__' }, () => {})
  expect(textOf(none)).toBe('{"recordsIn":[],"recordsOut":[]}')
})
