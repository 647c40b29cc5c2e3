import type { PartitionState } from '../../../src/connectors/broker'
import type { TopicPartition } from '../../../src/connectors/source'
import { Rates } from '../../../src/engine/observe/rates'
import { TaskTallies } from '../../../src/engine/observe/task-tallies'
import type { WantedTask } from '../../../src/engine/worker/wanted-task'
import type { InputPosition, Worker } from '../../../src/engine/worker/worker'

const rates = new Rates()
const none = new Map<string, number>()
rates.look(0, { end: none, step: none, task: none })
rates.look(1_000, { end: none, step: none, task: new Map([['0_1', 5]]) })

const at = { topic: 'in', partition: 1 }
const end = (endOffset: number) => ({ endOffset, highWatermark: endOffset, seenAtMs: 0 })
const input = (more: Partial<InputPosition> = {}) => ({ ...at, task: '0_1', position: 10, ...more }) as InputPosition
const wanted = (topics: readonly string[] = ['in']) =>
  ({
    id: '0_1',
    part: { id: 0, sources: topics.map(topic => ({ spec: { topic } })) },
    partition: 1,
  }) as unknown as WantedTask
const stores = new Map<string, object>([
  ['plain', { size: 3 }],
  ['on-disk', { size: 4, bytes: 500, load: () => {} }],
])
const task = { id: '0_1', plan: { id: 0 }, partition: 1, streamTime: 70, sinkBytes: 9, stores }

/** What is told of a worker; `answers` is what Kafka says to who asks it. */
function world() {
  const time = { monotonic: 0 }
  const asked: (readonly TopicPartition[])[] = []
  const broker = {
    answer: async (): Promise<Partial<PartitionState>[]> => [],
    partitionStates: async (partitions: readonly TopicPartition[]) => {
      asked.push(partitions)
      return (await broker.answer()) as PartitionState[]
    },
  }
  const tallies = new TaskTallies(broker, { now: () => 100_000, monotonic: () => time.monotonic })
  const told = (more: object = {}, ...inputs: InputPosition[]) => {
    const worker = {
      ...{ slots: new Map([['0_1', { task }]]), state: 'running', wanted: [], inputs: () => inputs },
      ...{ isSearched: () => false, tally: { processed: new Map([['0_1', 8]]) } },
      ...more,
    }
    return tallies.of(worker as unknown as Worker, rates)
  }
  const resting = (more: object = {}) => told({ slots: new Map(), state: 'joining', ...more })
  return { told, resting, asked, broker, time }
}

test('a task at work is told with what it has done, where it stands and what it holds', () => {
  const { told } = world()
  expect(told({}, input(), input({ task: 'other' }))).toEqual([
    {
      ...{
        id: '0_1',
        part: 0,
        partition: 1,
        streamTimeMs: 70,
        status: 'running',
        processed: 8,
        rate: 5,
        queuedBytes: 9,
      },
      inputs: [{ ...at, position: 10 }],
      stores: [
        { name: 'plain', entries: 3 },
        { name: 'on-disk', entries: 4, bytes: 500 },
      ],
    },
  ])
  expect(told({ tally: { processed: new Map() } })[0]).toMatchObject({ processed: 0, inputs: [] })
})

test('it holds where its worker does not run, and searches where a record is looked for', () => {
  const { told } = world()
  expect(told({ state: 'waiting' })[0]!.status).toBe('holding')
  expect(told({ isSearched: (id: string) => id === '0_1' })[0]!.status).toBe('searching')
  expect(told({ isSearched: (id: string) => id !== '0_1' })[0]!.status).toBe('running')
})

test('an input is as far behind as its end is away, and as old as its next record', () => {
  const { told } = world()
  const of = (more: Partial<InputPosition>) => told({}, input(more))[0]!.inputs[0]
  expect(of({})).toEqual({ ...at, position: 10 })
  expect(of({ end: end(10) })).toEqual({ ...at, position: 10, end: 10, lag: 0, lagMs: 0 })
  expect(of({ end: end(9) })).toMatchObject({ end: 9, lag: 0, lagMs: 0 })
  expect(of({ end: end(13) })).toEqual({ ...at, position: 10, end: 13, lag: 3 })
  expect(of({ end: end(13), nextRecordMs: 98_500 })).toMatchObject({ lag: 3, lagMs: 1_500 })
  expect(of({ end: end(13), nextRecordMs: 100_001 })).toMatchObject({ lagMs: 0 })
  // Where the next one is not at hand it is as old as the last one at most.
  expect(of({ end: end(13), lastRecordMs: 97_000 })).toMatchObject({ lagMs: 3_000, lastRecordMs: 97_000 })
  expect(of({ end: end(13), nextRecordMs: 98_500, lastRecordMs: 97_000 })).toMatchObject({ lagMs: 1_500 })
  // The last one stays known.
  expect(of({ end: end(10) })).toMatchObject({ lag: 0, lagMs: 0, lastRecordMs: 97_000 })
})

