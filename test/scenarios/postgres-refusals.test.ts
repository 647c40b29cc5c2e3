import { rollup } from '../../schemas/types'
import { migrate } from '../../src/connectors/postgres/migrate'
import { postgres } from '../../src/connectors/postgres/postgres-end'
import { createPostgresSink } from '../../src/connectors/postgres/postgres-sink'
import type { PostgresTarget } from '../../src/connectors/postgres/postgres-target'
import type { Sink } from '../../src/connectors/sink'
import { ContentError, UnfitError } from '../../src/errors'
import { sinkTask } from '../../src/testing/sink-harness'
import { at, changing, chunkOf, raw, readings, type TestDatabase, testDatabase } from './postgres-database'

const rollups = postgres({ table: 'rollups', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
const texts = changing([{ name: 'text', type: 'string' }])
const keyed = changing([{ name: 'text', type: 'string' }], { table: 'keyed', mode: 'upsert', key: ['text'] })
const tables = [raw, rollups, texts, keyed]

let database: TestDatabase
const sinks: Sink[] = []
beforeAll(async () => {
  database = await testDatabase('weir_refusals')
})
afterAll(() => database.end())
beforeEach(async () => {
  await database.admin.query(
    'DROP TABLE IF EXISTS sensor_data, elsewhere, rollups, changing, keyed, weir_positions, weir_migrations CASCADE',
  )
  await migrate(database.url, tables)
})
afterEach(() => Promise.all(sinks.splice(0).map(sink => sink.close())))

async function opened(targets: readonly PostgresTarget[], url = database.url, partitions = [0]): Promise<Sink> {
  const sink = createPostgresSink(targets, { databaseUrl: url, application: 'app', clusterId: 'c' })
  sinks.push(sink)
  await sink.open(partitions.map(partition => sinkTask(partition)))
  return sink
}

const sql = (text: string) => database.admin.query(text)
const count = async (table: string) => (await database.column(`SELECT count(*)::int FROM ${table}`))[0]

/** Why these values are refused; what is refused once is refused alone, and its neighbours are taken. */
async function refusal(target: PostgresTarget, values: readonly unknown[]): Promise<Error> {
  const sink = await opened([target])
  await sink.write('0_0', target, chunkOf(target, values))
  const refused = await sink.commit([at(0, values.length + 1)]).then(
    () => new Error('it was taken'),
    (error: Error) => error,
  )
  expect(await count(target.table)).toBe(0)
  return refused
}

describe('a row that Postgres refuses for what it is', () => {
  it('is named with its record, and what was refused can be written again without it', async () => {
    await sql('ALTER TABLE sensor_data ADD CONSTRAINT cold CHECK (sensor_id <> 1234)')
    const sink = await opened([raw], database.url, [0, 3])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 1000)))
    await sink.write('0_3', raw, chunkOf(raw, readings(1001, 2000), { partition: 3 }))
    await expect(sink.commit([at(0, 1001), at(3, 1001)])).rejects.toMatchObject({
      name: 'ContentError',
      message: expect.stringMatching(/violates check constraint "cold": Failing row .*constraint cold, SQLSTATE 23514/),
      position: { topic: 'contract', partition: 3, offset: 234 },
    })
    expect(await sink.open([sinkTask(0), sinkTask(3)])).toEqual([0, 0])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 1000)))
    await sink.write('0_3', raw, chunkOf(raw, readings(1001, 1233), { partition: 3 }))
    await sink.commit([at(0, 1001), at(3, 1001)])
    expect(await count('sensor_data')).toBe(1233)
  })

  it.each([
    ['copied', raw, readings(1, 2000)],
    ['upserted', keyed, Array.from({ length: 2000 }, (_, i) => ({ text: `${i + 1}` }))],
  ])('is named with all others that are, however many, when they are %s', async (_, target, values) => {
    const column = target === raw ? 'sensor_id' : 'text'
    await sql(`ALTER TABLE ${target.table} ADD CONSTRAINT fine CHECK (${column}::integer % 100 <> 7)`)
    const error = (await refusal(target, values)) as ContentError
    expect(error).toBeInstanceOf(ContentError)
    const named = [error, ...error.others].map(({ position }) => position?.offset)
    expect(named).toEqual(Array.from({ length: 20 }, (_, i) => 7 + 100 * i))
    expect(error.others.at(-1)?.message).toMatch(/violates check constraint "fine": Failing row .*1907/)
  })

  it('for one before it is named, and that one is not', async () => {
    await sql('ALTER TABLE changing ADD UNIQUE (text)')
    const values = Array.from({ length: 1000 }, (_, i) => ({ text: `${i % 900}` }))
    const error = (await refusal(texts, values)) as ContentError
    const named = [error, ...error.others].map(({ position }) => position?.offset)
    expect(named).toEqual(Array.from({ length: 100 }, (_, i) => 901 + i))
  })

  it('by a trigger', async () => {
    await sql(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.sensor_id = 7 THEN RAISE 'sensor % is banned', NEW.sensor_id; END IF;
        RETURN NEW;
      END $$`)
    await sql('CREATE TRIGGER refusing BEFORE INSERT ON sensor_data FOR EACH ROW EXECUTE FUNCTION refuse()')
    expect(await refusal(raw, readings(1, 9))).toMatchObject({
      name: 'ContentError',
      message: expect.stringMatching(/sensor 7 is banned: in PL\/pgSQL function refuse\(\) line 3/),
      position: { offset: 7 },
    })
  })

  it.each([
    [
      'a generated column',
      'ALTER TABLE changing ADD n integer GENERATED ALWAYS AS (1 / (length(text) - 3)) STORED',
      /division by zero/,
    ],
    ['a unique constraint', 'ALTER TABLE changing ADD UNIQUE (text)', /Key \(text\)=\(abc\) already exists/],
    [
      'a foreign key that is checked at the commit',
      'CREATE TABLE IF NOT EXISTS known (text text PRIMARY KEY); ALTER TABLE changing ADD FOREIGN KEY (text) REFERENCES known DEFERRABLE INITIALLY DEFERRED',
      /is not present in table "known"/,
    ],
    [
      'a domain',
      'DROP DOMAIN IF EXISTS short; CREATE DOMAIN short AS text CHECK (length(VALUE) < 3); ALTER TABLE changing ALTER text TYPE short',
      /domain short violates check constraint/,
    ],
    [
      'an expression index',
      'CREATE INDEX ON changing ((text::integer))',
      /invalid input syntax for type integer: "abc"/,
    ],
    [
      'an index that it is too large for',
      'CREATE INDEX ON changing (text); ALTER TABLE changing ALTER text SET STORAGE EXTERNAL',
      /index row (size|requires)/,
    ],
  ])('by %s', async (_, change, words) => {
    await sql(change)
    const long = Array.from({ length: 6000 }, (_, i) => String.fromCharCode(33 + ((i * i * 7919) % 90))).join('')
    const refused = await refusal(texts, [{ text: 'abc' }, { text: 'abc' }, { text: long }])
    expect(refused).toBeInstanceOf(ContentError)
    expect(refused.message).toMatch(words)
  })

  it('for the size of its key', async () => {
    const key = Array.from({ length: 6000 }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('')
    const refused = await refusal(keyed, [{ text: 'a' }, { text: key }])
    expect(refused).toBeInstanceOf(ContentError)
    expect(refused.message).toMatch(/index row.*exceeds.*SQLSTATE 54000/)
  })

  it('by row-level security, whose code is that of a missing right', async () => {
    await sql('DROP ROLE IF EXISTS weir_tenant; CREATE ROLE weir_tenant LOGIN; GRANT weir_tenant TO CURRENT_USER')
    await sql('GRANT SELECT, INSERT, UPDATE ON keyed, weir_positions TO weir_tenant')
    await sql('ALTER TABLE keyed ENABLE ROW LEVEL SECURITY')
    await sql("CREATE POLICY own ON keyed USING (true) WITH CHECK (text <> 'other')")
    const sink = await opened([keyed], as('weir_tenant'))
    await sink.write('0_0', keyed, chunkOf(keyed, [{ text: 'mine' }, { text: 'other' }]))
    await expect(sink.commit([at(0, 3)])).rejects.toThrow(ContentError)
    await sql('DROP OWNED BY weir_tenant; DROP ROLE weir_tenant')
  })
})

/** The database's URL for another role. */
function as(role: string): string {
  const url = new URL(database.url)
  url.username = role
  return url.href
}

describe('a table that was altered', () => {
  it.each([
    [
      'ALTER TABLE sensor_data ALTER temperature TYPE bigint',
      /table sensor_data: column temperature is bigint, not double precision: `ALTER TABLE "sensor_data" ALTER COLUMN "temperature" TYPE double precision`/,
    ],
    ['ALTER TABLE sensor_data ALTER temperature TYPE text', /column temperature is text, not double precision/],
    ['ALTER TABLE sensor_data ALTER timestamp TYPE timestamptz(0)', undefined],
    ['ALTER TABLE sensor_data DROP temperature', /column temperature is new and may not be null/],
    [
      'ALTER TABLE sensor_data RENAME temperature TO t',
      /column temperature is new.*column t is not in the schema and may not be null/,
    ],
    ['ALTER TABLE sensor_data ADD extra integer NOT NULL', /column extra is not in the schema and may not be null/],
    ['ALTER TABLE sensor_data RENAME TO elsewhere', /table sensor_data is missing: `weir migrate` makes it/],
    ['DROP TABLE sensor_data_default', /`weir migrate` does `CREATE TABLE "sensor_data_default" PARTITION OF/],
  ])('between two commits takes no row: %s', async (change, words) => {
    const sink = await opened([raw])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.commit([at(0, 4)])
    await sql('TRUNCATE sensor_data')
    // What Postgres itself refuses for a column that partitions depend on is no alteration.
    const isAltered = await sql(change).then(
      () => true,
      () => false,
    )
    expect(isAltered).toBe(words !== undefined)
    if (words === undefined) return
    await sink.write('0_0', raw, chunkOf(raw, readings(4, 6), { first: 4 }))
    await expect(sink.commit([at(0, 7)])).rejects.toThrow(UnfitError)
    // Neither does the next takeover, by this worker or another; nobody is fenced by it.
    await expect(sink.open([sinkTask(0)])).rejects.toThrow(words)
    await expect(opened([raw])).rejects.toThrow(words)
  })

  it('waits, and goes on where it was once the table is as it should be', async () => {
    const sink = await opened([raw])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.commit([at(0, 4)])
    await sql('ALTER TABLE sensor_data ALTER temperature TYPE bigint')
    await expect(sink.open([sinkTask(0)])).rejects.toThrow(UnfitError)
    await sql('ALTER TABLE sensor_data ALTER temperature TYPE double precision')
    expect(await sink.open([sinkTask(0)])).toEqual([4])
    await sink.write('0_0', raw, chunkOf(raw, [{ ...readings(4, 4)[0], temperature: 3.5 }], { first: 4 }))
    await sink.commit([at(0, 5)])
    expect(await database.column('SELECT temperature FROM sensor_data WHERE sensor_id = 4')).toEqual([3.5])
  })

  it('in a way that does no harm is taken as it is', async () => {
    const sink = await opened([raw, rollups])
    await sql('ALTER TABLE sensor_data ADD note text, ADD at timestamptz NOT NULL DEFAULT now()')
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.commit([at(0, 4)])
    await sink.write('0_0', raw, chunkOf(raw, readings(4, 6), { first: 4 }))
    await sink.commit([at(0, 7)])
    expect(await count('sensor_data')).toBe(6)
  })

  it('while rows are streamed to it waits for their commit', async () => {
    const sink = await opened([raw])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 5000)))
    const copying =
      "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()"
    while ((await database.column(copying))[0] === 0) await new Promise(resolve => setTimeout(resolve, 10))
    const altered = sql('ALTER TABLE sensor_data ALTER temperature TYPE bigint')
    await sink.commit([at(0, 5001)])
    await altered
    expect(await database.column('SELECT DISTINCT temperature::int FROM sensor_data')).toEqual([20])
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 1), { first: 5001 }))
    await expect(sink.commit([at(0, 5002)])).rejects.toThrow(/column temperature is bigint/)
  })

  it('and an upsert: no value is rounded into a column of another type', async () => {
    const sink = await opened([rollups])
    await sql('ALTER TABLE rollups ALTER mean TYPE bigint')
    const value = { sensor_id: 1, window_start: 1, window_end: 2, count: 1, sum: 1.5, min: 1.5, max: 1.5, mean: 1.5 }
    await sink.write('0_0', rollups, chunkOf(rollups, [value]))
    await expect(sink.commit([at(0, 2)])).rejects.toThrow(/column mean is bigint, not double precision/)
    await sql('ALTER TABLE rollups ALTER mean TYPE double precision; ALTER TABLE rollups DROP CONSTRAINT rollups_pkey')
    await expect(sink.open([sinkTask(0)])).rejects.toThrow(/its key is \(\), not \(sensor_id, window_start\)/)
  })
})

