import { json, text, topology } from '../../src'
import { checkSourceTables } from '../../src/engine/plan/lasting-topics'
import { planOf } from '../../src/engine/plan/plan'
import { manifestOf } from '../../src/engine/plan/state-manifest'
import { planAgainst } from '../../src/engine/plan/topology-plan'
import type { KeyValueStore } from '../../src/state/key-value-store'
import { crashes, TopologyTestDriver } from '../../src/testing'

interface Row {
  readonly group: string
  readonly n: number
}

const out = { key: text, value: json<any>() }

/** A table that is restored from its topic, with a step behind it that refuses some rows, and steps that need its old values. */
const built = (restoreFrom: 'changelog' | 'sourceTopic') =>
  topology('rows', streams => {
    const rows = streams.table('rows', { key: text, value: json<Row>(), restoreFrom })
    rows
      .mapValues(row => {
        if (row.n === 13) throw new Error('unlucky')
        return row.n
      })
      .toStream()
      .to('numbers', out)
    rows
      .groupBy(({ group, n }) => [group, n])
      .reduce({ name: 'sums', adder: (a, b) => a + b, subtractor: (a, b) => a - b })
      .toStream()
      .to('sums', out)
    streams
      .stream('asked', { key: text, value: json<number>() })
      .leftJoin(rows, { joiner: (asked, row) => [asked, row?.n ?? null] })
      .to('answers', out)
  })

const row = (key: string | null, value: unknown, timestamp: number) => ['rows', { key, value, timestamp }] as const
const ask = (key: string, timestamp: number) => ['asked', { key, value: timestamp, timestamp }] as const

const inputs = [
  row('a', { group: 'x', n: 1 }, 1),
  row('b', { group: 'x', n: 2 }, 2),
  row(null, { group: 'x', n: 50 }, 3),
  // Refused by a step: the table keeps the row before it.
  row('a', { group: 'y', n: 13 }, 4),
  ask('a', 5),
  row('b', null, 6),
  ask('b', 7),
  // Refused, and never there before.
  row('c', { group: 'y', n: 13 }, 8),
  ask('c', 9),
  row('b', { group: 'y', n: 13 }, 10),
  ask('b', 11),
  // What was refused is over with the next good record of the key.
  row('c', { group: 'y', n: 4 }, 12),
  row('a', { group: 'y', n: 5 }, 13),
  ask('a', 14),
  ask('c', 15),
]

const run = async (driver: TopologyTestDriver) => {
  for (const [topic, record] of inputs) await driver.pipe(topic, record)
}

/** The rows of the table, whoever wrote them. */
const rowsOf = (driver: TopologyTestDriver) =>
  [...driver.store<KeyValueStore>('rows-table').all()].map(({ key, value }) => ({ key, value }))

const answers = async (restoreFrom: 'changelog' | 'sourceTopic', crashing: boolean) => {
  const driver = await TopologyTestDriver.create(built(restoreFrom))
  for (const [topic, record] of inputs) {
    await driver.pipe(topic, record)
    if (crashing) await driver.crash()
  }
  return [driver.read('numbers'), driver.read('sums'), driver.read('answers'), rowsOf(driver)]
}

test.each([1, 3])('every crash keeps every promise, %d partitions', async partitions => {
  const reports = await crashes(built('sourceTopic'), run, { partitions, atMost: 15 })
  expect(reports.length).toBeGreaterThan(20)
  expect(reports.some(({ point }) => point === 'inRestore')).toBe(true)
})

test('a table restored from its topic answers as one with a changelog', async () => {
  const expected = JSON.stringify(await answers('changelog', false))
  expect(JSON.stringify(await answers('sourceTopic', false))).toBe(expected)
  expect(JSON.stringify(await answers('sourceTopic', true))).toBe(expected)
})

test('a row that was refused survives when compaction has taken the record that it came from', async () => {
  const driver = await TopologyTestDriver.create(built('sourceTopic'))
  await run(driver)
  await driver.pipe('rows', { key: 'a', value: { group: 'y', n: 13 }, timestamp: 20 })
  const before = rowsOf(driver)
  const records = driver.kafka.records({ topic: 'rows', partition: 0 })
  const last = new Map(records.map(record => [String(record.key), record.offset]))
  const kept = records.filter(({ key, offset }) => last.get(String(key)) === offset)
  records.splice(0, records.length, ...kept)
  await driver.crash()
  expect(rowsOf(driver)).toEqual(before)
  expect(before.length).toBe(2)
})

test('it writes no changelog, and its topic is no topic to create', async () => {
  const driver = await TopologyTestDriver.create(built('sourceTopic'))
  await run(driver)
  expect(driver.kafka.log.filter(({ topic }) => topic === 'rows-rows-table-changelog')).toEqual([])
  const existing = new Map([
    ['rows', 2],
    ['asked', 2],
  ])
  const topics = async (restoreFrom: 'changelog' | 'sourceTopic') =>
    (await planAgainst(planOf(built(restoreFrom)), existing)).map(({ topic, action }) => `${action} ${topic}`)
  expect(await topics('changelog')).toContain('create rows-rows-table-changelog')
  expect(await topics('sourceTopic')).not.toContain('create rows-rows-table-changelog')
})

test('the two ways are told apart in the state', () => {
  expect(manifestOf(planOf(built('changelog'))).stores['rows-table']).toBe('keyValue')
  expect(manifestOf(planOf(built('sourceTopic'))).stores['rows-table']).toBe('keyValue restored from topic rows')
})

test('a versioned table has no history in its topic', () => {
  const versioned = () =>
    topology('versioned', streams => {
      streams.table('rows', {
        key: text,
        value: json<Row>(),
        restoreFrom: 'sourceTopic',
        versioned: { historyRetentionMs: 1 },
      })
    })
  expect(versioned).toThrow(/rows-table: a versioned table can't be restored from its source topic/)
})

test.each<[Record<string, string>, string | undefined]>([
  [{ 'cleanup.policy': 'compact', 'retention.ms': '86400000' }, undefined],
  [{ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }, undefined],
  [
    { 'cleanup.policy': 'delete', 'retention.ms': '7', 'retention.bytes': '-1' },
    'cleanup.policy=delete, retention.ms=7',
  ],
  [
    { 'cleanup.policy': 'compact,delete', 'retention.ms': '-1', 'retention.bytes': '9' },
    'cleanup.policy=compact,delete, retention.bytes=9',
  ],
])('a topic of %j', async (configs, refused) => {
  const broker = { topicConfigs: async () => new Map([['rows', new Map(Object.entries(configs))]]) }
  const checking = checkSourceTables(planOf(built('sourceTopic')), broker)
  if (refused === undefined) await checking
  else
    await expect(checking).rejects.toThrow(
      `table "rows-table": it is to be restored from topic rows, which deletes records (${refused})`,
    )
  await checkSourceTables(planOf(built('changelog')), {
    topicConfigs: async topics => new Map(topics.map(each => [each, new Map()])),
  })
})
