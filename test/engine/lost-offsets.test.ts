import { json, text, topology } from '../../src'
import type { StartOffset } from '../../src/connectors/ledger'
import type { TopicPartition } from '../../src/connectors/source'
import { planOf } from '../../src/engine/plan/plan'
import { positionsName } from '../../src/engine/task/kept-positions'
import { fromState } from '../../src/engine/worker/lost-offsets'
import { changelogTopic, timesTopic } from '../../src/names'
import { stateText } from '../../src/state/state-codec'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

const counting = topology('counting', streams => {
  streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counts' })
})
const [part] = planOf(counting).subTopologies
const wanted = [0, 1].map(partition => ({ id: `0_${partition}`, part: part!, partition }))
const start = (partition: number, offset?: number, more: Partial<StartOffset> = {}): StartOffset => ({
  ...{ topic: 'in', partition, offset, metadata: offset === undefined ? '' : 'mark', topicId: 'now' },
  ...more,
})

/** Two partitions, in the first of which a task has kept this. */
function kept(positions: unknown, counted = true) {
  const kafka = new MemoryKafka(2)
  const put = (topic: string, key: string, value: unknown) =>
    kafka.append({ topic, partition: 0 }, { key: Buffer.from(key), value: Buffer.from(stateText(value)), timestamp: 0 })
  put(timesTopic('counting'), `${part!.timesName}/other`, 7)
  if (positions !== undefined) put(timesTopic('counting'), positionsName(part!.timesName), positions)
  if (counted) put(changelogTopic('counting', 'counts'), 'a', 1)
  const lines: string[] = []
  const take = (line: unknown) => lines.push(String(line))
  const broker = {
    partitionCounts: async (topics: readonly string[]) => new Map(topics.map(topic => [topic, 2])),
    stableOffset: async (at: TopicPartition) => kafka.records(at).length,
    endOffset: async (at: TopicPartition) => kafka.records(at).length,
    async *readPartition(at: TopicPartition) {
      if (kafka.records(at).length > 0) yield batchOf(at, kafka.records(at))
    },
  }
  const log = { debug: take, info: take, warn: take, error: take }
  return { lines, parts: { application: 'counting', broker, log } }
}

test('a task whose offsets are gone goes on from where its state was made, one that never ran from the start, and it is said once', async () => {
  const { parts, lines } = kept({ in: { offset: 20, topicId: 'now' } })
  expect(await fromState([start(0), start(1)], wanted, parts)).toEqual([start(0, 20, { metadata: '' }), start(1)])
  expect(lines).toEqual([
    expect.stringMatching(
      /^group "counting" has no offsets .*it continues from those that were kept with its state: in\/0: 20$/,
    ),
  ])
})

test('offsets that the group has are the truth', async () => {
  const { parts, lines } = kept({ in: { offset: 20, topicId: 'now' } })
  const committed = [start(0, 5), start(1, 3)]
  expect(await fromState(committed, wanted, parts)).toBe(committed)
  expect(await fromState([start(0, 5), start(1)], wanted, parts)).toEqual([start(0, 5), start(1)])
  expect(lines).toEqual([])
})

test('what was kept of a topic that was deleted since is no place in the one of its name', async () => {
  const { parts } = kept({ in: { offset: 20, topicId: 'former' } })
  expect(await fromState([start(0), start(1)], wanted, parts)).toEqual([
    start(0, undefined, { formerOffset: 20 }),
    start(1),
  ])
})

test('an input that was added to a task with state begins at its start', async () => {
  const { parts } = kept({ other: { offset: 20, topicId: 'now' } })
  expect(await fromState([start(0), start(1)], wanted, parts)).toEqual([start(0), start(1)])
})

test('state that does not say how far it was read is refused with what to do', async () => {
  const { parts } = kept(undefined)
  await expect(fromState([start(0), start(1)], wanted, parts)).rejects.toThrow(
    /task 0_0: group "counting" has no offsets, and the state of counts .*`weir topology reset --execute`/,
  )
  const { parts: empty } = kept(undefined, false)
  expect(await fromState([start(0), start(1)], wanted, empty)).toEqual([start(0), start(1)])
})

