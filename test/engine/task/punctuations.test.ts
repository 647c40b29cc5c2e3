import type { GraphNode, PunctuationType } from '../../../src/dsl/graph'
import { Punctuations } from '../../../src/engine/task/punctuations'
import { Cell } from '../../../src/state/cell'
import { Journal } from '../../../src/state/journal'

const node = { name: 'step' } as GraphNode

/** Punctuators that tell their names and the time that they are called with. */
function scene() {
  const journal = new Journal()
  const punctuations = new Punctuations()
  const calls: string[] = []
  const add = (
    name: string,
    due: number,
    intervalMs: number,
    over: { type?: PunctuationType; does?: () => void } = {},
  ) => {
    const cells = { due: new Cell(`${name} due`, journal, due), place: new Cell(`${name} place`, journal, 0) }
    const { type = 'streamTime', does } = over
    const { cancel } = punctuations.schedule(node, type, intervalMs, cells, timestampMs => {
      calls.push(`${name} ${timestampMs}`)
      does?.()
    })
    return { cancel, cells }
  }
  /** The calls of a run. */
  const run = (now: number, type: PunctuationType = 'streamTime') => {
    calls.length = 0
    punctuations.run(type, now)
    return [...calls]
  }
  return { punctuations, journal, add, run }
}

test('a punctuator is called when it is due, once however far time jumps, and then at the next multiple of its interval', () => {
  const { punctuations, add, run } = scene()
  const { cells } = add('a', 10, 10)
  expect([punctuations.isDue('streamTime', 9), run(9)]).toEqual([false, []])
  expect([punctuations.isDue('streamTime', 10), run(10), cells.due.value]).toEqual([true, ['a 10'], 20])
  expect([run(47), cells.due.value, run(49), run(50), cells.due.value]).toEqual([['a 47'], 50, [], ['a 50'], 60])
})

test('those that are due are called the longest due first', () => {
  const { add, run } = scene()
  add('a', 30, 100)
  add('b', 10, 100)
  add('c', 20, 100)
  expect(run(25)).toEqual(['b 25', 'c 25'])
  expect(run(30)).toEqual(['a 30'])
})

test('while none is due nothing of the state changes', () => {
  const { journal, add, run } = scene()
  add('a', 30, 10)
  add('b', 10, 10)
  expect([run(9), journal.isDirty]).toEqual([[], false])
  expect([run(10), journal.isDirty]).toEqual([['b 10'], true])
})

test('each type has its own time', () => {
  const { punctuations, add, run } = scene()
  add('stream', 10, 10)
  expect(punctuations.nextWallClock()).toBeUndefined()
  add('wall', 1_000, 10, { type: 'wallClock' })
  add('late', 2_000, 10, { type: 'wallClock' })
  expect([punctuations.isDue('wallClock', 10), punctuations.isDue('streamTime', 10)]).toEqual([false, true])
  expect([punctuations.nextWallClock(), run(1_000, 'wallClock'), punctuations.nextWallClock()]).toEqual([
    1_000,
    ['wall 1000'],
    1_010,
  ])
  expect(run(10)).toEqual(['stream 10'])
})

test('one that is cancelled is neither due nor called, also where another cancels it in the same run', () => {
  const { punctuations, add, run } = scene()
  const cancels: (() => void)[] = []
  add('a', 10, 10, { does: () => cancels[0]?.() })
  const b = add('b', 20, 10)
  cancels.push(b.cancel)
  expect(run(20)).toEqual(['a 20'])
  const wall = add('wall', 1_000, 10, { type: 'wallClock' })
  wall.cancel()
  expect([punctuations.nextWallClock(), punctuations.isDue('wallClock', 5_000)]).toEqual([undefined, false])
  b.cancel()
  expect(punctuations.isDue('streamTime', 29)).toBe(false)
})

test('one that cancels itself is not due again', () => {
  const { add, run } = scene()
  const { cancel, cells } = add('a', 10, 10, { does: () => cancel() })
  add('b', 10, 10)
  expect([run(10), cells.due.value, run(20)]).toEqual([['a 10', 'b 10'], 10, ['b 20']])
})

test('one that is scheduled by another is called in the same run, if it is due and of the same type', () => {
  const { add, run } = scene()
  let isFirst = true
  const does = () => {
    if (isFirst) {
      add('later', 15, 10)
      add('now', 10, 10)
      add('wall', 10, 10, { type: 'wallClock' })
    }
    isFirst = false
  }
  add('a', 10, 10, { does })
  expect(run(12)).toEqual(['a 12', 'now 12'])
  expect(run(15)).toEqual(['later 15'])
  add('outside', 15, 10)
  expect(run(16)).toEqual(['outside 16'])
  expect(run(12, 'wallClock')).toEqual(['wall 12'])
})

test('those that are due at once keep their order, which is part of the state', () => {
  const { add, run } = scene()
  const all = ['a', 'b', 'c'].map(name => add(name, 10, 10).cells)
  const order = run(10)
  expect([...order].sort()).toEqual(['a 10', 'b 10', 'c 10'])
  const places = all.map(({ place }) => place.value)
  expect([...places].sort()).toEqual([0, 1, 2])
  const next = run(20)
  // Whoever takes the state over makes the same calls in the same order.
  const other = scene()
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    const { cells } = other.add(name, 20, 10)
    cells.place.restore(places[i])
  }
  expect(other.run(20)).toEqual(next)
  expect(next.map(each => each[0]).indexOf('abc'[places.indexOf(0)]!)).toBe(0)
})

test('a run that is undone comes again as it was', () => {
  const { journal, add, run } = scene()
  add('a', 10, 10)
  add('b', 10, 20)
  journal.begin()
  const first = run(10)
  journal.rewind()
  expect(run(10)).toEqual(first)
  expect(run(10)).toEqual([])
})
