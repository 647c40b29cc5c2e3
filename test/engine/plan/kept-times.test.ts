import type { Broker } from '../../../src/connectors/broker'
import type { TopicPartition } from '../../../src/connectors/source'
import { KeptTimes } from '../../../src/engine/plan/kept-times'
import { batchOf } from '../../../src/testing/memory-kafka'

const topic = 'app-times-changelog'
type Entry = readonly [key: string | null, value: string | null]

/** What is read of a times changelog of two partitions that holds these batches. */
async function read(
  batches: readonly (readonly Entry[])[],
  partition = 0,
  to?: number,
  counts = new Map([[topic, 2]]),
) {
  const asked: unknown[] = []
  const bytes = (part: string | null) => (part === null ? null : Buffer.from(part))
  const broker: Pick<Broker, 'partitionCounts' | 'readPartition' | 'stableOffset'> = {
    partitionCounts: async () => counts,
    stableOffset: async at => {
      asked.push(['stable', at])
      return 33
    },
    readPartition: async function* (at: TopicPartition, from?: number, until?: number) {
      asked.push(['read', at, from, until])
      for (const entries of batches)
        yield batchOf(
          at,
          entries.map(([key, value], offset) => ({
            ...at,
            offset,
            timestamp: 0,
            key: bytes(key),
            value: bytes(value),
          })),
        )
    },
  }
  return { kept: await KeptTimes.read('app', partition, broker, to), asked }
}

test('the last value of each name holds, over all batches, and a deletion takes it away', async () => {
  const { kept } = await read([
    [
      ['a', '1'],
      ['b', '{"x":2}'],
      ['c', '3'],
    ],
    [
      ['a', '4'],
      ['c', null],
    ],
  ])
  expect([kept.get('a'), kept.get('b'), kept.get('c'), kept.get('d')]).toEqual([4, { x: 2 }, undefined, undefined])
  expect([...kept.entries]).toEqual([
    ['a', '4'],
    ['b', '{"x":2}'],
  ])
  expect(kept.isEmpty).toBe(false)
})

test('a record without a key is one whose name is empty', async () => {
  expect((await read([[[null, '5']]])).kept.get('')).toBe(5)
})

test('all that is committed is read, or up to where the caller says', async () => {
  const at = { topic, partition: 1 }
  expect((await read([], 1)).asked).toEqual([
    ['stable', at],
    ['read', at, 0, 33],
  ])
  expect((await read([], 1, 99)).asked).toEqual([['read', at, 0, 99]])
  expect((await read([], 1, 0)).asked).toEqual([['read', at, 0, 0]])
})

test('nothing is read of a partition, or a topic, that is not there', async () => {
  const none = await read([[['a', '1']]], 2)
  expect([none.kept.isEmpty, none.asked]).toEqual([true, []])
  const never = await read([[['a', '1']]], 0, undefined, new Map())
  expect([never.kept.isEmpty, never.asked]).toEqual([true, []])
})
