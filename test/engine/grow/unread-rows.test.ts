import { json, text, topology } from '../../../src'
import type { TopicPartition } from '../../../src/connectors/source'
import { refuseUnreadRows } from '../../../src/engine/grow/unread-rows'
import { KeptTimes } from '../../../src/engine/plan/kept-times'
import { planOf } from '../../../src/engine/plan/plan'
import { TopologyError } from '../../../src/errors'
import { MemoryBroker } from '../../connectors/memory-broker'

const serdes = { key: text, value: json<any>() }
const plan = planOf(
  topology('app', s => {
    const rows = s.table('rows', { ...serdes, materialized: 'rows-store' })
    s.stream('read', serdes).join(rows, { joiner: (a: unknown, b: unknown) => [a, b] })
  }),
)
const [part] = plan.subTopologies

/** A table of two partitions, the first of which has been read up to `committed`, grown to four; keys belong by their letters' codes. */
async function refusal(
  keys: readonly (string | null)[],
  committed: number,
  of: { topic?: string; grown?: string[] } = {},
) {
  const { topic = 'rows', grown = ['rows', 'read'] } = of
  const broker = new MemoryBroker({ rows: 2, read: 2 })
  for (const key of keys)
    broker.write(
      { topic, partition: 0 },
      { key: key === null ? null : Buffer.from(key), value: Buffer.from('1'), timestamp: 1 },
    )
  if (committed > 0) await broker.ledger.commit([{ topic, partition: 0, offset: committed }], [])
  const asked: (readonly [TopicPartition, unknown])[] = []
  const { readPartition } = broker
  Object.assign(broker, {
    readPartition: (at: TopicPartition, from?: number, to?: number, ...rest: unknown[]) => {
      asked.push([at, rest[0]])
      return readPartition.call(broker, at, from, to)
    },
  })
  const times = [await KeptTimes.read('app', 0, broker), await KeptTimes.read('app', 1, broker)]
  const growth = { part: part!, from: 2, stores: [], pending: [], grown }
  const whole = { application: 'app', partitions: 4, parts: [growth], topics: new Map() }
  const words = await refuseUnreadRows(growth, whole, times, broker).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { words, asked }
}

test('a table whose keys stay, or whose rows were all read, may grow', async () => {
  // d is 100.
  expect((await refusal(['d', 'd'], 0)).words).toBeUndefined()
  expect((await refusal(['b', 'd'], 1)).words).toBeUndefined()
  expect((await refusal([null], 0)).words).toBeUndefined()
})

test('one with unread rows whose keys move may not, and it is said where they are', async () => {
  const { words } = await refusal(['b', 'd', 'b'], 1)
  expect(words).toBeInstanceOf(TopologyError)
  expect((words as Error).message).toMatch(
    /^topic rows is read as a table, and partition 0 has unread records from offset 1 on whose keys move/,
  )
  for (const keys of [['d', 'b'], ['b']]) expect((await refusal(keys, 0)).words).toBeInstanceOf(TopologyError)
})

test('topics that are read as streams, and tables that stay as wide as they are, are not looked at', async () => {
  expect(await refusal(['b'], 0, { topic: 'read' })).toMatchObject({ words: undefined })
  expect(await refusal(['b'], 0, { grown: ['read'] })).toEqual({ words: undefined, asked: [] })
})

test('damage in a topic is passed over, as a task passes over it', async () => {
  const { asked } = await refusal(['d'], 0)
  expect(asked).toEqual([0, 1].map(partition => [{ topic: 'rows', partition }, 'pass']))
})