test('after the end of a worker its tasks are told as they were, at rest', () => {
  const { told, resting, asked } = world()
  told({}, input({ end: end(13), lastRecordMs: 97_000 }))
  for (const state of ['stopped', 'failed'])
    expect(resting({ state, wanted: [wanted(), wanted()] })).toEqual([
      expect.objectContaining({
        ...{ id: '0_1', status: 'holding', rate: 0, processed: 8, streamTimeMs: 70 },
        inputs: [{ ...at, position: 10, end: 13, lag: 3, lagMs: 3_000, lastRecordMs: 97_000 }],
      }),
    ])
  expect(asked).toEqual([])
})

test('between two generations those that are wanted are told, as they were or as what the group has committed', async () => {
  const { told, resting, asked, broker } = world()
  broker.answer = async () => [{ ...at, highWatermark: 30, committed: 12 }]
  const unopened = { id: '0_1', part: 0, partition: 1, status: 'holding', streamTimeMs: -1, processed: 0, rate: 0 }
  expect(resting()).toEqual([])
  expect(asked).toEqual([])
  expect(resting({ wanted: [wanted(['in', 'other'])] })).toEqual([
    { ...unopened, queuedBytes: 0, inputs: [], stores: [] },
  ])
  expect(asked).toEqual([[at, { topic: 'other', partition: 1 }]])
  await new Promise(setImmediate)
  expect(resting({ wanted: [wanted(['in', 'other'])] })).toEqual([
    { ...unopened, queuedBytes: 0, inputs: [{ ...at, position: 12, end: 30, lag: 18 }], stores: [] },
  ])
  told({}, input({ position: 15, end: end(20) }))
  expect(resting({ wanted: [wanted()] })[0]).toMatchObject({
    ...{ processed: 8, status: 'holding', rate: 0 },
    inputs: [{ position: 15, end: 20, lag: 5 }],
  })
})

test('Kafka is asked every two seconds at most, and what it has said stays while it is away', async () => {
  const { resting, asked, broker, time } = world()
  broker.answer = async () => [{ ...at, highWatermark: 30, committed: 12 }]
  const all = { wanted: [wanted()] }
  resting(all)
  await new Promise(setImmediate)
  broker.answer = async () => {
    throw new Error('away')
  }
  time.monotonic = 1_999
  resting(all)
  expect(asked.length).toBe(1)
  time.monotonic = 2_000
  resting(all)
  await new Promise(setImmediate)
  expect(asked.length).toBe(2)
  expect(resting(all)[0]!.inputs).toEqual([{ ...at, position: 12, end: 30, lag: 18 }])
  time.monotonic = 4_000
  resting({ wanted: [] })
  expect(asked.length).toBe(2)
})

test('of a log whose end was never told it is not known how far behind a task at rest is', () => {
  const { told, resting } = world()
  told({}, input())
  expect(resting({ state: 'stopped' })[0]!.inputs).toEqual([{ ...at, position: 10 }])
})

test('the log goes on growing while a task rests', async () => {
  const { told, resting, broker, time } = world()
  told({}, input({ position: 15, end: end(20) }))
  broker.answer = async () => [
    { ...at, highWatermark: 40, committed: 0 },
    { topic: 'other', partition: 1, highWatermark: 7, committed: 2 },
  ]
  resting({ wanted: [wanted()] })
  await new Promise(setImmediate)
  expect(resting({ wanted: [wanted()] })[0]!.inputs).toEqual([{ ...at, position: 15, end: 40, lag: 25 }])
  broker.answer = async () => [{ ...at, highWatermark: 12, committed: 0 }]
  time.monotonic = 2_000
  resting({ wanted: [wanted()] })
  await new Promise(setImmediate)
  // A log that was cut holds less than was read.
  expect(resting({ wanted: [wanted()] })[0]!.inputs).toEqual([{ ...at, position: 15, end: 12, lag: 0, lagMs: 0 }])
  told({}, input({ position: 15, end: end(40) }))
  told({}, input({ position: 15 }))
  // What the log had is not forgotten because nobody says it now.
  expect(resting({ wanted: [wanted()] })[0]!.inputs).toEqual([{ ...at, position: 15, end: 40, lag: 25 }])
})