describe('what is asked of the state', () => {
  /** Logs by topic, of partition 0, and what was read of them. */
  function logs(of: Readonly<Record<string, readonly (readonly [string, unknown])[]>>, application = 'counting') {
    const kafka = new MemoryKafka(2)
    for (const [topic, records] of Object.entries(of))
      for (const [key, value] of records) kafka.append({ topic, partition: 0 }, { ...texts(key, value), timestamp: 0 })
    const read: string[] = []
    const lines: unknown[] = []
    const take = (line: unknown) => lines.push(line)
    const parts = {
      application,
      broker: {
        partitionCounts: async (topics: readonly string[]) => new Map(topics.map(topic => [topic, 2])),
        stableOffset: async (at: TopicPartition) => kafka.records(at).length,
        endOffset: async (at: TopicPartition) => kafka.records(at).length,
        async *readPartition(at: TopicPartition) {
          read.push(`${at.topic}/${at.partition}`)
          yield batchOf(at, kafka.records(at))
        },
      },
      log: { debug: take, info: take, warn: take, error: take },
    }
    return { parts, read, lines, kafka }
  }
  const texts = (key: string, value: unknown) => ({ key: Buffer.from(key), value: Buffer.from(stateText(value)) })
  const times = timesTopic('counting')
  const counts = changelogTopic('counting', 'counts')
  const positions = (offset: number, topicId?: string) =>
    [positionsName(part!.timesName), { in: topicId === undefined ? { offset } : { offset, topicId } }] as const
  const other = [`${part!.timesName}/other`, 7] as const

  test('is nothing where the group stood in a topic that was deleted, or has an offset', async () => {
    const { parts, read } = logs({ [times]: [positions(20)] })
    const former = start(0, undefined, { formerOffset: 3 })
    expect(await fromState([former, start(1, 4)], wanted, parts)).toEqual([former, start(1, 4)])
    expect(await fromState([former, start(1)], wanted, parts)).toEqual([former, start(1)])
    expect(read).toEqual([`${times}/1`])
  })

  test('is its place, whichever topic of the name it is where nobody says so', async () => {
    const nameless = logs({ [times]: [positions(20)] })
    expect(await fromState([start(0)], wanted, nameless.parts)).toMatchObject([{ offset: 20 }])
    const { parts } = logs({ [times]: [positions(20, 'id')] })
    expect(await fromState([start(0, undefined, { topicId: undefined })], wanted, parts)).toMatchObject([
      { offset: 20 },
    ])
  })

  test('is said of none that begins at its start', async () => {
    const { parts, lines } = logs({ [times]: [positions(20, 'former')] })
    expect(await fromState([start(0)], wanted, parts)).toMatchObject([{ formerOffset: 20 }])
    expect(lines).toEqual([])
  })

  test('is no place where its changelogs have no record', async () => {
    const empty = logs({ [times]: [other] })
    expect(await fromState([start(0)], wanted, empty.parts)).toEqual([start(0)])
    expect(empty.read).toEqual([`${times}/0`])
    // Markers of transactions alone.
    const marked = logs({ [times]: [other] })
    const broker = { ...marked.parts.broker, endOffset: async () => 3 }
    expect(await fromState([start(0)], wanted, { ...marked.parts, broker })).toEqual([start(0)])
  })

  test('is what its changelogs have, not what is in the topics that tables are read from', async () => {
    const tables = planOf(
      topology('counting', streams => {
        streams.table('in', { key: text, value: json(), materialized: 'rows', restoreFrom: 'sourceTopic' })
      }),
    ).subTopologies
    const { parts, read } = logs({ [times]: [other], [changelogTopic('counting', 'rows')]: [['a', 1]] })
    const task = { id: '0_0', part: tables[0]!, partition: 0 }
    expect(await fromState([start(0)], [task], parts)).toEqual([start(0)])
    expect(read).toEqual([`${times}/0`])
  })

  test('is not refused to an input that was added to a task whose others have their offsets', async () => {
    const [joined] = planOf(
      topology('counting', streams => {
        const added = streams.stream('added', { key: text, value: json() })
        streams.stream('in', { key: text, value: json() }).merge(added).groupByKey().count({ name: 'counts' })
      }),
    ).subTopologies
    const { parts } = logs({ [times]: [other], [counts]: [['a', 1]] })
    const task = { id: '0_0', part: joined!, partition: 0 }
    const starts = [start(0, 5), start(0, undefined, { topic: 'added' })]
    expect(await fromState(starts, [task], parts)).toEqual(starts)
    const kept = logs({ [times]: [positions(20)] })
    expect(await fromState(starts, [task], kept.parts)).toEqual(starts)
    const both = { in: { offset: 20, topicId: 'now' }, added: { offset: 7, topicId: 'now' } }
    const partly = logs({ [times]: [[positionsName(joined!.timesName), both]] })
    expect(await fromState(starts, [task], partly.parts)).toEqual([starts[0], { ...starts[1], offset: 7 }])
    const lost = [start(0), start(0, undefined, { topic: 'added' })]
    await expect(fromState(lost, [task], parts)).rejects.toThrow(/task 0_0/)
  })

  test('is read once for all tasks of a partition', async () => {
    const two = planOf(
      topology('counting', streams => {
        for (const topic of ['in', 'more'])
          streams.stream(topic, { key: text, value: json() }).to(`${topic}-out`, { key: text, value: json() })
      }),
    ).subTopologies
    const tasks = two.map((each, i) => ({ id: `${i}_0`, part: each, partition: 0 }))
    const { parts, read } = logs({ [times]: [other] })
    const starts = [start(0), start(0, undefined, { topic: 'more' })]
    expect(await fromState(starts, tasks, parts)).toEqual(starts)
    expect(read).toEqual([`${times}/0`])
  })
})