describe('a right that is missing', () => {
  beforeEach(() =>
    sql('DROP ROLE IF EXISTS weir_writer; CREATE ROLE weir_writer LOGIN; GRANT weir_writer TO CURRENT_USER'),
  )
  afterEach(() => sql('DROP OWNED BY weir_writer; DROP ROLE weir_writer'))

  it('is named with role, table and the statement that grants it, at the takeover and between commits', async () => {
    const url = as('weir_writer')
    await sql('GRANT SELECT, INSERT, UPDATE ON weir_positions TO weir_writer')
    const refused = opened([raw, rollups], url)
    await expect(refused).rejects.toThrow(UnfitError)
    await expect(refused).rejects.toThrow(
      'role weir_writer may not INSERT on "sensor_data": `GRANT INSERT ON "sensor_data" TO "weir_writer"`; ' +
        'role weir_writer may not INSERT, SELECT, UPDATE on "rollups": `GRANT INSERT, SELECT, UPDATE ON "rollups" TO "weir_writer"`',
    )
    await sql('GRANT INSERT ON sensor_data TO weir_writer')
    const sink = await opened([raw], url)
    await sink.write('0_0', raw, chunkOf(raw, readings(1, 3)))
    await sink.commit([at(0, 4)])
    await sql('REVOKE INSERT ON sensor_data FROM weir_writer')
    await sink.write('0_0', raw, chunkOf(raw, readings(4, 4), { first: 4 }))
    await expect(sink.commit([at(0, 5)])).rejects.toMatchObject({
      name: 'UnfitError',
      message: expect.stringContaining('permission denied for table sensor_data'),
    })
  })
})

