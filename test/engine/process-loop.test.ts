import { reading } from '../../schemas/types'
import { json, postgres, text, topology } from '../../src'
import { planOf } from '../../src/engine/plan/plan'
import { ProcessLoop } from '../../src/engine/worker/process-loop'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<any>() }

/** A loop over the tasks of a topology, on a clock that is set by hand; it isn't run. */
async function loopOf(build: Parameters<typeof topology>[1], maxTaskIdleMs = 0) {
  const built = topology('looped', build)
  const driver = await TopologyTestDriver.create(built, { partitions: 2 })
  const { tasks } = (driver as any).worker
  const deleted: { topic: string; partition: number; offset: number }[] = []
  const time = { ms: 0 }
  const ends = new Map<string, number>()
  const around = {
    ...{ application: 'looped', plan: planOf(built), maxTaskIdleMs, commitIntervalMs: 200 },
    clock: { now: () => 0, monotonic: () => time.ms },
    log: { debug: () => {} },
    reader: { peek: () => undefined, end: ({ topic }: { topic: string }) => ({ endOffset: ends.get(topic) ?? 0 }) },
    broker: { deleteRecordsBefore: async (all: typeof deleted) => void deleted.push(...all) },
  }
  const slots = new Map(
    tasks.map((task: any) => [
      task.id,
      { task, sealed: new Map(task.inputs.map(({ topic, position }: any) => [topic, { offset: position }])) },
    ]),
  )
  const loop = new ProcessLoop({ slots } as never, around as never) as any
  return { driver, loop, tasks, deleted, time, ends, slots }
}

test('what was processed of internal topics is deleted every 30 s, up to what is committed, and nothing of any other', async () => {
  const { driver, loop, deleted, time, slots } = await loopOf(s => {
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
  // What is processed and not yet committed stays.
  for (const { task, sealed } of slots.values() as Iterable<any>)
    for (const { topic, position } of task.inputs) sealed.set(topic, { offset: position })
  const [uncommitted] = [...(slots.values() as Iterable<any>)].filter(({ task }) =>
    task.inputs.some(({ topic, position }: any) => topic.endsWith('-repartition') && position > 0),
  )
  uncommitted.sealed.set('looped-counted-repartition', { offset: 0 })
  time.ms = 29_999
  loop.purge()
  expect(deleted).toEqual([])
  time.ms = 30_000
  loop.purge()
  const topics = new Set(deleted.map(({ topic }) => topic))
  expect([...topics].sort()).toEqual(['looped-counted-repartition', expect.stringMatching(/^looped-.*-outbox$/)])
  const repartitioned = deleted.filter(({ topic }) => topic === 'looped-counted-repartition')
  expect(repartitioned.map(({ partition }) => partition).sort()).toEqual([0, 1])
  expect(repartitioned.find(({ partition }) => partition === uncommitted.task.partition)!.offset).toBe(0)
  loop.purge()
  expect(deleted.length).toBe(repartitioned.length * 2)
})

test('an input without records is waited for MAX_TASK_IDLE_MS, and anew once it had some', async () => {
  const { loop, tasks, time, ends } = await loopOf(s => {
    s.stream('left', serdes)
      .join(s.table('right', serdes), { joiner: l => l })
      .to('out', serdes)
  }, 100)
  const input = tasks[0].inputs[0]
  expect(loop.isWaitedFor(input)).toBe(false)
  time.ms = 99
  expect(loop.isWaitedFor(input)).toBe(false)
  time.ms = 100
  expect(loop.isWaitedFor(input)).toBe(true)
  // Something is on its way.
  ends.set(input.topic, 1)
  expect(loop.isWaitedFor(input)).toBe(false)
  ends.set(input.topic, 0)
  time.ms = 150
  expect(loop.isWaitedFor(input)).toBe(false)
  time.ms = 250
  expect(loop.isWaitedFor(input)).toBe(true)
})
