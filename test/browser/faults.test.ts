import { loadavg } from 'node:os'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { Client } from 'pg'
import type { Page } from 'playwright-core'
import type { FaultKind } from '../../src/vitals/diagnosis'
import { getOf } from '../dashboard/api-client'
import { until } from '../scenarios/kafka-stack'
import { expect as shown, textOf } from './expect'
import { Stage } from './stage'

/** Faults of real services, as the page tells of them: each is named with its cause, and all is well again once it is mended. */
jest.setTimeout(300_000)

const figures = { sensors: 20, rate: 10 }
/** The sensor that falls silent; the fleet has none of this number. */
const lonely = 4_711

let stage: Stage
let overview: Page
let producer: Producer
const named: [string, string][] = []
/** What the page says of it, at the latest, and on a machine with less work than processors, ms. */
const limits = { busy: 9_000, quiet: 3_000 }

beforeAll(async () => {
  stage = await Stage.open()
  const { world } = stage
  // A trigger takes locks, for which it and a worker that writes could wait in a circle; what it does can be changed at any time.
  await roomIsThere(true)
  await inPostgres(client =>
    client.query('CREATE OR REPLACE TRIGGER room BEFORE INSERT ON sensor_data FOR EACH ROW EXECUTE FUNCTION room()'),
  )
  await world.startWorker().working()
  world.startFleet(figures)
  const brokers = `${world.environment.KAFKA_BROKERS}`.split(',')
  producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  overview = await stage.visit('/')
}, 300_000)
afterAll(async () => {
  process.stdout.write(`\n${named.map(([what, took]) => `${what.padEnd(32)} ${took}`).join('\n')}\n`)
  await producer.disconnect()
  expect(await stage.close()).toEqual([])
})

const card = () => overview.getByRole('region', { name: 'sensors', exact: true })
const isWell = async (ms = 120_000) => {
  try {
    await shown(card().locator('.verdict-line.green')).isMany(1, 1, ms)
  } catch (cause) {
    throw new Error(`it isn't green after ${ms / 1000} s: ${await textOf(card())}`, { cause })
  }
}

/** What the API says of the application now. */
async function known() {
  const { data } = await getOf(stage.url, 'GET /api/applications')
  return data.applications.find(({ application }) => application.name === 'sensors')
}

async function write(value: Buffer | string): Promise<void> {
  await producer.send({ topic: 'sensor_data', messages: [{ key: '7', value: Buffer.from(value) }] })
}

async function inPostgres<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: stage.world.stack.addresses.databaseUrl })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Whether Postgres's disk has room, in the server's own words and SQLSTATE: the disk of a test can't be filled without harm to all that runs there. */
const roomIsThere = (isThere: boolean) =>
  inPostgres(client =>
    client.query(`CREATE OR REPLACE FUNCTION room() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN ${
        isThere
          ? 'RETURN NEW'
          : `RAISE EXCEPTION 'could not extend file "base/16384/2619": No space left on device' USING ERRCODE = 'disk_full'`
      }; END $$`),
  )

interface Fault {
  readonly fault: string
  readonly kind: FaultKind
  readonly says: RegExp
  /** What follows from it, as the page says. */
  readonly follows?: RegExp
  /** Makes the fault; resolves with what mends it. */
  readonly make: () => Promise<() => Promise<unknown>>
  /** It can't be known sooner after it was made, ms: a silence has to last, a lag to grow. */
  readonly knownAfterMs: number
}

