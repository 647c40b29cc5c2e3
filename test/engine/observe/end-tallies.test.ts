import { json, text, topology } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
import type { Target } from '../../../src/connectors/sink'
import { endTallies } from '../../../src/engine/observe/end-tallies'
import { Rates } from '../../../src/engine/observe/rates'
import { planOf } from '../../../src/engine/plan/plan'
import { Tally } from '../../../src/engine/worker/tally'
import type { Worker } from '../../../src/engine/worker/worker'

const rows = memory({ name: 'rows' })
const others = { ...memory({ name: 'others' }), skipped: () => 4 }
const plan = planOf(
  topology('app', s => {
    const read = s.stream('in', { key: text, value: json<any>() })
    read.to(rows)
    read.filter(() => true).to(others)
    read.filter(() => true).to(rows, { name: 'again' })
  }),
)
const kind = rows.end.kind

/** A worker at a monotonic time of 10 s, 2000-01-01 by the wall clock, whose tasks have gathered these bytes. */
function world(...queues: readonly (readonly { target: Target; bytes: number }[])[]) {
  const time = { monotonic: 10_000 }
  const wall = Date.UTC(2000, 0, 1)
  const tally = new Tally({ now: () => wall + time.monotonic - 10_000, monotonic: () => time.monotonic })
  const slots = new Map(queues.map((each, i) => [`0_${i}`, { task: { sinks: { queues: each } } }]))
  const rates = new Rates()
  const told = () => endTallies(plan, { tally, slots } as unknown as Worker, rates)
  return { tally, time, wall, rates, told, end: () => told()[0]! }
}

test('each end is told once, with nothing where nothing has happened', () => {
  const idle = { kind, rate: 0, queuedBytes: 0, records: 0, bytes: 0 }
  expect(world().told()).toEqual([
    { name: 'rows', ...idle },
    { name: 'others', ...idle, skipped: 4 },
  ])
})

test('what it has taken, how fast, and what all tasks have gathered for it', () => {
  const { tally, rates, end } = world(
    [
      { target: rows, bytes: 3 },
      { target: others, bytes: 50 },
    ],
    [{ target: rows, bytes: 4 }],
  )
  tally.sinkRecords.set('rows', 7)
  tally.sinkBytes.set('rows', 700)
  const none = new Map<string, number>()
  rates.look(0, { end: none, step: none, task: none })
  rates.look(1_000, { end: tally.sinkRecords, step: none, task: none })
  expect(end()).toEqual({ name: 'rows', kind, rate: 7, queuedBytes: 7, records: 7, bytes: 700 })
})

test('how long its commits take, and how old their records are then', () => {
  const { tally, end } = world()
  const work = tally.end(kind)
  work.commitMs.add(20)
  expect(end()).toMatchObject({ commitMs: { p50: 20, p99: 20 } })
  expect(end()).not.toHaveProperty('ageMs')
  work.ageMs.add(30)
  expect(end()).toMatchObject({ ageMs: { p50: 30, p99: 30 } })
})

test('an end that owes an answer for a second holds the job up since it was asked', async () => {
  const { tally, time, wall, end } = world()
  let answer = () => {}
  const asked = tally.end(kind).during(
    new Promise<void>(resolve => {
      answer = resolve
    }),
  )
  time.monotonic += 999
  expect(end()).not.toHaveProperty('heldSinceMs')
  time.monotonic += 1
  expect(end()).toMatchObject({ heldSinceMs: wall })
  expect(end()).not.toHaveProperty('reason')
  answer()
  await asked
  expect(end()).not.toHaveProperty('heldSinceMs')
})

test('one that has failed holds it up since then, whatever it owes, and says why', async () => {
  const { tally, time, wall, end } = world()
  const work = tally.end(kind)
  time.monotonic += 100
  await work.during(Promise.reject(new Error('no room'))).catch(() => {})
  time.monotonic += 50
  void work.during(new Promise(() => {}))
  time.monotonic += 5_000
  expect(end()).toMatchObject({ heldSinceMs: wall + 100, reason: 'no room' })
})