describe('weir_positions', () => {
  it('changed by hand is no proof of another owner', async () => {
    const sink = await opened([raw])
    await sink.commit([at(0, 4)])
    await sql('UPDATE weir_positions SET next_offset = 2')
    await expect(sink.commit([at(0, 6)])).rejects.toMatchObject({
      name: 'SinkError',
      fatal: false,
      message: expect.stringContaining('contract[0] is 2, this worker left it at 4'),
    })
    await sql('DELETE FROM weir_positions')
    await sink.open([sinkTask(0, { offset: 4 })])
    await sql('DELETE FROM weir_positions')
    await expect(sink.commit([at(0, 6)])).rejects.toThrow(/contract\[0\] is gone/)
    expect(await sink.open([sinkTask(0, { offset: 4 })])).toEqual([4])
  })

  it('from before topics had ids takes the id of the topic that is there', async () => {
    const sink = await opened([raw])
    await sink.commit([at(0, 4)])
    await sql("UPDATE weir_positions SET topic_id = ''")
    expect(await sink.open([sinkTask(0)])).toEqual([4])
    expect(await database.column('SELECT topic_id FROM weir_positions')).toEqual(['contract-id'])
  })

  it('that contradicts Kafka is refused with the statement that goes on, which does', async () => {
    const sink = await opened([raw])
    await sink.commit([at(0, 4)])
    const refused = await sink.open([sinkTask(0, { endOffset: 3 })]).catch((error: Error) => error.message)
    expect(refused).toMatch(/position 4 of contract\[0\] is past the topic's end 3/)
    await sql(/`(DELETE FROM weir_positions [^`]+)`/.exec(`${refused}`)?.[1] ?? 'none')
    expect(await sink.open([sinkTask(0, { endOffset: 3, offset: 2 })])).toEqual([2])
  })

  it('of a database that was not migrated says what makes it', async () => {
    await sql('DROP TABLE weir_positions')
    await expect(opened([raw])).rejects.toThrow(/relation "weir_positions" does not exist.*`weir migrate`/)
  })
})
