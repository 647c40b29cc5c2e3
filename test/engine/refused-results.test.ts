import { json, text, topology, tumbling } from '../../src'
import type { CommittedOffset, Output, OutputRecord } from '../../src/connectors/ledger'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { ContentError } from '../../src/errors'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import type { MemoryBroker } from '../connectors/memory-broker'
import { MemoryWorker } from '../testing/memory-worker'

type Refuses = (topic: string, record: OutputRecord) => boolean

/** A Kafka that doesn't take some records, and says which. */
class Choosy extends MemoryLedger {
  refusals = 0
  constructor(
    kafka: ConstructorParameters<typeof MemoryLedger>[0],
    private readonly refuses: Refuses,
  ) {
    super(kafka)
  }

  override async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    const bad = outputs.flatMap(({ topic, records }) =>
      records
        .filter(record => this.refuses(topic, record))
        .map(record => ({ topic, record, words: 'not to my taste', isForTime: false })),
    )
    if (bad.length === 0) return super.commit(offsets, outputs)
    this.refusals++
    throw new ContentError('the broker answered INVALID_RECORD', { outputs: bad })
  }
}

const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
const job = topology('closing', s =>
  s
    .stream('in', { key: text, value: json<number>() })
    .groupByKey()
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
    .count({ name: 'counts' })
    .toStream()
    .map((count, { key }) => [key, count])
    .to('closed', { key: text, value: json<number>() }),
)

async function run(refuses: Refuses, prepare: (broker: MemoryBroker) => void, topology = job) {
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  let ledger: Choosy | undefined
  const ledgerOf = (kafka: ConstructorParameters<typeof MemoryLedger>[0]) => (ledger = new Choosy(kafka, refuses))
  const worker = await MemoryWorker.start(topology, { topics: { in: 1, closed: 1 }, ends, ledgerOf }, prepare)
  await worker.settled()
  await worker.stop()
  return {
    closed: worker.read('closed').map(({ key }) => `${key}`),
    letters: worker.read('in_dead_letters').map(({ key, headers }) => [`${key}`, `${headers?.['weir.error.message']}`]),
    refusals: ledger?.refusals,
    lines: worker.lines,
  }
}

const write = (broker: MemoryBroker, key: string, timestamp: number, value = '1') =>
  broker.write({ topic: 'in', partition: 0 }, { key: Buffer.from(key), value: Buffer.from(value), timestamp })

test.each([
  ['one', ['k7']],
  ['several', ['k0', 'k7', 'k39']],
  ['all', keys],
])('of results that one record causes Kafka refuses %s: the others arrive', async (_, refused) => {
  const { closed, letters, refusals } = await run(
    (topic, { key }) => topic === 'closed' && refused.includes(`${key}`),
    broker => {
      for (const key of keys) write(broker, key, 5)
      // Closes all of these windows.
      write(broker, 'late', 100)
    },
  )
  expect([...closed].sort()).toEqual(keys.filter(key => !refused.includes(key)).sort())
  expect(letters.map(([, message]) => message)).toEqual(
    refused.map(() => 'topic closed does not take it: not to my taste'),
  )
  // All of them are known at once.
  expect(refusals).toBe(1)
})

const sums = topology('summing', s =>
  s
    .stream('in', { key: text, value: json<number>() })
    .groupByKey()
    .reduce({ name: 'sums', reducer: (sum, value) => sum + value })
    .toStream()
    .to('closed', { key: text, value: json<number>() }),
)

test('entries that a changelog does not take are known at once, and each harms the record that makes it', async () => {
  const isLarge = (value: string) => /\b1000\b/.test(value)
  const { closed, letters, refusals } = await run(
    (topic, { value }) => topic === 'summing-sums-changelog' && isLarge(`${value}`),
    broker => {
      for (const [i, key] of keys.entries()) write(broker, key, i, i % 8 === 3 ? '1000' : '1')
      for (const [i, key] of keys.entries()) write(broker, key, 100 + i, '0')
    },
    sums,
  )
  const large = keys.filter((_, i) => i % 8 === 3)
  // What follows a refused one under its key is added to what was before it.
  expect(letters.map(([key]) => key).sort()).toEqual([...large].sort())
  expect(closed).toHaveLength(2 * keys.length - large.length)
  expect(letters[0]?.[1]).toBe('topic summing-sums-changelog does not take it: not to my taste')
  // The last value of a key is refused first, then the one before it.
  expect(refusals).toBeLessThanOrEqual(4)
})

test('dead letters that their topic does not take are known at once, dropped and told', async () => {
  const { closed, letters, refusals, lines } = await run(
    (topic, { key }) => topic === 'in_dead_letters' && key?.toString() === 'k3',
    broker => {
      for (const [i, key] of keys.entries()) write(broker, key, i, i % 8 === 3 ? 'no number' : '1')
    },
    sums,
  )
  expect(closed).toHaveLength(35)
  expect(letters.map(([key]) => key)).toEqual(['k11', 'k19', 'k27', 'k35'])
  expect(refusals).toBe(1)
  expect(lines.filter(line => /dead letter of in\/0 offset 3, .* is dropped/.test(line))).toHaveLength(1)
})
