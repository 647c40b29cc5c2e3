import { Client } from 'pg'
import { rollup } from '../../schemas/types'
import { inspectTables } from '../../src/connectors/postgres/inspect-tables'
import { migrate } from '../../src/connectors/postgres/migrate'
import { postgres } from '../../src/connectors/postgres/postgres-end'
import { ConfigError } from '../../src/errors'
import { changing, raw, type TestDatabase, testDatabase } from './postgres-database'

const rollups = postgres({ table: 'rollups', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('weir_migrate')
})
afterAll(() => database.end())

const column = (query: string) => database.column(query)

async function connect(url = database.url): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return client
}

describe('migrate', () => {
  beforeEach(async () => {
    await database.admin.query(
      'DROP TABLE IF EXISTS sensor_data, rollups, changing, weir_positions, weir_migrations CASCADE',
    )
  })

  it('makes the tables once, and says so', async () => {
    const said = await migrate(database.url, [raw, rollups])
    expect(said.slice(0, 6)).toEqual([
      'applied 001-positions.sql',
      'applied 002-topic-ids.sql',
      'created table sensor_data',
      'created index on sensor_data (timestamp)',
      'created partition sensor_data_default for all times without one of their own',
      'created table rollups',
    ])
    expect(said.slice(6)).toHaveLength(9)
    expect(await migrate(database.url, [raw, rollups])).toEqual([])
    expect(await Promise.all([migrate(database.url, [raw]), migrate(database.url, [raw])])).toEqual([[], []])
  })

  it('two at the same time make the tables once', async () => {
    const [one, two] = await Promise.all([migrate(database.url, [raw]), migrate(database.url, [raw])])
    // Each partition is a turn of its own.
    expect(new Set([...one, ...two]).size).toBe(14)
    expect(one.length + two.length).toBe(14)
  })

  it('puts rows of today into a partition of today, all others into the DEFAULT one', async () => {
    await migrate(database.url, [raw])
    await database.admin.query(
      "INSERT INTO sensor_data VALUES (1, 1, now(), 0, 0), (2, 1, now() - interval '1 year', 0, 1)",
    )
    const [day] = await column(
      "SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYYMMDD') FROM sensor_data WHERE sensor_id = 1",
    )
    expect(await column('SELECT tableoid::regclass::text FROM sensor_data ORDER BY sensor_id')).toEqual([
      `sensor_data_p${day}`,
      'sensor_data_default',
    ])
  })

  it('moves rows from the DEFAULT partition to the new one of their day, and drops old days', async () => {
    await migrate(database.url, [{ ...raw, partition: { by: 'timestamp', aheadDays: 0, retentionDays: 30 } }])
    await database.admin.query(
      "INSERT INTO sensor_data SELECT n, 1, now() + interval '2 days', 0, n FROM generate_series(1, 5) AS n",
    )
    await database.admin.query(
      `CREATE TABLE sensor_data_p20200102 PARTITION OF sensor_data FOR VALUES FROM ('2020-01-02 00:00+00') TO ('2020-01-03 00:00+00')`,
    )
    const said = await migrate(database.url, [raw])
    expect(said).toHaveLength(8)
    expect(said[1]).toMatch(/^created partition sensor_data_p\d{8}, moved 5 rows to it$/)
    expect(said[7]).toBe('dropped partition sensor_data_p20200102')
    expect(await column('SELECT count(*)::int FROM sensor_data_default')).toEqual([0])
    expect(await column('SELECT count(*)::int FROM sensor_data')).toEqual([5])
  })

  it('skips a partition whose table is locked, with a note', async () => {
    await migrate(database.url, [{ ...raw, partition: { by: 'timestamp', aheadDays: 0, retentionDays: 30 } }])
    await database.admin.query("INSERT INTO sensor_data VALUES (1, 1, now() + interval '1 day', 0, 0)")
    const other = await connect()
    await other.query('BEGIN; LOCK TABLE sensor_data_default IN ROW EXCLUSIVE MODE')
    const said = await migrate(database.url, [
      { ...raw, partition: { by: 'timestamp', aheadDays: 1, retentionDays: 30 } },
    ])
    expect(said).toEqual([expect.stringMatching(/^not created partition .*, later: .*lock timeout/)])
    await other.end()
    expect(await migrate(database.url, [raw])).toHaveLength(7)
  })

  it('adds columns that may be null, and loosens', async () => {
    await migrate(database.url, [changing([{ name: 'a', type: 'int' }])])
    const wider = changing([
      { name: 'a', type: ['null', 'int'] },
      { name: 'b', type: ['null', 'string'], default: null },
    ])
    expect(await migrate(database.url, [wider])).toEqual(['changing: column a may be null', 'changing: added column b'])
    expect(await migrate(database.url, [wider])).toEqual([])
  })

  it('what it would do is told as what is missing, each a sentence of its own', async () => {
    const unit = (...symbols: string[]) => ({ name: 'unit', type: { type: 'enum', name: 'Unit', symbols } })
    await migrate(database.url, [changing([{ name: 'a', type: 'int' }, unit('C')] as never)])
    const wider = changing([
      { name: 'a', type: ['null', 'int'] },
      { name: 'b', type: ['null', 'string'], default: null },
      unit('C', 'F'),
    ] as never)
    const { findings } = await inspectTables(database.url, [wider], 'npx weir migrate', Date.now)
    const unlike = 'table changing is not as its schema says'
    expect(findings).toEqual([
      { what: `${unlike}: column a may not be null`, mend: 'npx weir migrate' },
      { what: `${unlike}: column b is missing`, mend: 'npx weir migrate' },
      { what: `${unlike}: column unit may not be F`, mend: 'npx weir migrate' },
    ])
  })

  it('refuses what does not fit, with the names, and changes nothing', async () => {
    await migrate(database.url, [
      changing([
        { name: 'a', type: 'int' },
        { name: 'gone', type: 'int' },
      ]),
    ])
    const other = changing([
      { name: 'a', type: 'string' },
      { name: 'b', type: ['null', 'string'] },
      { name: 'c', type: 'long' },
    ])
    const refused = migrate(database.url, [other])
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(
      'Postgres table changing does not fit schema and target: ' +
        'column a is integer, not text: `ALTER TABLE "changing" ALTER COLUMN "a" TYPE text`; ' +
        'column c is new and may not be null: make it a union with null, or say what former rows have: ' +
        '`ALTER TABLE "changing" ADD COLUMN "c" bigint NOT NULL DEFAULT …`; ' +
        'column gone is not in the schema and may not be null: drop it, or `ALTER TABLE "changing" ALTER COLUMN "gone" DROP NOT NULL`',
    )
    const keyed = changing(
      [
        { name: 'a', type: 'int' },
        { name: 'gone', type: 'int' },
      ],
      { mode: 'upsert', key: ['a'] },
    )
    await expect(migrate(database.url, [keyed])).rejects.toThrow(/its key is \(\), not \(a\)/)
    expect(
      await migrate(database.url, [
        changing([
          { name: 'a', type: 'int' },
          { name: 'gone', type: 'int' },
        ]),
      ]),
    ).toEqual([])
  })

  it('makes the DEFAULT partition again', async () => {
    await migrate(database.url, [raw])
    await database.admin.query('DROP TABLE sensor_data_default')
    expect(await migrate(database.url, [raw])).toEqual([
      'created partition sensor_data_default for all times without one of their own',
    ])
  })

  it('takes a domain and an unbounded varchar for what they hold, and nothing that would change a value', async () => {
    const target = changing([
      { name: 'a', type: 'int' },
      { name: 'b', type: 'string' },
    ])
    await database.admin.query('DROP DOMAIN IF EXISTS positive; CREATE DOMAIN positive AS integer CHECK (VALUE > 0)')
    const columns = 'kafka_partition integer NOT NULL, kafka_offset bigint NOT NULL'
    await database.admin.query(`CREATE TABLE changing (a positive NOT NULL, b varchar NOT NULL, ${columns})`)
    await migrate(database.url, [target])
    await database.admin.query('ALTER TABLE changing ALTER b TYPE varchar(10)')
    await expect(migrate(database.url, [target])).rejects.toThrow(/column b is character varying\(10\), not text/)
  })

  it('takes any unique index for the key of an upsert', async () => {
    const fields = [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int' },
    ]
    const target = changing(fields, { mode: 'upsert', key: ['b', 'a'] })
    await database.admin.query('CREATE TABLE changing (a integer NOT NULL, b integer NOT NULL)')
    await database.admin.query('CREATE UNIQUE INDEX part ON changing (a, b) WHERE a > 0')
    await expect(migrate(database.url, [target])).rejects.toThrow(
      /its key is \(\), not \(b, a\): .*ADD UNIQUE \("b", "a"\)/,
    )
    await database.admin.query('CREATE UNIQUE INDEX whole ON changing (a, b)')
    expect((await migrate(database.url, [target])).filter(line => line.includes('changing'))).toEqual([])
  })

  it('needs no right on the database where the schema is there, and CREATE on the schema only', async () => {
    const { admin } = database
    await admin.query('DROP SCHEMA IF EXISTS ours CASCADE; CREATE SCHEMA ours')
    await admin.query('DROP ROLE IF EXISTS weir_modest; CREATE ROLE weir_modest LOGIN')
    await admin.query('GRANT USAGE, CREATE ON SCHEMA ours TO weir_modest')
    const url = new URL(database.url)
    url.username = 'weir_modest'
    url.searchParams.set('options', '-c search_path=ours')
    const target = postgres({ table: 'ours.readings', schema: rollup, mode: 'append' })
    expect(await migrate(url.href, [target])).toContain('created table ours.readings')
    // Whose right to make more is gone can still see that there is nothing to do.
    await admin.query('REVOKE CREATE ON SCHEMA ours FROM weir_modest')
    expect(await migrate(url.href, [target])).toEqual([])
    const elsewhere = postgres({ table: 'theirs.readings', schema: rollup, mode: 'append' })
    await expect(migrate(url.href, [elsewhere])).rejects.toThrow(
      /permission denied for database weir_migrate.*grant the right to role "weir_modest"/,
    )
    await admin.query('DROP SCHEMA ours CASCADE; DROP ROLE weir_modest')
  })

  it('makes a schema that is missing', async () => {
    await database.admin.query('DROP SCHEMA IF EXISTS made CASCADE')
    const target = postgres({ table: 'made.readings', schema: rollup, mode: 'append' })
    expect((await migrate(database.url, [target])).slice(-2)).toEqual([
      'created schema made',
      'created table made.readings',
    ])
  })
})
