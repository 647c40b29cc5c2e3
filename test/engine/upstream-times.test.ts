import { json, text, topology } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import type { TimeReport } from '../../src/engine/task/time-report'
import { allowedBy, UpstreamTimes } from '../../src/engine/task/upstream-times'
import { Journal } from '../../src/state/journal'

const nodes = planOf(
  topology('app', s => {
    const a = s.stream('a', { key: text, value: json<any>() })
    const b = s.stream('b', { key: text, value: json<any>() })
    a.merge(b).to('out', { key: text, value: json<any>() })
    s.stream('c', { key: text, value: json<any>() }).to('out', { key: text, value: json<any>() })
  }),
).topology.nodes
const node = (kind: string, topic: string) =>
  nodes.find(each => each.kind === kind && (each.spec as { topic?: string }).topic === topic)!
const merged = nodes.find(({ kind }) => kind === 'merge')!
const report = (time: number, quiet = Number.POSITIVE_INFINITY, at = {}): TimeReport => ({ time, quiet, at })

/** A task behind `a`, which two tasks write, and `b`, which is for misplaced records of three. */
function times(restored: Readonly<Record<string, unknown>> = {}, width = 2) {
  const upstreams = [
    { topic: 'a', width, misplaced: false },
    { topic: 'b', width: 3, misplaced: true },
  ]
  const journal = new Journal()
  return { journal, times: new UpstreamTimes(upstreams, nodes, journal, name => restored[name], 'part') }
}

it('a step takes no later time than the slowest task upstream of any topic that it is behind', () => {
  const { times: known } = times()
  expect(known.limit(merged)).toBe(-1)
  expect(known.take('a', new Map([[0, report(50, 40)]]))).toBe(false)
  expect(known.limit(merged)).toBe(-1)
  expect(known.take('a', new Map([[1, report(30, 20)]]))).toBe(true)
  expect(known.limit(merged)).toBe(30)
  // No misplaced record was there yet.
  expect(known.limit(node('source', 'b'))).toBe(Number.POSITIVE_INFINITY)
  known.begin('b')
  expect([merged, node('source', 'a'), node('source', 'b')].map(each => known.limit(each))).toEqual([-1, 30, -1])
  expect(known.limit(node('source', 'c'))).toBe(Number.POSITIVE_INFINITY)
})

it('silence that was waited for holds nothing back, until its task has moved on', () => {
  const { times: known } = times()
  known.take(
    'a',
    new Map([
      [0, report(90, 90)],
      [1, report(10, 70, { in: 5 })],
    ]),
  )
  expect(known.pass('a', 1, 60)).toBe(true)
  expect(known.limit(merged)).toBe(60)
  // Not beyond what those upstream of it have said.
  known.pass('a', 1, 80)
  expect(known.limit(merged)).toBe(70)
  known.take('a', new Map([[1, report(10, 70, { in: 5 })]]))
  expect(known.limit(merged)).toBe(70)
  known.take('a', new Map([[1, report(11, 70, { in: 6 })]]))
  expect(known.limit(merged)).toBe(11)
  const before = known.state()
  expect(known.pass('a', 7, 80)).toBe(false)
  expect(known.state()).toEqual(before)
  expect(known.pass('x', 0, 80)).toBe(false)
})

it('one upstream task alone is not waited for, and what comes of an unknown topic is nothing', () => {
  const { times: known } = times({}, 1)
  expect(known.limit(merged)).toBe(Number.POSITIVE_INFINITY)
  expect(known.take('a', new Map([[0, report(1)]]))).toBe(false)
  expect(known.isOn('a')).toBe(false)
})

it('what it has heard is state: another owner of the task begins with it', () => {
  const { times: known } = times()
  known.take(
    'a',
    new Map([
      [0, report(50)],
      [1, report(30)],
    ]),
  )
  known.begin('b')
  const state = Object.fromEntries(known.state())
  expect(Object.keys(state)).toEqual(['part/upstream/a', 'part/upstream/b'])
  const next = times(state).times
  expect(next.isOn('b')).toBe(true)
  next.take('b', new Map([0, 1, 2].map(partition => [partition, report(99)])))
  expect(next.limit(merged)).toBe(30)
  expect(times({ 'part/upstream/a': state['part/upstream/a'] }).times.isOn('b')).toBe(false)
})

