import { json, text, topology } from '../../../src'
import { MemoryRegistry } from '../../../src/codecs/memory-registry'
import type { Output } from '../../../src/connectors/ledger'
import { grow } from '../../../src/engine/grow/grow'
import { growthOf } from '../../../src/engine/grow/growth'
import { moveStore } from '../../../src/engine/grow/move-store'
import { Outbound } from '../../../src/engine/grow/outbound'
import { planOf } from '../../../src/engine/plan/plan'
import { manifestOf, readManifest } from '../../../src/engine/plan/state-manifest'
import { timeHeader } from '../../../src/engine/task/time-report'
import { TopologyError } from '../../../src/errors'
import { stateText } from '../../../src/state/state-codec'
import { batchOf, type LoggedRecord } from '../../../src/testing/memory-kafka'
import { MemoryBroker } from '../../connectors/memory-broker'

const serdes = { key: text, value: json<any>() }
const [first, second, times] = ['app-first-changelog', 'app-second-changelog', 'app-times-changelog']
const waiting = 'app-by-repartition'

/** Two parts with state: one of its own source, of two tasks, and one behind a repartition, of three. */
const plan = planOf(
  topology('app', s => {
    s.stream('in', serdes).groupByKey().count({ name: 'first' })
    s.stream('other', serdes)
      .groupBy(value => value, { name: 'by' })
      .count({ name: 'second' })
  }),
)

