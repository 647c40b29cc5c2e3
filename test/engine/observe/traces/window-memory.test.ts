import { json, type StreamsBuilder, session, sliding, text, topology, tumbling } from '../../../../src'
import { WindowMemory } from '../../../../src/engine/observe/traces/window-memory'
import { planOf } from '../../../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
const part = (build: (streams: StreamsBuilder) => void) => planOf(topology('app', build)).subTopologies[0]!
const grouped = (s: StreamsBuilder) => s.stream('in', serdes).groupByKey()
const context = (n: number) => ({ traceId: `t${n}`, spanId: `s${n}`, traceFlags: 1 })
const minute = part(
  s =>
    void grouped(s)
      .windowedBy(tumbling({ sizeMs: 60, graceMs: 40 }))
      .count({ name: 'n' }),
)
const spansOf = (memory: WindowMemory, id = '0_0') => memory.of({ id }).map(({ spanId }) => spanId)

test('what went into windows is remembered as long as one of them may be open, each task for itself', () => {
  const memory = new WindowMemory()
  const task = { id: '0_0', plan: minute }
  expect(spansOf(memory)).toEqual([])
  memory.add(task, 1_000, [context(1)])
  memory.add({ ...task, id: '0_1' }, 1_000, [context(9)])
  memory.add(task, 1_050, [context(2), context(3)])
  expect(spansOf(memory)).toEqual(['s1', 's2', 's3'])
  expect(spansOf(memory, '0_1')).toEqual(['s9'])
  memory.add(task, 1_100, [])
  expect(spansOf(memory)).toEqual(['s1', 's2', 's3'])
  memory.add(task, 1_101, [])
  expect(spansOf(memory)).toEqual(['s2', 's3'])
  memory.add(task, 2_000, [])
  expect(spansOf(memory)).toEqual([])
})

test('as many come as are there already, and all are remembered', () => {
  const memory = new WindowMemory()
  const task = { id: '0_0', plan: minute }
  memory.add(task, 1_000, [context(1)])
  memory.add(task, 1_001, [context(2)])
  expect(spansOf(memory)).toEqual(['s1', 's2'])
})

test.each<[string, number, (s: StreamsBuilder) => unknown]>([
  [
    'tumbling windows',
    100,
    s =>
      grouped(s)
        .windowedBy(tumbling({ sizeMs: 60, graceMs: 40 }))
        .count({ name: 'n' }),
  ],
  [
    'sliding windows',
    90,
    s =>
      grouped(s)
        .windowedBy(sliding({ timeDifferenceMs: 30, graceMs: 30 }))
        .count({ name: 'n' }),
  ],
  [
    'sessions',
    90,
    s =>
      grouped(s)
        .windowedBy(session({ gapMs: 50, graceMs: 40 }))
        .count({ name: 'n' }),
  ],
  [
    'a join of streams',
    60,
    s =>
      s.stream('in', serdes).join(s.stream('other', serdes), {
        ...{ name: 'j', windows: { beforeMs: 10, afterMs: 20, graceMs: 30 } },
        joiner: (a: unknown, b: unknown) => [a, b],
      }),
  ],
])('%s keep it for their length and grace: %i ms', (_name, lengthMs, build) => {
  const memory = new WindowMemory()
  const task = { id: '0_0', plan: part(s => void build(s)) }
  memory.add(task, 1_000, [context(1)])
  memory.add(task, 1_000 + lengthMs, [])
  expect(spansOf(memory)).toEqual(['s1'])
  memory.add(task, 1_000 + lengthMs + 1, [])
  expect(spansOf(memory)).toEqual([])
})

test('a task without windows remembers nothing', () => {
  const memory = new WindowMemory()
  memory.add({ id: '0_0', plan: part(s => void grouped(s).count({ name: 'n' })) }, 1_000, [context(1)])
  expect(spansOf(memory)).toEqual([])
})

test('of more than 128 every other one goes, so that all of the window stays covered', () => {
  const memory = new WindowMemory()
  const task = { id: '0_0', plan: minute }
  const all = Array.from({ length: 128 }, (_, i) => context(i))
  memory.add(task, 1_000, all)
  expect(spansOf(memory).length).toBe(128)
  memory.add(task, 1_001, [context(128)])
  expect(spansOf(memory)).toEqual(all.flatMap(({ spanId }, i) => (i % 2 === 1 ? [spanId] : [])))
})
