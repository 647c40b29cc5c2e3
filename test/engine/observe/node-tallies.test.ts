import { NodeTallies } from '../../../src/engine/observe/node-tallies'
import { Rates } from '../../../src/engine/observe/rates'
import { StepOutput } from '../../../src/engine/task/compiled-graph'
import type { Task } from '../../../src/engine/task/task'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'

const nodes = [
  { id: 0, name: 'read', kind: 'source', parents: [] },
  { id: 1, name: 'step', kind: 'filter', parents: [0] },
  { id: 2, name: 'written', kind: 'to', parents: [0, 1] },
  { id: 3, name: 'end', kind: 'sink', parents: [1] },
  { id: 4, name: 'unused', kind: 'peek', parents: [1] },
  { id: 5, name: 'ungiven', kind: 'to', parents: [4] },
]
/** A task whose steps have outputs, and what each sends on. */
function task() {
  const outputs = new Map([0, 1, 2, 3, 5].map(id => [id, new StepOutput()]))
  const send = (id: number, ...values: unknown[]) => {
    for (const value of values) outputs.get(id)!.next({ key: 'k', value, timestamp: 5 })
  }
  return { task: { plan: { nodes }, graph: { outputs } } as unknown as Task, send }
}
const workerOf = (...tasks: ReturnType<typeof task>[]) =>
  ({ slots: new Map(tasks.map((each, i) => [`0_${i}`, each])) }) as unknown as Worker
const clock = { now: () => 42, monotonic: () => 0 }

test('what a step has sent on is added up over tasks, those that have gone too; the last ones hand on what they were given', () => {
  const [one, two] = [task(), task()]
  const tallies = new NodeTallies()
  one.send(0, 'a', 'b')
  one.send(1, 'a')
  tallies.look(workerOf(one))
  one.send(0, 'c')
  two.send(1, 'd', 'e')
  tallies.look(workerOf(one, two))
  tallies.look(workerOf(two))
  expect(Object.fromEntries(tallies.passed)).toEqual({ read: 3, step: 3, written: 6, end: 3, ungiven: 0 })
})

test('a step is told with its rate, its faults, and what came too late or was closed', () => {
  const tally = new Tally(clock)
  const at = { topic: 'in', partition: 1, offset: 9 }
  tally.failed('step', at, new TypeError('no'))
  tally.failed('step', { ...at, offset: 10 }, new RangeError('not so'))
  tally.failed('only-failed', at, 'a reason')
  tally.late.set('step', 2)
  tally.windowsClosed.set('step', 3)
  const tallies = new NodeTallies()
  const [one, rates] = [task(), new Rates()]
  const look = (atMs: number) => {
    tallies.look(workerOf(one))
    rates.look(atMs, { end: new Map(), step: tallies.passed, task: new Map() })
  }
  look(0)
  one.send(1, 'a', 'b')
  look(1_000)
  const told = tallies.of(tally, rates)
  const nothing = { passed: 0, rate: 0, errors: 0, late: 0, windowsClosed: 0 }
  const told9 = { atMs: 42, topic: 'in', partition: 1 }
  expect(told).toEqual([
    { ...nothing, name: 'read' },
    {
      ...{ name: 'step', passed: 2, rate: 2, errors: 2, late: 2, windowsClosed: 3 },
      lastError: { ...told9, error: 'RangeError', reason: 'not so', offset: 10 },
    },
    { ...nothing, name: 'written', passed: 2, rate: 2 },
    { ...nothing, name: 'end', passed: 2, rate: 2 },
    { ...nothing, name: 'ungiven' },
    {
      ...nothing,
      name: 'only-failed',
      errors: 1,
      lastError: { ...told9, error: 'string', reason: 'a reason', offset: 9 },
    },
  ])
})

test('a few of the records that each step sends on are kept as text, two of a task and five in all', () => {
  const tasks = [task(), task(), task()]
  const worker = workerOf(...tasks)
  const tallies = new NodeTallies()
  expect(tallies.samples(worker, 7)).toEqual([])
  for (const { send } of tasks) send(0, 'a', { b: 1 }, 'c')
  tasks[0]!.send(1, 'x')
  const [read, step, ...others] = tallies.samples(worker, 8)
  expect(read!.name).toBe('read')
  expect(read!.records.map(({ value }) => value)).toEqual(['a', '{"b":1}', 'a', '{"b":1}', 'a'])
  expect(step).toEqual({ name: 'step', records: [{ atMs: 8, key: 'k', value: 'x', timestamp: 5 }] })
  expect(others).toEqual([])
  // Those that were told are not told again.
  expect(tallies.samples(worker, 9)).toEqual([])
})
