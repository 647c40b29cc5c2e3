import { json, text, topology, tumbling } from '../../src'
import type { CommittedOffset, Output } from '../../src/connectors/ledger'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { ContentError } from '../../src/errors'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import { MemoryWorker } from '../testing/memory-worker'

/** A Kafka that doesn't take results of these windows' keys, and says which records it was about, or says nothing. */
class Choosy extends MemoryLedger {
  refusals = 0
  constructor(
    kafka: ConstructorParameters<typeof MemoryLedger>[0],
    private readonly refused: ReadonlySet<string>,
    private readonly says: boolean,
  ) {
    super(kafka)
  }

  override async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    const bad = outputs
      .filter(({ topic }) => topic === 'closed')
      .flatMap(({ topic, records }) =>
        records
          .filter(({ key }) => this.refused.has(`${key}`))
          .map(record => ({ topic, record, words: 'not to my taste' })),
      )
    if (bad.length === 0) return super.commit(offsets, outputs)
    this.refusals++
    throw new ContentError('the broker answered INVALID_RECORD', this.says ? { outputs: bad } : {})
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

async function run(refused: ReadonlySet<string>) {
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  let ledger: Choosy | undefined
  const ledgerOf = (kafka: ConstructorParameters<typeof MemoryLedger>[0]) => (ledger = new Choosy(kafka, refused, true))
  const worker = await MemoryWorker.start(job, { topics: { in: 1, closed: 1 }, ends, ledgerOf }, broker => {
    const write = (key: string, timestamp: number) =>
      broker.write({ topic: 'in', partition: 0 }, { key: Buffer.from(key), value: Buffer.from('1'), timestamp })
    for (const key of keys) write(key, 5)
    // Closes all of these windows.
    write('late', 100)
  })
  await worker.settled()
  await worker.stop()
  return {
    closed: worker.read('closed').map(({ key }) => `${key}`),
    letters: worker.read('in_dead_letters').map(({ key, headers }) => [`${key}`, `${headers?.['weir.error.message']}`]),
    refusals: ledger?.refusals,
  }
}

test.each([
  ['one', ['k7']],
  ['several', ['k0', 'k7', 'k39']],
  ['all', keys],
])('of results that one record causes Kafka refuses %s: the others arrive', async (_, refused) => {
  const { closed, letters, refusals } = await run(new Set(refused))
  expect([...closed].sort()).toEqual(keys.filter(key => !refused.includes(key)).sort())
  expect(letters.map(([, message]) => message)).toEqual(
    refused.map(() => 'topic closed does not take it: not to my taste'),
  )
  // All of them are known at once.
  expect(refusals).toBe(1)
})
