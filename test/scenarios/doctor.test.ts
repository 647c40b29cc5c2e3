import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { type Cluster, createCluster, ensureTopics } from '../../src/connectors/kafka'
import { migrate } from '../../src/connectors/postgres/migrate'
import { groupOf } from '../../src/names'
import type { Stack } from '../../src/stack/stack'
import { json, weir } from '../ops/weir'
import { laneServices } from './services'
import { hasMosquitto, Mosquitto } from './world/mosquitto'
import { TopologyProcess } from './world/topology-process'

const file = 'test/scenarios/world/ten-things.ts'
const before = { ...process.env }
let stack: Stack
let cluster: Cluster
let broker: Mosquitto
let scratch: string
let settings: Record<string, string>

interface Row {
  readonly where: string
  readonly what: string
  readonly mend: string
}

async function sql<T>(text: string): Promise<T[]> {
  const client = new Client({ connectionString: stack.addresses.databaseUrl })
  await client.connect()
  try {
    return (await client.query(text)).rows as T[]
  } finally {
    await client.end()
  }
}

beforeAll(async () => {
  stack = await laneServices(['kafka', 'registry', 'postgres'])
  scratch = mkdtempSync(join(tmpdir(), 'weir-doctor-'))
  broker = await Mosquitto.start(['retain_available false'])
  const { kafkaBrokers, registryUrl, databaseUrl } = stack.addresses
  const asReader = new URL(databaseUrl)
  asReader.username = 'doctor_role'
  settings = {
    ...{ KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: registryUrl, MQTT_URL: broker.url },
    ...{ DATABASE_URL: asReader.href, REPLICATION_FACTOR: '3', STATE_DIR: join(scratch, 'a-file', 'state') },
  }
  writeFileSync(join(scratch, 'a-file'), 'no folder')
  cluster = createCluster({ brokers: kafkaBrokers.split(','), clientId: 'doctor-test' })
  await ensureTopics(cluster, [
    ...[
      ['doctor_wide', 3],
      ['doctor_narrow', 2],
      ['doctor_typed', 2],
      ['doctor_counted', 2],
    ].map(([topic, partitions]) => ({ topic: String(topic), partitions: Number(partitions) })),
    { topic: 'ten-things-counted-changelog', partitions: 2, configs: { 'cleanup.policy': 'delete' } },
  ])
  const other = { type: 'record', name: 'DoctorOrder', fields: [{ name: 'id', type: 'long' }] }
  await new ConfluentRegistry({ url: registryUrl }).idOf('doctor_refused-value', other)
  await migrate(databaseUrl, [])
  await sql(`DROP ROLE IF EXISTS doctor_role; CREATE ROLE doctor_role LOGIN;
    GRANT SELECT, INSERT, UPDATE ON weir_positions TO doctor_role;
    CREATE TABLE doctor_unlike (id text NOT NULL, amount integer NOT NULL, kafka_partition integer NOT NULL, kafka_offset bigint NOT NULL);
    GRANT INSERT ON doctor_unlike TO doctor_role;
    CREATE TABLE doctor_forbidden (id text NOT NULL, amount double precision NOT NULL, kafka_partition integer NOT NULL, kafka_offset bigint NOT NULL)`)
  Object.assign(process.env, settings)
})
afterAll(async () => {
  for (const name of Object.keys(settings ?? {})) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
  jest.restoreAllMocks()
  await cluster?.disconnect()
  await broker?.stop()
  rmSync(scratch, { recursive: true, force: true })
  await sql(
    'DROP TABLE IF EXISTS doctor_unlike, doctor_forbidden; REVOKE ALL ON weir_positions FROM doctor_role; DROP ROLE doctor_role',
  )
})

/** All that a preflight could have made. */
async function everything() {
  return {
    topics: (await cluster.allTopics())
      .map(({ topic }) => topic)
      .filter(topic => !topic.startsWith('__'))
      .sort(),
    subjects: await (await fetch(`${stack.addresses.registryUrl}/subjects`)).json(),
    tables: await sql('SELECT schemaname, tablename FROM pg_tables ORDER BY 1, 2'),
    positions: await sql("SELECT * FROM weir_positions WHERE application = 'ten-things'"),
    groups: (await json<{ group: string }[]>(['groups', 'list']))
      .map(({ group }) => group)
      .filter(group => group === groupOf('ten-things')),
  }
}