/** What was done with a cluster, in order: a changelog's key is a letter, and belongs by its JSON's bytes. */
function scene() {
  const broker = new MemoryBroker({ in: 2, [first]: 2, [times]: 3, other: 3, [waiting]: 3, [second]: 3 })
  const done: string[] = []
  const { holdGroup, ensureTopics } = broker
  broker.holdGroup = async () => {
    const hold = await holdGroup()
    done.push('hold')
    return {
      send: async outputs => {
        done.push(`send ${outputs.map(({ topic }) => topic)}`)
        await hold.send(outputs)
      },
      commit: async offsets => {
        done.push(`commit ${offsets.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`)}`)
        await hold.commit(offsets)
      },
      release: async () => {
        done.push('release')
        await hold.release()
      },
    }
  }
  broker.ensureTopics = async needs => {
    done.push(`ensure ${needs.map(({ topic, partitions, mayGrow }) => `${topic}=${partitions}${mayGrow ? '+' : ''}`)}`)
    await ensureTopics(needs)
  }
  const write = (topic: string, partition: number, key: string, value: string | null, headers = {}) =>
    broker.write(
      { topic, partition },
      { key: Buffer.from(key), value: value === null ? null : Buffer.from(value), timestamp: 1, headers },
    )
  const run = async (partitions: number) => {
    const manifest = { ...manifestOf(plan), widths: { first: 2, second: 3, kept: 7 }, grown: ['past'] }
    const growth = growthOf(plan, await broker.partitionCounts(), manifest, partitions)
    return grow(growth, { plan, manifest, broker, registry: new MemoryRegistry(), nowMs: 50 })
  }
  return { broker, done, write, run }
}

test('the width is told and committed before topics grow, and all that moves with the offsets', async () => {
  const { broker, done, write, run } = scene()
  write(second, 0, stateText('f'), '1')
  write(waiting, 1, 'a', '"a"')
  expect(await run(6)).toEqual({ entries: 0, records: 1 })
  const grown = [first, times, 'in', waiting, second].map(topic => `${topic}=6+`).sort()
  expect(done.map(each => each.replace(/ensure (.*)/, (_, all: string) => `ensure ${all.split(',').sort()}`))).toEqual([
    'hold',
    `send ${times}`,
    'commit ',
    `ensure ${grown}`,
    expect.stringContaining(`send ${times}`),
    `commit ${[0, 1, 2].map(partition => `${waiting}/${partition}=${partition === 1 ? 1 : 0}`)}`,
    'release',
  ])
  const manifest = await readManifest('app', broker)
  expect(manifest).toMatchObject({ widths: { first: 6, second: 6, kept: 7 }, grown: ['in', 'past'] })
  const told = broker.log({ topic: times, partition: 0 }).filter(({ key }) => String(key) === 'weir/stores')
  expect(told.map(({ value, timestamp }) => [JSON.parse(String(value)).widths, timestamp])).toEqual([
    [{ first: 2, second: 3, kept: 7 }, 50],
    [{ first: 6, second: 6, kept: 7 }, 50],
  ])
  // Records are brought home from where state was made wider, once it has been.
  expect(told.map(({ value }) => JSON.parse(String(value)).grown)).toEqual([['past'], ['in', 'past']])
})

test('the state of each part is moved from as many tasks as it has', async () => {
  const { broker, write, run } = scene()
  // By their codes a, b and c are at 1, 2 and 3 of 6; of 2 at 1, 0 and 1, of 3 at 1, 2 and 0.
  for (const [partition, key] of [
    [1, 'a'],
    [0, 'b'],
    [1, 'c'],
  ] as const)
    write(first, partition, stateText(key), '1')
  for (const [partition, key] of [
    [1, 'a'],
    [2, 'b'],
    [0, 'c'],
  ] as const)
    write(second, partition, stateText(key), '2')
  expect(await run(6)).toEqual({ entries: 3, records: 0 })
  const held = (topic: string) =>
    [0, 1, 2, 3, 4, 5].map(partition => {
      const last = new Map(broker.log({ topic, partition }).map(({ key, value }) => [String(key), value]))
      return [...last].filter(([, value]) => value !== null).map(([key]) => key)
    })
  const wanted = [[], ['"a"'], ['"b"'], ['"c"'], [], []]
  expect([held(first), held(second)]).toEqual([wanted, wanted])
})

test('a group that could not be worked on is let go, with nothing done', async () => {
  const { done, write, run } = scene()
  write(first, 0, stateText('a'), '1')
  write(first, 1, stateText('a'), '1')
  await expect(run(6)).rejects.toThrow(TopologyError)
  expect(done).toEqual(['hold', 'release'])
})

test('what upstream says waits for all who read from it now, and counts once', async () => {
  const { broker, write, run } = scene()
  write(waiting, 1, 'a', '{}', { [timeHeader]: Buffer.from('{}') })
  expect(await run(7)).toEqual({ entries: 0, records: 1 })
  expect([0, 1, 2, 3, 4, 5, 6, 7].map(partition => broker.log({ topic: waiting, partition }).length)).toEqual([
    ...[0, 2, 0, 0, 1, 0, 0, 0],
  ])
})

test('what never ran grows in its topics alone, and nothing is committed', async () => {
  const { broker, done } = scene()
  const counts = new Map([
    ['in', 2],
    ['other', 3],
  ])
  const manifest = manifestOf(plan)
  const growth = growthOf(plan, counts, manifest, 6)
  await grow(growth, { plan, manifest, broker, registry: new MemoryRegistry(), nowMs: 50 })
  expect(done).toEqual(['hold', 'ensure in=6+', 'release'])
  expect(broker.kafka.log).toEqual([])
})

test('a table with unread rows whose keys move is refused before anything is done', async () => {
  const table = planOf(topology('app', s => s.table('in', { ...serdes, materialized: 'first' })))
  const { broker, done, write } = scene()
  write('in', 0, 'b', '1')
  const manifest = manifestOf(table)
  const growth = growthOf(table, await broker.partitionCounts(), manifest, 6)
  const parts = { plan: table, manifest, broker, registry: new MemoryRegistry(), nowMs: 50 }
  await expect(grow(growth, parts)).rejects.toThrow('topic in is read as a table')
  expect(done).toEqual(['hold', 'release'])
})

test('what waits is sent on as it is read, with bounded memory', async () => {
  const { done, write, run } = scene()
  for (const partition of [0, 1, 2]) write(waiting, partition, 'a', JSON.stringify('x'.repeat(5 << 20)))
  expect(await run(6)).toEqual({ entries: 0, records: 3 })
  expect(done.filter(each => each.startsWith('send')).length).toBeGreaterThan(3)
})

describe('what is the task’s as a whole', () => {
  test('goes to every task that takes keys over from it', async () => {
    const sent: Output[] = []
    const out = new Outbound({
      send: async outputs => void sent.push(...outputs),
      commit: async () => {},
      release: async () => {},
    })
    const topic = 'changelog'
    const record = (partition: number, offset: number): LoggedRecord => ({
      ...{ topic, partition, offset, timestamp: 3 },
      key: Buffer.from(stateText([])),
      value: Buffer.from(`${partition}`),
    })
    const reads: unknown[] = []
    const broker = {
      async *readPartition(at: { topic: string; partition: number }, from?: number, to?: number) {
        reads.push([at.partition, from, to])
        yield batchOf(at, [record(at.partition, 0)])
      },
    }
    const homes = { formerHomeOf: () => undefined, homeOf: () => undefined }
    const moved = await moveStore({ topic, from: 2, partitions: 7, ends: [1, 4], ...homes }, new Map(), broker, out)
    await out.flush()
    expect(moved).toBe(0)
    expect(reads).toEqual([
      [0, 0, 1],
      [1, 0, 4],
    ])
    expect(sent.map(({ partition, records }) => [partition, records.map(({ value }) => String(value))])).toEqual([
      ...[2, 4, 6].map(partition => [partition, ['0']]),
      ...[3, 5].map(partition => [partition, ['1']]),
    ])
  })
})