const faults: readonly Fault[] = [
  {
    ...{ fault: 'an end is stopped', kind: 'end-stopped', knownAfterMs: 0 },
    says: /^Postgres (has refused connections|hasn't answered)/,
    follows: /consuming paused/,
    async make() {
      await stage.world.stack.stopService('postgres')
      return () => stage.world.stack.startService('postgres')
    },
  },
  {
    ...{ fault: 'an end is slow', kind: 'end-slow', knownAfterMs: 1_000 },
    says: /ends? .*postgres.* not answered a commit for/,
    follows: /records wait for the commit/,
    async make() {
      const client = new Client({ connectionString: stage.world.stack.addresses.databaseUrl })
      await client.connect()
      await client.query('BEGIN; LOCK TABLE sensor_data IN ACCESS EXCLUSIVE MODE')
      return async () => {
        await client.query('ROLLBACK')
        await client.end()
      }
    },
  },
  {
    ...{ fault: "an end's disk is full", kind: 'disk-full', knownAfterMs: 0 },
    says: /^Postgres has had no room left on its disk/,
    follows: /consuming paused/,
    async make() {
      await roomIsThere(false)
      return () => roomIsThere(true)
    },
  },
  {
    ...{ fault: 'a poison record', kind: 'poison-record', knownAfterMs: 0 },
    says: /^step \S+ failed at sensor_data\/\d+ offset \d+: DecodeError/,
    follows: /dead letters of sensor_data/,
    async make() {
      await write('no reading')
      return async () => {}
    },
  },
  {
    ...{ fault: 'a schema is refused', kind: 'schema-refused', knownAfterMs: 0 },
    says: /^step \S+ can't read records of sensor_data: .*schema 987654/,
    follows: /dead letters of sensor_data/,
    async make() {
      const head = Buffer.alloc(10)
      head.writeInt32BE(987_654, 1)
      await write(head)
      return async () => {}
    },
  },
  {
    ...{ fault: 'a worker is killed', kind: 'worker-lost', knownAfterMs: 2_500 },
    says: /^worker \S+ \(.*, process \d+\) (says nothing|was killed)/,
    async make() {
      const { world } = stage
      const second = world.startWorker()
      await second.working()
      await isWell()
      second.kill('SIGKILL')
      await second.exited
      return async () => {}
    },
  },
  {
    ...{ fault: 'nobody runs', kind: 'no-workers', knownAfterMs: 0 },
    says: /^no worker of sensors has run for/,
    follows: /was stopped/,
    async make() {
      const running = stage.world.workers.filter(worker => worker.running)
      await Promise.all(running.map(worker => worker.stop()))
      return () => stage.world.startWorker().working()
    },
  },
  {
    ...{ fault: 'a sensor is silent', kind: 'key-silent', knownAfterMs: 2_500 },
    says: new RegExp(`^${lonely} has been silent for`),
    follows: /other keys of sensor_data do come/,
    async make() {
      const value = () =>
        JSON.stringify({ sensor_id: lonely, timestamp: Date.now() / 1000, temperature: Math.random() })
      const send = () => producer.send({ topic: 'sensor_data', messages: [{ key: `${lonely}`, value: value() }] })
      // A fleet is followed while somebody looks at it.
      const fleet = await stage.visit('/fleet/sensors')
      const talk = async (times: number) => {
        for (let time = 0; time < times; time++) {
          await send()
          await new Promise(resolve => setTimeout(resolve, 100))
        }
      }
      await talk(60)
      return async () => {
        await Promise.all([talk(60), isWell()])
        await fleet.close()
      }
    },
  },
  {
    ...{ fault: 'Kafka is down', kind: 'broker-down', knownAfterMs: 0 },
    says: /^Kafka (has refused connections|hasn't answered)/,
    follows: /nothing can be read or committed/,
    async make() {
      await stage.world.stack.stopService('kafka', { signal: 'SIGKILL' })
      return () => stage.world.stack.startService('kafka')
    },
  },
  {
    ...{ fault: 'more comes than is processed', kind: 'lag-growing', knownAfterMs: 3_000 },
    says: /^more comes than is processed: lag [\d,]+ records/,
    follows: /records\/s are processed/,
    async make() {
      const { done } = stage.world.startFleet({ ...figures, rate: 'max', count: 1_000_000 })
      await until(async () => ((await known())?.application.lag.ms ?? 0) >= 2_000, 'a lag of two seconds')
      return () => done
    },
  },
]

/** What the page says from now on, and when: so that a fault that is named late tells what was said in its place. */
class Words {
  readonly said: string[] = []
  private readonly begunAt = performance.now()
  private readonly timer = setInterval(() => void this.look(), 200)
  private last = ''

  stop(): void {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    const sentences = await card()
      .locator('.finding-sentence, .verdict-line')
      .allInnerTexts()
      .catch(() => [])
    // The same with another age is the same.
    const now = sentences.join(' | ').replaceAll(/\d[\d,.]*/g, '…')
    if (now === this.last) return
    this.last = now
    this.said.push(`${Math.round(performance.now() - this.begunAt)} ms: ${sentences.join(' | ')}`)
  }
}

test.each(faults)('$fault: it is named with its cause, and green again', async ({ fault, kind, ...its }) => {
  await isWell()
  const mend = await its.make()
  const madeAt = performance.now()
  const words = new Words()
  const finding = card().locator('.finding', { has: overview.locator('.finding-sentence', { hasText: its.says }) })
  try {
    await shown(finding.locator('.finding-sentence')).says(its.says, 60_000)
    const afterMs = performance.now() - madeAt
    if (its.follows !== undefined) await shown(finding.locator('.chain')).says(its.follows)
    expect((await known())?.diagnosis.findings.map(each => each.kind)).toContain(kind)
    const lateMs = Math.max(0, afterMs - its.knownAfterMs)
    const limit = (loadavg()[0] ?? 0) < 2 ? limits.quiet : limits.busy
    named.push([fault, `${Math.round(lateMs)} ms after it can be known`])
    if (lateMs > limits.quiet) named.push(...words.said.map(said => ['', said] as [string, string]))
    expect(lateMs).toBeLessThan(limit)
  } finally {
    words.stop()
    await mend()
  }
  await isWell()
})

test('a group that nobody reads with is named on the overview', async () => {
  const brokers = `${stage.world.environment.KAFKA_BROKERS}`.split(',')
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const groupId = 'left-alone'
  await admin.setOffsets({ groupId, topic: 'sensor_data', partitions: [{ partition: 0, offset: '0' }] })
  const warning = overview.locator('.finding', { hasText: groupId })
  // Groups are surveyed less often the busier the machine is.
  await shown(warning).says(/nobody consumes/, 90_000)
  await admin.deleteGroups([groupId])
  await admin.disconnect()
  await shown(warning).isMany(0, 0, 90_000)
})