/** What is broken, and what has to be said of it, in the order of the services. */
const broken: readonly (readonly [where: string, what: RegExp, mend: RegExp])[] = [
  ['this machine', /a-file\/state, where stores are kept on disk, can't be written/, /STATE_DIR/],
  ['Kafka', /different numbers of partitions \(doctor_wide 3, doctor_narrow 2\)/, /^$/],
  ['Kafka', /topic doctor_missing doesn't exist/, /^npx weir topics create doctor_missing --partitions 10$/],
  [
    'Kafka',
    /ten-things-counted-changelog has cleanup.policy=delete/,
    /^npx weir topics config ten-things-counted-changelog --set cleanup.policy=compact --yes$/,
  ],
  ['Kafka', /REPLICATION_FACTOR is 3, and the cluster has 1 broker/, /REPLICATION_FACTOR=1$/],
  ['schema registry', /no schema for topic doctor_typed/, /^npx weir schemas register doctor_typed-value <file>/],
  [
    'schema registry',
    /doctor_refused-value: the schema is incompatible: .*amount/,
    /^npx weir schemas diff doctor_refused-value FILE/,
  ],
  ['Postgres', /^table doctor_absent is missing$/, /^npx weir migrate test\/scenarios\/world\/ten-things.ts$/],
  [
    'Postgres',
    /^table doctor_unlike: column amount is integer, not double precision$/,
    /ALTER TABLE "doctor_unlike" ALTER COLUMN "amount" TYPE/,
  ],
  [
    'Postgres',
    /^role doctor_role may not INSERT on "doctor_forbidden"$/,
    /GRANT INSERT ON "doctor_forbidden" TO "doctor_role"/,
  ],
  ['this machine', /the clock is \d+ s ahead of Postgres's/, /timedatectl set-ntp true/],
  ['MQTT broker', /keeps no retained messages, which target mqtt:doctor\/\{id\} needs/, /MQTT_URL/],
]

const onMosquitto = hasMosquitto ? test : test.skip

onMosquitto(
  'twelve things are broken: weir doctor says each in a line with what mends it, exits with 1, and has made nothing',
  async () => {
    const at = await everything()
    const now = Date.now
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 7_200_000)
    const ran = await weir(['doctor', file, '-o', 'json'])
    const shown = await weir(['doctor', file])
    jest.restoreAllMocks()
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('12 things are missing or unlike')
    const rows = JSON.parse(ran.stdout) as Row[]
    expect(rows).toEqual(
      broken.map(([where, what, mend]) =>
        expect.objectContaining({ where, what: expect.stringMatching(what), mend: expect.stringMatching(mend) }),
      ),
    )
    // A line for each, below the titles.
    expect(shown.lines).toHaveLength(1 + broken.length)
    expect(await everything()).toEqual(at)
  },
)

onMosquitto('a start says the same before anything else, and ends with 2', async () => {
  const at = await everything()
  const worker = new TopologyProcess(settings, [file])
  expect(await worker.exited).toMatchObject({ code: 2 })
  const said = worker.lines.join('\n')
  expect(said).toContain('11 things are missing or unlike, nothing was started:')
  for (const [, what] of broken.filter(each => !each[1].source.includes('clock')))
    expect(said).toMatch(new RegExp(what.source.replace(/^\^|\$$/g, '')))
  expect(await everything()).toEqual(at)
})

test('a service that is away is said to be, and hides nothing of the others', async () => {
  process.env.SCHEMA_REGISTRY_URL = 'http://127.0.0.1:1/apis/ccompat/v7'
  process.env.MQTT_URL = 'mqtt://127.0.0.1:1'
  try {
    const ran = await weir(['doctor', file, '-o', 'json'])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(
      /and (schema registry and MQTT broker|MQTT broker and schema registry) could not be looked at/,
    )
    const rows = JSON.parse(ran.stdout) as (Row & { isAway: boolean })[]
    expect(
      rows
        .filter(({ isAway }) => isAway)
        .map(({ where }) => where)
        .sort(),
    ).toEqual(['MQTT broker', 'schema registry'])
    expect(rows.map(({ what }) => what)).toContain('table doctor_absent is missing')
  } finally {
    Object.assign(process.env, settings)
  }
})

test('nothing is missing where all is there', async () => {
  await ensureTopics(cluster, [{ topic: 'records', partitions: 1 }])
  process.env.REPLICATION_FACTOR = '1'
  try {
    const ran = await weir(['doctor', 'test/scenarios/world/edited.ts'])
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing is missing') })
  } finally {
    Object.assign(process.env, settings)
  }
})
