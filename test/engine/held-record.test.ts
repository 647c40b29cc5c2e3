import { json, text, topology } from '../../src'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { memory } from '../../src/connectors/memory/memory-target'
import { HeldRecord, heldOffset } from '../../src/engine/task/held-record'
import { StreamError } from '../../src/errors'
import type { MemoryKafka } from '../../src/testing/memory-kafka'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import { MemoryWorker } from '../testing/memory-worker'

test('an end’s position may stay at the record that its commit’s metadata names', () => {
  expect([heldOffset(12, 'w-3 held 11'), heldOffset(12, 'w-3'), heldOffset(12, '')]).toEqual([11, 12, 12])
})

/** Loses a commit after the ends have made it, as a worker does that is killed in between: with what the worker knew of refusals. */
class ForgetfulLedger extends MemoryLedger {
  constructor(
    kafka: MemoryKafka,
    private readonly isLost: () => boolean,
  ) {
    super(kafka)
  }

  override async commit(...[offsets, outputs]: Parameters<MemoryLedger['commit']>) {
    if (this.isLost()) throw new StreamError('killed')
    return super.commit(offsets, outputs)
  }
}

const count = 12
const at = { topic: 'in', partition: 0 }

/** What its encoder refuses, and what the end itself does. */
const isUnwritable = (n: number) => n % 4 === 3
const isBad = (n: number) => n % 4 === 1
const rows = memory<string, { n: number }>({
  name: 'rows',
  refuse: ({ value }) => (isUnwritable(value.n) ? 'no' : undefined),
})
const copying = topology('copying', s => {
  const read = s.stream('in', { key: text, value: json<{ n: number }>() })
  read.to(rows)
  read.to('out', { key: text, value: json<{ n: number }>() })
})

/** From its `nth` commit on a first worker's are lost after the ends have made them; what a second one makes of all. */
async function afterCrash(nth: number, refuses: MemoryEnd['refuses']) {
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  ends.exactly_once.refuses = refuses
  let commits = 0
  const ledgerOf = (kafka: MemoryKafka) => new ForgetfulLedger(kafka, () => ++commits >= nth)
  const first = await MemoryWorker.start(copying, { topics: { in: 1 }, ends, ledgerOf }, ({ kafka }) => {
    for (let n = 0; n < count; n++) kafka.append(at, { key: null, value: Buffer.from(`{"n":${n}}`), timestamp: n })
  })
  const committed = () => first.broker.ledger.committed(at)
  await first.until(() => commits > nth + 2 || committed()?.offset === count)
  await first.stop()
  const offset = committed()
  const second = await MemoryWorker.start(copying, { topics: { in: 1 }, ends }, ({ kafka, ledger }) => {
    for (const record of first.broker.kafka.log) kafka.append(record, record)
    if (offset !== undefined) void ledger.commit([offset], [])
  })
  await second.settled()
  await second.stop()
  const numbers = (topic: string) => second.read(topic).map(({ value }) => JSON.parse(String(value)).n as number)
  const stored = ends.exactly_once.rows.map(({ record }) => (record.value as { n: number }).n)
  return { rows: stored, out: numbers('out'), letters: numbers('in_dead_letters') }
}

const all = Array.from({ length: count }, (_, n) => n)

describe.each([1, 2, 3, 4, 5, 6])('a worker that is killed between the ends and Kafka, at commit %d', nth => {
  test.each([true, false])(
    'puts aside what an end has refused, and nothing else (the end says which: %p)',
    async saysWhich => {
      const refusal = { reason: 'no', at: 'commit', saysWhich } as const
      const found = await afterCrash(nth, ({ record }) =>
        isBad((record.value as { n: number }).n) ? refusal : undefined,
      )
      const isGood = (n: number) => !isBad(n) && !isUnwritable(n)
      const good = all.filter(isGood)
      expect(found).toEqual({ rows: good, out: good, letters: all.filter(n => !isGood(n)) })
    },
  )
})

test('the position of an end that is ahead does not go back to where its task is', () => {
  const read = [{ topic: 't', partition: 3, position: 38 }]
  const ends = { heldUpTo: (kind: string) => (kind === 'table' ? 50 : 0) }
  const positions = new HeldRecord().positionsOf(
    read,
    [
      { topic: 't', kind: 'table' },
      { topic: 't', kind: 'live' },
    ],
    ends,
  )
  expect(positions).toEqual([
    { topic: 't', kind: 'table', partition: 3, next: 50 },
    { topic: 't', kind: 'live', partition: 3, next: 38 },
  ])
})
