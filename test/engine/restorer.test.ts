import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json, type Topology, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { OutputRecord } from '../../src/connectors/ledger'
import type { TopicPartition } from '../../src/connectors/source'
import { blameOf } from '../../src/engine/plan/blame'
import { planOf } from '../../src/engine/plan/plan'
import { systemClock } from '../../src/engine/task/clock'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { LocalState } from '../../src/engine/task/local-state'
import { noLimits } from '../../src/engine/task/output-topics'
import { RestoringTask } from '../../src/engine/task/restoring-task'
import { damageIn, restoreTasks } from '../../src/engine/worker/restorer'
import { changelogTopic, timesTopic } from '../../src/names'
import { graphFacts } from '../../src/operators/facts'
import { encodeState, stateText } from '../../src/state/state-codec'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

const counting = topology('counting', streams => {
  streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counts', location: 'disk' })
})
const plan = planOf(counting)
const noop = () => undefined
const at: TopicPartition = { topic: changelogTopic('counting', 'counts'), partition: 0 }
const record = (key: string, value: number): OutputRecord => ({
  key: Buffer.from(stateText(key)),
  value: encodeState({ value, timestamp: 0 }),
  timestamp: 0,
})

const folder = mkdtempSync(join(tmpdir(), 'weir-state-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What tasks of a topology have around them. */
async function environmentOf(of: Topology, localState: LocalState) {
  return {
    application: of.name,
    worker: 'test',
    facts: graphFacts(of),
    blame: blameOf(of),
    codecs: await bindCodecs(planOf(of).topology, new MemoryRegistry()),
    clock: systemClock,
    localState,
    partitionCount: () => 1,
    findTopic: () => ({ partitions: 1, limits: noLimits }),
    partitioner: () => 0,
    maxFutureMs: 0,
    maxDeadLetterBytes: () => 0,
  }
}

/** Restores a task from a changelog that begins at `start`, in a run of its own, whose topic has this id. */
async function restored(kafka: MemoryKafka, { start = 0, id = 'first' } = {}) {
  const localState = new LocalState({ folder, application: 'counting', clock: systemClock })
  const topicIds = async (topics: readonly string[]) => new Map(topics.map(topic => [topic, id]))
  await localState.identify(plan, { topicIds, clusterId: async () => 'cluster' })
  const environment = await environmentOf(counting, localState)
  const task = new RestoringTask({
    ...{ id: '0_0', plan: plan.subTopologies[0]!, partition: 0 },
    ...{ environment, start: () => 0 },
  })
  const lines: string[] = []
  const take = (line: unknown) => lines.push(String(line))
  const log = { debug: take, info: take, warn: take, error: take }
  const broker = {
    async *readPartition(from: TopicPartition, offset = 0) {
      const records = kafka.records(from).filter(each => each.offset >= Math.max(offset, start))
      if (records.length > 0) yield batchOf(from, records)
    },
    startOffset: async ({ topic }: TopicPartition) => (topic === at.topic ? start : 0),
    endOffset: async (of: TopicPartition) => kafka.records(of).length,
  }
  const read = await restoreTasks([task], broker, systemClock, log, () => false).finally(() =>
    Promise.all(task.state.kept.map(kept => kept.settled())),
  )
  const store = task.state.stores.get('counts') as any
  const entries = [...store.all()].map(({ key, value }) => [key, value.value])
  await localState.close()
  return { read, entries, lines }
}

test('a copy is gone on from while it is its changelog’s, and restored in full when it is not', async () => {
  const kafka = new MemoryKafka(1)
  for (const [key, value] of [
    ['a', 1],
    ['b', 1],
    ['a', 2],
  ] as const)
    kafka.append(at, record(key, value))
  expect(await restored(kafka)).toMatchObject({
    read: 3,
    entries: [
      ['a', 2],
      ['b', 1],
    ],
  })

  kafka.append(at, record('c', 1))
  kafka.append(at, { ...record('b', 0), value: null })
  const tail = await restored(kafka)
  expect(tail).toMatchObject({
    read: 2,
    entries: [
      ['a', 2],
      ['c', 1],
    ],
  })
  expect(tail.lines).toEqual([
    expect.stringMatching(/^restored 2 records .*; copies on disk had 3 offsets already, and lacked 2 records$/),
  ])

  const shorter = new MemoryKafka(1)
  shorter.append(at, record('z', 1))
  const cut = await restored(shorter)
  expect(cut).toMatchObject({ read: 1, entries: [['z', 1]] })
  expect(cut.lines[0]).toBe(
    'store counts, partition 0: the copy on disk is of no use, it is at offset 5 of a log that ends at 1; restored in full',
  )

  for (let i = 0; i < 9; i++) kafka.append(at, record('y', i))
  await expect(restored(kafka, { start: 12 })).rejects.toThrow(
    /counts-changelog\/0 begins at offset 12: what was before it was deleted, and state would be missing: .*weir topology reset/,
  )

  const anew = await restored(shorter, { id: 'second' })
  expect(anew).toMatchObject({ read: 1, entries: [['z', 1]] })
  expect(anew.lines[0]).toContain('it was of another changelog')
})

test('the times of all tasks of a partition are in one log, which is read once for all of them', async () => {
  const two = topology('two', streams => {
    for (const source of ['one', 'other'])
      streams
        .stream(source, { key: text, value: json() })
        .groupByKey()
        .count({ name: `counts-${source}` })
  })
  const localState = new LocalState({ folder, application: 'two', clock: systemClock })
  const environment = await environmentOf(two, localState)
  const tasks = planOf(two).subTopologies.map(
    (part, index) =>
      new RestoringTask({ ...{ id: `${index}_0`, plan: part, partition: 0 }, environment, start: () => 0 }),
  )
  const times = { topic: timesTopic('two'), partition: 0 }
  const kafka = new MemoryKafka(1)
  kafka.append(times, { key: Buffer.from('a step'), value: Buffer.from('7'), timestamp: 0 })
  const asked: string[] = []
  const broker = {
    async *readPartition(from: TopicPartition) {
      asked.push(from.topic)
      const records = kafka.records(from)
      if (records.length > 0) yield batchOf(from, records)
    },
    startOffset: async () => 0,
    endOffset: async (of: TopicPartition) => kafka.records(of).length,
  }
  const silent = { debug: noop, info: noop, warn: noop, error: noop }
  expect(await restoreTasks(tasks, broker, systemClock, silent, () => false)).toBe(1)
  expect(asked.filter(topic => topic === times.topic)).toHaveLength(1)
  expect(tasks.map(({ state }) => [state.times.get('a step'), state.restoredTo.get(times.topic)])).toEqual([
    [7, 1],
    [7, 1],
  ])
  await localState.close()
})

test('what others have written to a changelog does not come to the disk, and is met again by whoever opens the copy', async () => {
  const kafka = new MemoryKafka(1)
  const foreign = { key: Buffer.from(stateText('f')), value: Buffer.from('no state'), timestamp: 0 }
  kafka.append(at, record('e', 1))
  kafka.append(at, { ...foreign, key: Buffer.from('no key') })
  kafka.append(at, foreign)
  kafka.append(at, record('g', 1))
  const refused = /counts-changelog\/0 holds at offset 2, under the key "f", what is no state of weir's .*tombstone/
  for (let i = 0; i < 2; i++) await expect(restored(kafka, { id: 'third' })).rejects.toThrow(refused)
  kafka.append(at, { ...foreign, value: null })
  expect(await restored(kafka, { id: 'third' })).toMatchObject({
    read: 3,
    entries: [
      ['e', 1],
      ['g', 1],
    ],
  })
})

test('what can not be read of a changelog is missing state, and is told; of a source topic it was a dead letter before', () => {
  const range = {
    ...at,
    firstOffset: 7,
    lastOffset: 9,
    before: 1,
    timestamp: -1,
    reason: 'a checksum that does not fit',
    bytes: Buffer.alloc(0),
  }
  const whole = batchOf(at, [{ ...at, ...record('a', 1), offset: 0 }])
  const damaged = { ...whole, damaged: [range] }
  expect(damageIn({ of: 'store' }, damaged)?.message).toMatch(
    /changelog counting-counts-changelog\/0, offsets 7 to 9, can't be read \(a checksum that does not fit\).*weir topology reset/,
  )
  expect(damageIn({ of: 'store' }, whole)).toBeUndefined()
  expect(damageIn({ of: 'source' }, damaged)).toBeUndefined()
})
