import { type Cluster, createCluster, createProducer, ensureTopics, type Producer } from '../../src/connectors/kafka'
import { migrate } from '../../src/connectors/postgres/migrate'
import { json, weir } from '../ops/weir'
import { laneKafka, until } from './kafka-stack'
import { type TestDatabase, testDatabase } from './postgres-database'
import { type Paid, totals } from './world/paid-totals'
import { TopologyProcess } from './world/topology-process'

interface Listed {
  readonly id: string
  readonly from: string
  readonly letters: number
  readonly redriven: number
}

let database: TestDatabase
let cluster: Cluster
let producer: Producer
let worker: TopologyProcess | undefined

beforeAll(async () => {
  database = await testDatabase('weir_redrive')
  await migrate(database.url, [totals])
  const { config } = await laneKafka()
  process.env.KAFKA_BROKERS = config.brokers.join()
  cluster = createCluster(config)
  producer = createProducer(config)
  await ensureTopics(cluster, [{ topic: 'paid', partitions: 1 }])
})
afterAll(async () => {
  if (worker?.running) worker.kill('SIGKILL')
  await worker?.exited
  await producer?.close()
  await cluster?.disconnect()
  await database?.end()
})

async function start(edit: string): Promise<void> {
  const environment = { KAFKA_BROKERS: cluster.config.brokers.join(), DATABASE_URL: database.url, WEIR_EDIT: edit }
  worker = new TopologyProcess({ ...environment, COMMIT_INTERVAL_MS: '100', SESSION_TIMEOUT_MS: '6000' }, [
    'test/scenarios/world/paid-totals.ts',
  ])
  await worker.working()
}

async function stop(): Promise<void> {
  expect(await worker?.stop()).toEqual({ code: 0, signal: null })
}

async function pay(id: string, total: number): Promise<void> {
  const value = Buffer.from(JSON.stringify({ id, total }))
  await producer.send('paid', 0, [{ key: Buffer.from('key'), value, timestamp: Date.now() }])
}

const letters = () => json<Listed[]>(['dead-letters', 'list', '-a', 'paid-totals'])
const rows = async () => (await database.admin.query<Paid>('SELECT id, total FROM paid_totals ORDER BY id')).rows
const row = (id: string, total: number) =>
  until(async () => (await rows()).some(each => each.id === id && each.total === total), `${id} to have ${total}`)

/** A letter of a record from such a topic that was not sent again, once there is one. */
function letterOf(from: RegExp): Promise<Listed> {
  let last: Listed[] = []
  return until(
    async () => {
      last = await letters()
      return last.find(each => from.test(each.from) && each.letters === 1 && each.redriven === 0)
    },
    () => `a letter from ${from}; there are ${JSON.stringify(last)}, and it has logged\n${worker?.lines.join('\n')}`,
  )
}

test('what failed behind an internal topic goes there again, and nothing before it takes it in twice', async () => {
  await database.admin.query("ALTER TABLE paid_totals ADD CONSTRAINT known CHECK (id <> 'b')")
  await start('first')
  for (const [id, total] of [
    ['a', 1],
    ['b', 10],
    ['a', 13],
  ] as const)
    await pay(id, total)
  const [refused, unlucky] = [await letterOf(/-outbox$/), await letterOf(/-repartition$/)]
  expect(unlucky.from).toBe('paid-totals-by-id-repartition')
  await stop()

  // What is sent there while nobody reads it might never be read.
  const early = await weir(['dead-letters', 'redrive', refused.id, '--yes'])
  expect([early.code, early.stderr]).toEqual([4, expect.stringMatching(/no worker of "paid-totals" reads now.*Start/)])

  await database.admin.query('ALTER TABLE paid_totals DROP CONSTRAINT known')
  await start('mended')
  for (const { id, from } of [refused, unlucky]) {
    expect(await json(['dead-letters', 'redrive', id])).toMatchObject({ to: from, letters: 1, done: false })
    expect(await json(['dead-letters', 'redrive', id, '--yes'])).toMatchObject({ to: from, letters: 1, done: true })
  }
  await Promise.all([row('b', 10), row('a', 14)])
  await pay('b', 5)
  await row('b', 15)
  expect(await rows()).toEqual([
    { id: 'a', total: 14 },
    { id: 'b', total: 15 },
  ])
  expect((await letters()).map(each => [each.letters, each.redriven])).toEqual([
    [1, 1],
    [1, 1],
  ])
  expect((await weir(['consume', 'paid-copies', '-e', '-f', '%s\\n'])).lines).toHaveLength(4)
  await stop()
})

test('where the steps before an end have changed, its letters stay, and it is said what to do', async () => {
  await database.admin.query("ALTER TABLE paid_totals ADD CONSTRAINT known CHECK (id <> 'c')")
  await start('mended')
  await pay('c', 10)
  const refused = await letterOf(/-outbox$/)
  await stop()
  await database.admin.query('ALTER TABLE paid_totals DROP CONSTRAINT known')
  await start('remade')
  const again = await weir(['dead-letters', 'redrive', refused.id, '--yes'])
  expect([again.code, again.stderr]).toEqual([4, expect.stringMatching(/counted twice.*weir topology reset/)])
  await pay('c', 1)
  await row('c', 11)
  await stop()
})
