import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { grow } from '../../src/engine/grow/grow'
import { growthOf } from '../../src/engine/grow/growth'
import { KeptTimes } from '../../src/engine/plan/kept-times'
import { planOf } from '../../src/engine/plan/plan'
import { keptManifest, manifestOf, readManifest } from '../../src/engine/plan/state-manifest'
import { positionsName } from '../../src/engine/task/kept-positions'
import { timeHeader } from '../../src/engine/task/time-report'
import { UnavailableError } from '../../src/errors'
import { stateText } from '../../src/state/state-codec'
import { MemoryBroker } from '../connectors/memory-broker'

const [changelog, times, waiting] = ['app-counts-changelog', 'app-times-changelog', 'app-by-repartition']
const plan = planOf(
  topology('app', s => {
    s.stream('in', { key: text, value: json<string>() })
      .groupBy(value => value, { name: 'by' })
      .count({ name: 'counts' })
  }),
)
const part = plan.subTopologies.find(({ stores }) => stores.length > 0)!

/** An application of two tasks, each with two keys counted and one record that waits; this cluster's keys belong by their letters' codes. */
function running(): MemoryBroker {
  const broker = new MemoryBroker({ in: 2, [changelog]: 2, [times]: 2, [waiting]: 2 })
  const put = (topic: string, partition: number, key: string, value: string) =>
    broker.write({ topic, partition }, { key: Buffer.from(key), value: Buffer.from(value), timestamp: 1 })
  const letters = [
    ['d', 'b'],
    ['a', 'c'],
  ] as const
  const counts = new Map([[waiting, 2]])
  for (const [name, manifest] of keptManifest(0, manifestOf(plan, [], counts))) put(times, 0, name, stateText(manifest))
  for (const [partition, keys] of letters.entries()) {
    put(times, partition, `${part.timesName}/time`, `${partition * 100}`)
    put(times, partition, positionsName(part.timesName), stateText({ [waiting]: { offset: 1 } }))
    for (const key of keys) {
      put(changelog, partition, stateText(key), '1')
      put(waiting, partition, key, stateText(key))
    }
  }
  return broker
}

async function grown(broker: MemoryBroker): Promise<unknown> {
  const manifest = await readManifest('app', broker)
  const growth = growthOf(plan, await broker.partitionCounts(), manifest, 4)
  return grow(growth, { plan, manifest, broker, registry: new MemoryRegistry(), nowMs: 1 })
}

/** What a cluster has of the application, by partition. */
async function found(broker: MemoryBroker) {
  const text = (value: Buffer | null) => (value === null ? null : String(value))
  const all = [0, 1, 2, 3]
  const last = (partition: number) =>
    Object.fromEntries(broker.log({ topic: changelog, partition }).map(({ key, value }) => [text(key), text(value)]))
  const kept = await Promise.all(all.map(partition => KeptTimes.read('app', partition, broker)))
  return {
    entries: all.map(last),
    waiting: all.map(partition => broker.log({ topic: waiting, partition }).map(({ key }) => text(key))),
    times: kept.map(each => [each.get(`${part.timesName}/time`), each.get(positionsName(part.timesName))]),
    committed: await broker.committedOffsets(all.map(partition => ({ topic: waiting, partition }))),
    widths: (await readManifest('app', broker)).widths,
  }
}

const after = {
  entries: [{ '"d"': '1', '"b"': null }, { '"a"': '1', '"c"': null }, { '"b"': '1' }, { '"c"': '1' }],
  // The first of each was processed; the other one waited and went to its new partition.
  waiting: [['d', 'b'], ['a', 'c'], ['b'], ['c']],
  times: [
    [0, { [waiting]: { offset: 2 } }],
    [100, { [waiting]: { offset: 2 } }],
    [0, {}],
    [100, {}],
  ],
  committed: [2, 2, 0, 0],
  widths: { counts: 4 },
}

test('state, times and waiting records are where their keys are, and the state says how wide it is', async () => {
  const broker = running()
  expect(await grown(broker)).toEqual({ entries: 2, records: 2 })
  expect(await found(broker)).toEqual(after)
  expect(await broker.partitionCounts()).toEqual(
    new Map([
      ['in', 2],
      [changelog, 4],
      [times, 4],
      [waiting, 4],
    ]),
  )
})