it('takes back what a record that failed has begun', () => {
  const { times: known, journal } = times()
  journal.begin()
  known.begin('b')
  journal.rewind()
  expect(known.isOn('b')).toBe(false)
  expect(known.state().map(([name]) => name)).toEqual(['part/upstream/a'])
})

it('what it was told is taken back with what is rolled back', () => {
  const { times: known, journal } = times()
  known.take('a', new Map([0, 1].map(partition => [partition, report(20, 90)])))
  journal.seal(journal.cut())
  const sealed = known.state()
  known.take('a', new Map([0, 1].map(partition => [partition, report(50, 90)])))
  known.pass('a', 0, 80)
  known.begin('b')
  expect([known.limit(merged), known.limit(node('source', 'a'))]).toEqual([-1, 50])
  journal.rollback()
  expect(known.limit(merged)).toBe(20)
  expect(known.state()).toEqual(sealed)
  expect(known.isOn('b')).toBe(false)
})

it('what a failed record has heard is taken back alone', () => {
  const { times: known, journal } = times()
  known.take('a', new Map([0, 1].map(partition => [partition, report(20)])))
  journal.begin()
  known.take('a', new Map([0, 1].map(partition => [partition, report(50)])))
  journal.rewind()
  expect(known.limit(merged)).toBe(20)
  journal.begin()
  known.take('a', new Map([[0, report(10, 90)]]))
  journal.begin()
  known.pass('a', 0, 15)
  expect(known.limit(merged)).toBe(15)
  journal.rewind()
  expect(known.limit(merged)).toBe(10)
})

it('what is said again is the same state, which need not be written again', () => {
  const { times: known } = times()
  known.take('a', new Map([[0, report(50)]]))
  const [[name, written]] = known.state() as [[string, unknown]]
  expect([name, written]).toEqual(['part/upstream/a', { 0: [50, null, {}] }])
  expect(known.state()[0]?.[1]).toBe(written)
  known.take('a', new Map([[0, report(60)]]))
  expect(known.state()[0]?.[1]).toEqual({ 0: [60, null, {}] })
  // Once begun it stays so.
  known.begin('a')
  expect(known.state()[0]?.[1]).toEqual({ 0: [60, null, {}] })
})

it.each([null, 5, undefined])(
  'misplaced records have begun where anything was written of them, and %p is nothing',
  written => {
    const known = times({ 'part/upstream/b': written }).times
    expect([known.isOn('a'), known.isOn('b'), known.isOn('x')]).toEqual([true, false, false])
    expect(known.state().map(([name]) => name)).toEqual(['part/upstream/a'])
    expect(times({ 'part/upstream/b': {} }).times.isOn('b')).toBe(true)
  },
)

it('what comes for misplaced records makes them begin too', () => {
  const { times: known } = times()
  expect(known.take('b', new Map([0, 1, 2].map(partition => [partition, report(5)])))).toBe(false)
  expect([known.isOn('b'), known.limit(node('source', 'b'))]).toEqual([true, 5])
  expect(known.take('b', new Map([[0, report(5)]]))).toBe(false)
})

it('a step of which nothing is known has no limit, and those behind one that waits have its', () => {
  const { times: known } = times()
  expect(known.limit({ ...merged, id: 99 })).toBe(Number.POSITIVE_INFINITY)
  const behind = nodes.find(({ parents }) => parents.includes(merged.id))!
  expect(known.limit(behind)).toBe(-1)
})

it.each([
  [undefined, -1],
  [report(5, 3), 5],
  [report(5, 9), 5],
  [{ ...report(5, 9), passed: 7 }, 7],
  [{ ...report(5, 9), passed: 4 }, 5],
  [{ ...report(5, 9), passed: 20 }, 9],
  [report(-5, 9), -1],
  [report(-5, -3), -3],
])('%j holds nothing back up to %d', (said, timeMs) => {
  expect(allowedBy(said)).toBe(timeMs)
})

it('a step that follows from another part’s, as from a global table, is behind its own inputs alone', () => {
  const upstreams = [{ topic: 'a', width: 2, misplaced: false }]
  const inPart = nodes.filter(each => each !== node('source', 'b') && each !== node('source', 'c'))
  const known = new UpstreamTimes(upstreams, inPart, new Journal(), () => undefined, 'part')
  const ofC = nodes.find(({ parents }) => parents.includes(node('source', 'c').id))!
  expect([known.limit(merged), known.limit(ofC)]).toEqual([-1, Number.POSITIVE_INFINITY])
})
