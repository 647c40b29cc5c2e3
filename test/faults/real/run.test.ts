import type { Kind } from './kinds/kind'
import { lastLook, runRound } from './run'
import type { Scene } from './scene'
import { Tally } from './tally'

/** A scene in which all is well, with so many readings compared. */
function sceneWith(readings: number, peakMb = 100): Scene {
  const found = { readings, windows: 2, lost: [], doubled: [], wrong: [], logs: [] }
  const scene = {
    ...{ kills: 0, slots: [], wrongs: [], options: { tell: () => {} } },
    memory: () => ({ peakMb, wrong: peakMb > 512 ? ['w1 is large'] : [] }),
    ...{ fill: async () => {}, recovered: async () => 1, takeGivenUp: () => [] },
    follower: { look: async () => found, checks: new Map() },
    live: { repeated: 0, look: async () => ({ lost: [], wrong: [] }), stale: async () => [] },
  }
  return scene as unknown as Scene
}
const kind = (missed?: boolean): Kind => ({
  ...{ id: 'F1', title: 'a fault' },
  strike: async () => ({ what: 'none came', ...(missed !== undefined && { missed }) }),
})

test('a round whose fault has struck, and that has compared something, is right', async () => {
  const tally = new Tally()
  await runRound(sceneWith(5), kind(), tally)
  await runRound(sceneWith(5), kind(false), tally)
  expect(tally.bad).toBe(0)
})

test('a round whose fault never struck is wrong, and says so', async () => {
  const tally = new Tally()
  const { wrong } = await runRound(sceneWith(5), kind(true), tally)
  expect(wrong).toEqual(['the fault never struck, so that this was no round of it: none came'])
  expect(tally.bad).toBe(1)
})

test('a round in which a worker had too much memory is wrong', async () => {
  const tally = new Tally()
  expect((await runRound(sceneWith(5, 600), kind(), tally)).wrong).toEqual(['w1 is large'])
  expect([tally.bad, tally.inWords()]).toEqual([1, expect.stringContaining('a worker had 600 MB at most')])
})

test('a round that has compared nothing says so', async () => {
  expect((await runRound(sceneWith(0), kind(), new Tally())).wrong).toEqual(['no reading was compared'])
})

test('a last look that can not be taken is wrong, and tells what was met before it', async () => {
  const tally = new Tally()
  const settle = () => Promise.reject(new Error('no answer'))
  const scene = { ...sceneWith(5), settle, wrongs: ['partition 0: the committed offset went back to 4'] }
  await runRound(sceneWith(5), kind(), tally)
  await lastLook(scene as unknown as Scene, tally)
  expect(tally.atEnd).toEqual(['no answer', 'partition 0: the committed offset went back to 4'])
  expect(tally.failed).toBe(1)
})
