import { CommitTimer } from '../../src/engine/worker/loop/commit-timer'

function timerOf(mayOverlap: () => boolean) {
  const time = { ms: 0 }
  const done: (() => void)[] = []
  const commit = () => new Promise<void>(resolve => done.push(resolve))
  const timer = new CommitTimer({ now: () => 0, monotonic: () => time.ms }, 200, commit, mayOverlap)
  /** How many commits have begun by then. */
  const at = (ms: number, early = false) => {
    time.ms = ms
    timer.look(early)
    return done.length
  }
  return { timer, done, at }
}

const turn = () => new Promise(setImmediate)

test('one commit at a time, an interval after the last one began, or as soon as nothing goes on without it', async () => {
  const { done, at } = timerOf(() => false)
  expect([at(199), at(200), at(399), at(10_000, true)]).toEqual([0, 1, 1, 1])
  done[0]?.()
  await turn()
  expect([at(10_001), at(10_002, true), at(10_300)]).toEqual([2, 2, 2])
})

test('once it says that a commit is over the next one may begin', async () => {
  let begun = 0
  const timer = new CommitTimer(
    { now: () => 0, monotonic: () => 200 * begun + 200 },
    200,
    async () => void begun++,
    () => false,
    () => {
      if (begun < 3) timer.look(true)
    },
  )
  timer.look(true)
  await turn()
  expect(begun).toBe(3)
})

test('where commits may overlap, the next one waits a second for the first, two for the second', () => {
  let isUneven = true
  const { at } = timerOf(() => isUneven)
  expect([at(200), at(1_199, true), at(1_200), at(3_199), at(3_200)]).toEqual([1, 1, 2, 2, 3])
  isUneven = false
  expect(at(60_000)).toBe(3)
})

test('held, it starts none, and says when none is under way', async () => {
  const { timer, done, at } = timerOf(() => true)
  at(200)
  at(1_200)
  let isOver = false
  const held = timer.hold().then(() => {
    isOver = true
  })
  expect(at(60_000, true)).toBe(2)
  done[0]?.()
  await turn()
  expect(isOver).toBe(false)
  done[1]?.()
  await held
  expect(at(60_001)).toBe(2)
  timer.goOn()
  expect(at(60_002)).toBe(3)
})

test('held by two, it goes on once both let it, and to let go without holding it changes nothing', async () => {
  const { timer, at } = timerOf(() => true)
  timer.goOn()
  await timer.hold()
  await timer.hold()
  timer.goOn()
  expect([timer.isHeld, at(1_000)]).toEqual([true, 0])
  timer.goOn()
  expect([timer.isHeld, at(1_001)]).toEqual([false, 1])
})

test('a commit that fails is over as well', async () => {
  const time = { ms: 0 }
  const failures: ((error: unknown) => void)[] = []
  const commit = () => new Promise<void>((_, fail) => failures.push(fail)).catch(() => undefined)
  const timer = new CommitTimer({ now: () => 0, monotonic: () => time.ms }, 200, commit, () => false)
  time.ms = 200
  timer.look(false)
  const settled = timer.settled()
  failures[0]?.(new Error('nobody there'))
  await settled
  time.ms = 400
  timer.look(false)
  expect(failures).toHaveLength(2)
})
