import { reading } from '../../schemas/types'
import { json, postgres, text, topology, tumbling } from '../../src'
import { idleClockOf } from '../../src/engine/task/idle-clock'
import type { Task } from '../../src/engine/task/task'
import { InputWaiting } from '../../src/engine/worker/loop/input-waiting'
import { Purge } from '../../src/engine/worker/loop/purge'
import { TaskClocks } from '../../src/engine/worker/loop/task-clocks'
import { silentLog } from '../../src/log'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<any>() }

/** The tasks of a topology, as they are after `driver` has done something, and a clock that is set by hand. */
async function tasksOf(build: Parameters<typeof topology>[1]) {
  const driver = await TopologyTestDriver.create(topology('looped', build), { partitions: 2 })
  const tasks: readonly Task[] = (driver as any).worker.tasks
  const time = { ms: 0 }
  const clock = { now: () => 0, monotonic: () => time.ms }
  return { driver, tasks, time, clock }
}

test('what was processed of internal topics is deleted every 30 s, up to what is committed, and nothing of any other', async () => {
  const { driver, tasks, time, clock } = await tasksOf(s => {
    const records = s.stream('in', serdes)
    const counts = records
      .groupBy(value => value.id as string)
      .count({ name: 'counted' })
      .toStream()
    counts.to('counts', { key: text, value: json() })
    counts
      .mapValues((n, key) => ({ sensor_id: n, temperature: key.length, timestamp: 0 }))
      .to(postgres({ table: 'counts', schema: reading, mode: 'append' }))
  })
  for (const id of ['a', 'b', 'c']) await driver.pipe('in', { key: 'k', value: { id }, timestamp: 1 })
  const sealed = ({ inputs }: Task) =>
    new Map<string, { offset: number | undefined; metadata: string }>(
      inputs.map(({ topic, position }) => [topic, { offset: position, metadata: '' }]),
    )
  const slots = tasks.map(task => ({ task, idle: undefined, widths: new Map(), sealed: sealed(task) }))
  // What is processed and not yet committed stays, here before the first commit.
  const uncommitted = slots.find(({ task }) => task.inputs.some(isRepartitioned))!
  uncommitted.sealed.set('looped-counted-repartition', { offset: undefined, metadata: '' })
  const deleted: { topic: string; partition: number; offset: number }[] = []
  const broker = { deleteRecordsBefore: async (all: readonly (typeof deleted)[number][]) => void deleted.push(...all) }
  const purge = new Purge(broker, clock, silentLog)
  time.ms = 29_999
  expect(purge.look(slots)).toBe(false)
  expect(deleted).toEqual([])
  time.ms = 30_000
  expect(purge.look(slots)).toBe(true)
  const topics = new Set(deleted.map(({ topic }) => topic))
  expect([...topics].sort()).toEqual(['looped-counted-repartition', expect.stringMatching(/^looped-.*-outbox$/)])
  const repartitioned = deleted.filter(({ topic }) => topic === 'looped-counted-repartition')
  expect(repartitioned.map(({ partition }) => partition).sort()).toEqual([0, 1])
  expect(repartitioned.find(({ partition }) => partition === uncommitted.task.partition)!.offset).toBe(0)
  expect(purge.look(slots)).toBe(false)
  expect(deleted.length).toBe(repartitioned.length * 2)
})

test('where no internal topic is read nothing is deleted, and Kafka is not asked to', () => {
  const time = { ms: 0 }
  const deleteRecordsBefore = jest.fn(async () => {})
  const purge = new Purge({ deleteRecordsBefore }, { now: () => 0, monotonic: () => time.ms }, silentLog)
  time.ms = 30_000
  expect(purge.look([])).toBe(true)
  expect(deleteRecordsBefore).not.toHaveBeenCalled()
})

const isRepartitioned = ({ topic, position }: { topic: string; position: number }) =>
  topic.endsWith('-repartition') && position > 0

test('an input without records is waited for MAX_TASK_IDLE_MS, and anew once it had some', async () => {
  const { tasks, time, clock } = await tasksOf(s => {
    s.stream('left', serdes)
      .join(s.table('right', serdes), { joiner: l => l })
      .to('out', serdes)
  })
  const ends = { left: 0 }
  const reader = { peek: () => undefined, end: () => ({ endOffset: ends.left, highWatermark: ends.left, seenAtMs: 0 }) }
  const waiting = new InputWaiting(reader, clock, 100)
  const input = tasks[0]!.inputs[0]!
  expect(waiting.isOver(input)).toBe(false)
  time.ms = 99
  expect(waiting.isOver(input)).toBe(false)
  time.ms = 100
  expect(waiting.isOver(input)).toBe(true)
  // Something is on its way.
  ends.left = 1
  expect(waiting.isOver(input)).toBe(false)
  ends.left = 0
  time.ms = 150
  expect(waiting.isOver(input)).toBe(false)
  time.ms = 250
  expect(waiting.isOver(input)).toBe(true)
})

describe('an open transaction, or a partition that can not be written to, is no silence', () => {
  async function idleTask() {
    const { driver, tasks, time, clock } = await tasksOf(s => {
      s.stream('in', { ...serdes, idleMs: 1_000 })
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
        .count({ name: 'counted' })
        .toStream()
        .map((value, { key }) => [key, value])
        .to('out', { key: text, value: json() })
    })
    await driver.pipe('in', { key: 'a', value: { id: 'a' }, timestamp: 5, partition: 0 })
    const task = tasks.find(each => each.partition === 0)!
    const end = { highWatermark: 1, isWritable: true }
    const reader = {
      peek: () => undefined,
      end: () => ({ endOffset: 1, highWatermark: end.highWatermark, seenAtMs: time.ms }),
    }
    const look = () =>
      end.isWritable ? { highWatermark: 1, committed: 1, seenAtMs: time.ms, provenSinceMs: 0 } : undefined
    const clocks = new TaskClocks(reader, clock, { look })
    const slots = [{ task, idle: idleClockOf(task, () => 2), widths: new Map(), sealed: new Map() }]
    /** Stream time after three more seconds. */
    const streamTime = () => {
      for (const until = time.ms + 3_000; time.ms < until; ) {
        time.ms += 100
        clocks.look(slots)
      }
      return task.streamTime
    }
    return { end, streamTime }
  }

  test('an open transaction', async () => {
    const { end, streamTime } = await idleTask()
    end.highWatermark = 3
    expect(streamTime()).toBe(5)
    end.highWatermark = 1
    expect(streamTime()).toBeGreaterThanOrEqual(1_005)
  })

  test('too few replicas', async () => {
    const { end, streamTime } = await idleTask()
    end.isWritable = false
    expect(streamTime()).toBe(5)
    end.isWritable = true
    expect(streamTime()).toBeGreaterThanOrEqual(1_005)
  })
})