test('what was killed before its commit begins again, and what was done is not done twice', async () => {
  const broker = running()
  const { holdGroup } = broker
  broker.holdGroup = async () => {
    const hold = await holdGroup()
    let commits = 0
    // The first commit tells the width, the second one moves.
    const commit: typeof hold.commit = async offsets => {
      if (++commits === 2) throw new UnavailableError('killed')
      await hold.commit(offsets)
    }
    return { ...hold, commit }
  }
  await expect(grown(broker)).rejects.toThrow('killed')
  expect((await found(broker)).widths).toEqual({ counts: 2 })
  expect((await broker.partitionCounts()).get(changelog)).toBe(4)

  broker.holdGroup = holdGroup
  expect(await grown(broker)).toEqual({ entries: 2, records: 2 })
  expect(await found(broker)).toEqual(after)
  expect(await grown(broker)).toEqual({ entries: 0, records: 0 })
  expect(await found(broker)).toEqual(after)
})

test('what upstream tasks report of their time waits for every task that reads from them now', async () => {
  const broker = running()
  const report = {
    headers: { [timeHeader]: Buffer.from('7') },
    key: Buffer.from('report'),
    value: Buffer.from('{}'),
    timestamp: 1,
  }
  broker.write({ topic: waiting, partition: 1 }, report)
  expect(await grown(broker)).toMatchObject({ records: 3 })
  const reports = [0, 1, 2, 3].map(
    partition =>
      broker.log({ topic: waiting, partition }).filter(({ headers }) => headers?.[timeHeader] !== undefined).length,
  )
  // The one that waited stays where it was, behind the position.
  expect(reports).toEqual([0, 2, 0, 1])
})

test('a record that waits goes with its headers, repeated names and those without a value', async () => {
  const broker = running()
  const record = { key: Buffer.from('b'), value: Buffer.from('"b"'), timestamp: 5 }
  const headerList = [
    ['id', Buffer.from('1')],
    ['id', Buffer.from('2')],
    ['none', null],
  ] as const
  broker.write({ topic: waiting, partition: 0 }, { ...record, headers: { one: Buffer.from('x') } })
  broker.write({ topic: waiting, partition: 0 }, { ...record, headerList })
  await grown(broker)
  const moved = broker.log({ topic: waiting, partition: 2 })
  expect(moved.map(({ key, timestamp }) => [String(key), timestamp])).toEqual([
    ['b', 1],
    ['b', 5],
    ['b', 5],
  ])
  expect(moved[1]?.headers).toEqual({ one: Buffer.from('x') })
  expect(moved[2]?.headerList).toEqual(headerList)
})

test('where neither the group nor the state has a position, everything waits', async () => {
  const broker = running()
  for (const partition of [0, 1])
    broker.write(
      { topic: times, partition },
      { key: Buffer.from(positionsName(part.timesName)), value: null, timestamp: 1 },
    )
  expect(await grown(broker)).toMatchObject({ records: 4 })
})

test('what the group has committed counts before what the state says', async () => {
  const broker = running()
  await broker.ledger.commit([{ topic: waiting, partition: 0, offset: 2 }], [])
  expect(await grown(broker)).toMatchObject({ records: 1 })
})

test('what never ran has no state to move: its source is made wider, and nothing is committed', async () => {
  const unborn = planOf(
    topology('unborn', s => {
      s.stream('in', { key: text, value: json<string>() }).groupByKey().count({ name: 'counts' })
    }),
  )
  const broker = new MemoryBroker({ in: 2 })
  const manifest = await readManifest('unborn', broker)
  const growth = growthOf(unborn, await broker.partitionCounts(), manifest, 4)
  const parts = { plan: unborn, manifest, broker, registry: new MemoryRegistry(), nowMs: 1 }
  expect(await grow(growth, parts)).toEqual({ entries: 0, records: 0 })
  expect((await broker.partitionCounts()).get('in')).toBe(4)
})
