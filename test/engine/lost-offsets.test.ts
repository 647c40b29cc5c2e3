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
