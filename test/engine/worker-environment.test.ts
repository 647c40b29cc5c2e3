import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { usualDeadLetterBytes } from '../../src/engine/plan/dead-letter'
import { planOf } from '../../src/engine/plan/plan'
import { bindCodecs } from '../../src/engine/task/codec-book'
import type { LateLog } from '../../src/engine/worker/late-log'
import { Tally } from '../../src/engine/worker/tally'
import type { TopicBook } from '../../src/engine/worker/topic-book'
import type { TopicWidths } from '../../src/engine/worker/topic-widths'
import { environmentOf } from '../../src/engine/worker/worker-environment'
import type { WorkerOptions } from '../../src/engine/worker/worker-options'
import { silentLog } from '../../src/log'

const serdes = { key: text, value: json() }
const counting = topology('app', s => void s.stream('in', serdes).groupByKey().count({ name: 'counts' }))
const both = topology('app', s => {
  s.stream('in', serdes).groupByKey().count({ name: 'counts' })
  s.stream('other', serdes).to('out', serdes)
})
const copying = topology('app', s => s.stream('in', serdes).to('out', serdes))

async function scene(of = counting) {
  const plan = planOf(of)
  const clock = { now: () => 0, monotonic: () => 0 }
  const tally = new Tally(clock)
  const events: unknown[] = []
  const warn = (_: unknown, line?: string) => void events.push(['warn', line])
  const options = {
    ...{ plan, clock, codecs: await bindCodecs(plan.topology, new MemoryRegistry()), maxFutureMs: 5 },
    ...{ deadLetterBytes: new Map([['in', 77]]), log: { ...silentLog, warn } },
    ...{ formerTopics: ['app-former-changelog'], grownTopics: ['in'] },
    broker: { partitionOf: (key: Buffer | null, count: number) => (key?.length ?? 0) + count },
    onBadRecord: (...all: unknown[]) => void events.push(['bad', ...all]),
  }
  const widths = { counts: new Map([['in', 4]]), of: (topic: string) => topic.length }
  const late = { note: (...all: unknown[]) => void events.push(['late', ...all]) }
  const find = () => undefined
  const globals = new Map()
  const environment = environmentOf(
    options as unknown as WorkerOptions,
    widths as unknown as TopicWidths,
    'w-1',
    globals,
    tally,
    late as unknown as LateLog,
    { find } as unknown as TopicBook,
  )
  return { environment, tally, events, find, globals, options }
}

test('tasks of a worker share its name, its topics and what is allowed', async () => {
  const { environment, find, globals, options } = await scene()
  expect(environment).toMatchObject({ application: 'app', worker: 'w-1', maxFutureMs: 5 })
  expect([environment.findTopic, environment.globals, environment.codecs]).toEqual([find, globals, options.codecs])
  expect(environment.partitionCount('four')).toBe(4)
  expect(environment.partitioner(Buffer.from('ab'), 3)).toBe(5)
  expect(['in', 'other'].map(environment.maxDeadLetterBytes)).toEqual([77, usualDeadLetterBytes])
  expect(environment.manifest).toMatchObject({ grown: ['in'], widths: { counts: 4 } })
  expect(environment.manifest?.topics).toContain('app-former-changelog')
})

test('tasks keep their positions with their state where any of the topology’s has state', async () => {
  expect((await scene(counting)).environment.keepsPositions).toBe(true)
  expect((await scene(both)).environment.keepsPositions).toBe(true)
  expect((await scene(copying)).environment.keepsPositions).toBe(false)
})

test('a bad record is counted, logged and told; one that is late, and what steps count, too', async () => {
  const { environment, tally, events } = await scene()
  const at = { topic: 'in', partition: 0, offset: 3 }
  const error = new Error('no')
  environment.onBadRecord!('0_0', 'map', at, error)
  expect(events).toEqual([
    ['warn', expect.stringContaining('in/0 offset 3')],
    ['bad', '0_0', 'map', at, error],
  ])
  expect(tally.faults.get('map')?.count).toBe(1)
  environment.onLate!('count', 2, 50)
  expect(events[2]).toEqual(['late', 'count', 2, 50])
  environment.onCount!('windowsClosed', 'count', 3)
  environment.onCount!('late', 'count', 4)
  expect([tally.windowsClosed.get('count'), tally.late.get('count')]).toEqual([3, 4])
})
