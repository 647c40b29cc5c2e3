import type { GroupHold } from '../../src/connectors/group-hold'
import type { TopicPartition } from '../../src/connectors/source'
import { misplacedKeys } from '../../src/engine/grow/misplaced-keys'
import { moveStore, type StoreMove } from '../../src/engine/grow/move-store'
import { Outbound } from '../../src/engine/grow/outbound'
import { NOWHERE } from '../../src/engine/grow/state-keys'
import { stateText } from '../../src/state/state-codec'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

/** Entries by partition, in their order: a number is its key's hash, a text the bytes of a key that somebody else wrote; `undefined`: it was deleted. */
type Entries = readonly (readonly [partition: number, key: number | string | null, value: string | undefined])[]

const bytesOf = (key: number | string | null) =>
  key === null ? null : Buffer.from(typeof key === 'number' ? stateText(key) : key)

const topic = 'app-s-changelog'

/** Moves a store to twice as many tasks, four where nothing is said, and gives what each partition holds then. */
async function moved(entries: Entries, from = 2): Promise<Record<number, Record<string, string>>> {
  const partitions = Array.from({ length: 2 * from }, (_, partition) => partition)
  const kafka = new MemoryKafka(partitions.length)
  for (const [partition, key, value] of entries)
    kafka.append(
      { topic, partition },
      { key: bytesOf(key), value: value === undefined ? null : Buffer.from(value), timestamp: 0 },
    )
  const broker = {
    async *readPartition(at: TopicPartition, _from?: number, to = Number.POSITIVE_INFINITY) {
      const records = kafka.records(at).slice(0, to)
      if (records.length > 0) yield batchOf(at, records)
    },
  }
  const ends = partitions.slice(0, from).map(partition => kafka.records({ topic, partition }).length)
  const homeIn = (partitions: number) => (key: unknown) => (typeof key === 'number' ? key % partitions : NOWHERE)
  const homes = { formerHomeOf: homeIn(from), homeOf: homeIn(2 * from) }
  const move: StoreMove = { topic, from, partitions: 2 * from, ends, ...homes }
  const hold: GroupHold = {
    send: async outputs => {
      for (const { records, ...at } of outputs) for (const record of records) kafka.append(at, record)
    },
    commit: async () => {},
    release: async () => {},
  }
  const out = new Outbound(hold)
  await moveStore(move, await misplacedKeys(move, broker), broker, out)
  await out.flush()
  const held = (partition: number) => {
    const found = new Map<string, string>()
    for (const { key, value } of kafka.records({ topic, partition }))
      value === null ? found.delete(String(key)) : found.set(String(key), String(value))
    return Object.fromEntries(found)
  }
  return Object.fromEntries(partitions.map(partition => [partition, held(partition)]))
}

test('every entry is in the partition of its key, and nowhere else', async () => {
  const before: Entries = [
    [0, 0, 'a'],
    [0, 2, 'b'],
    [1, 1, 'c'],
    [1, 3, 'd'],
    [0, 2, 'e'],
    [1, 7, 'f'],
    [1, 7, undefined],
  ]
  expect(await moved(before)).toEqual({ 0: { 0: 'a' }, 1: { 1: 'c' }, 2: { 2: 'e' }, 3: { 3: 'd' } })
})

test('an entry that its producer put elsewhere comes home', async () => {
  expect(
    await moved([
      [0, 1, 'a'],
      [1, 6, 'b'],
    ]),
  ).toEqual({ 0: {}, 1: { 1: 'a' }, 2: { 6: 'b' }, 3: {} })
})

test('what was deleted in a wrong partition deletes nothing in the right one', async () => {
  const before: Entries = [
    [1, 3, 'right'],
    [0, 3, 'wrong'],
    [0, 3, undefined],
  ]
  expect(await moved(before)).toEqual({ 0: {}, 1: {}, 2: {}, 3: { 3: 'right' } })
})

test('what was written and deleted in one wrong partition after another comes home as it was left there last', async () => {
  const before: Entries = [
    [0, 2, 'first'],
    [0, 2, undefined],
    [1, 2, 'second'],
    [1, 2, 'third'],
  ]
  expect((await moved(before, 3))[2]).toEqual({ 2: 'third' })
})

test('what was deleted in another wrong partition is still where it was left', async () => {
  const before: Entries = [
    [0, 2, 'first'],
    [1, 2, undefined],
  ]
  expect((await moved(before, 3))[2]).toEqual({ 2: 'first' })
})

test('what somebody else wrote under no key, or one that no entry of weir can have, stays as it is', async () => {
  const before: Entries = [
    [0, null, 'a'],
    [0, '{no state', 'b'],
    [1, '"gone"', 'c'],
    [1, '"gone"', undefined],
    [0, 2, 'd'],
  ]
  expect(await moved(before)).toEqual({ 0: { null: 'a', '{no state': 'b' }, 1: {}, 2: { 2: 'd' }, 3: {} })
})

test('an entry under a key that no record can have is refused, and named', async () => {
  await expect(
    moved([
      [1, '"five"', 'a'],
      [0, 2, 'b'],
    ]),
  ).rejects.toThrow(/^app-s-changelog\/1: the entry under "five" can't be moved, .*write a tombstone under it/)
})

test('two entries of one key in two wrong partitions are refused', async () => {
  const before: Entries = [
    [0, 2, 'one'],
    [1, 2, 'other'],
  ]
  await expect(moved(before, 3)).rejects.toThrow('the entry 2 is in partitions 0 and 1')
})

test.each<[string, Entries]>([
  [
    'right and wrong',
    [
      [1, 3, 'right'],
      [0, 3, 'wrong'],
    ],
  ],
  [
    'wrong and right',
    [
      [0, 3, 'wrong'],
      [1, 3, 'right'],
    ],
  ],
])('two entries of one key would be one, and are refused: %s', async (_, before) => {
  await expect(moved(before)).rejects.toThrow(/the entry 3 is in partitions 0 and 1, .*`weir topology reset`/)
})
