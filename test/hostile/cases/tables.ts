import { type AvroSchema, postgres, topology } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { type Scene, same } from '../scene'
import { type GivenRow, givenRows, optional } from './given-rows'
import { good, item, serdes, tableOf, two } from './parts'

/** A table with a column of each type that has limits of its own. */
interface Kinds {
  readonly id: string
  readonly i: number | null
  readonly l: number | null
  readonly us: number | null
  readonly ms: number | null
  readonly d: number | null
  readonly s: string | null
}
const kinds: AvroSchema<Kinds> = {
  name: 'kinds',
  json: {
    type: 'record',
    name: 'Kinds',
    namespace: 'hostile',
    fields: [
      { name: 'id', type: 'string' },
      optional('i', 'int'),
      optional('l', 'long'),
      optional('us', { type: 'long', logicalType: 'timestamp-micros' }),
      optional('ms', { type: 'long', logicalType: 'timestamp-millis' }),
      optional('d', 'double'),
      optional('s', 'string'),
    ],
  },
}

const inputs: readonly GivenRow<Partial<Kinds>>[] = [
  { came: 'the largest integer', row: { i: 2147483647 }, holds: ['i', '2147483647'] },
  { came: 'an integer of one more', row: { i: 2147483648 }, says: /column i: .* 32-bit integer/ },
  { came: 'half an integer', row: { i: 0.5 }, says: /column i/ },
  { came: 'a long of 2^53 - 1', row: { l: 9007199254740991 }, holds: ['l', '9007199254740991'] },
  { came: 'a long of 2^53', row: { l: 2 ** 53 }, says: /column l/ },
  { came: 'a double of 1.7e308', row: { d: 1.7e308 }, holds: ['d', '1.7e+308'] },
  { came: 'a double that is the smallest there is', row: { d: 5e-324 }, holds: ['d', '5e-324'] },
  { came: 'a double as text', row: { d: '1.5' as never }, says: /column d/ },
  { came: 'µs of the year 2255', row: { us: 9007199254740991 }, holds: ['us', '2255-06-05 23:47:34.740991+00'] },
  { came: 'µs before 1970', row: { us: -1 }, holds: ['us', '1969-12-31 23:59:59.999999+00'] },
  { came: 'µs that are no safe integer', row: { us: 1e17 }, says: /column us/ },
  { came: "ms of ECMAScript's last time", row: { ms: 8.64e15 }, holds: ['ms', '275760-09-13 00:00:00+00'] },
  { came: 'ms of one more', row: { ms: 8.64e15 + 1 }, says: /column ms/ },
  { came: "ms before Postgres's first time", row: { ms: -8.64e15 }, says: /column ms/ },
  { came: 'a text with NUL', row: { s: 'a\u0000b' }, says: /column s: the text holds NUL/ },
  { came: 'a text with half a character', row: { s: 'a\ud800b' }, says: /column s: .*surrogate/ },
  { came: 'a text with U+10FFFF', row: { s: '\u{10ffff}' }, holds: ['s', '\u{10ffff}'] },
  { came: 'a text of quotes and backslashes', row: { s: `'";\\.\n\t--` }, holds: ['s', `'";\\.\n\t--`] },
  { came: 'no id', row: { id: null as never }, says: /column id/ },
]

/** Times are shown in UTC. */
const kindText = (column: string): string =>
  column === 'us' || column === 'ms' ? `(${column} AT TIME ZONE 'UTC')::text || '+00'` : `${column}::text`

const itemRows = (mode: 'append' | 'upsert') => (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), serdes)
      .mapValues((value, key) => ({ id: key, n: value.n }))
      .to(postgres({ table: tableOf(names), schema: item, mode, ...(mode === 'upsert' && { key: ['id' as const] }) }))
  })

const numbersOf = async (scene: Scene) =>
  (await scene.sql<{ n: string }>(`SELECT n FROM ${tableOf(scene.names)}`)).map(({ n }) => String(n))

async function holdsNumbers(scene: Scene, numbers: readonly number[]): Promise<void> {
  await scene.until(async () => (await numbersOf(scene)).length >= numbers.length, `${numbers.length} rows`)
  same('rows', await numbersOf(scene), numbers.map(String))
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Many rows of one commit that the table refuses: they cost a few attempts, not one each. */
const many = (id: string, mode: 'append' | 'upsert'): Hostile => ({
  id,
  came: `2,000 records, of which the table refuses every fourth, to ${mode}`,
  topics: { in: two },
  topology: itemRows(mode),
  async run(scene) {
    await scene.working()
    await scene.sql(`ALTER TABLE ${tableOf(scene.names)} ADD CHECK (n % 4 <> 3)`)
    await scene.send('in', good(2_000))
    await holdsNumbers(
      scene,
      upTo(2_000).filter(n => n % 4 !== 3),
    )
    const letters = await scene.letters('in', 500)
    if (!letters.every(({ headers }) => /check constraint/.test(headers['weir.error.message'] ?? '')))
      throw new Error('a dead letter does not say what the table has against it')
    const attempts = scene.lines.filter(line => /content|refus/i.test(line)).length
    return `1,500 rows and 500 dead letters; ${attempts} lines of it`
  },
})

/** What only Postgres refuses, waits for, or loses. */
export const tables: readonly Hostile[] = [
  {
    id: 'V6',
    came: 'values for columns of Postgres',
    topics: { in: two },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .mapValues((value): Kinds => ({ i: null, l: null, us: null, ms: null, d: null, s: null, ...value }))
          .to(postgres({ table: tableOf(names), schema: kinds, mode: 'append' }))
      }),
    run: scene => givenRows(scene, inputs, { textOf: kindText }),
  },
  many('A5f', 'append'),
  many('A5g', 'upsert'),
  {
    id: 'A5h',
    came: 'rows that a foreign key refuses, at once and at the commit',
    topics: { in: two },
    topology: itemRows('append'),
    async run(scene) {
      await scene.working()
      const table = tableOf(scene.names)
      await scene.sql(`CREATE TABLE ${table}_known (n bigint PRIMARY KEY)`)
      await scene.sql(`INSERT INTO ${table}_known SELECT n FROM generate_series(0, 59) AS n WHERE n % 10 <> 3`)
      const key = `FOREIGN KEY (n) REFERENCES ${table}_known`
      await scene.sql(`ALTER TABLE ${table} ADD CONSTRAINT known ${key}`)
      await scene.send('in', good(30))
      await scene.letters('in', 3)
      await scene.sql(
        `ALTER TABLE ${table} DROP CONSTRAINT known, ADD CONSTRAINT known ${key} DEFERRABLE INITIALLY DEFERRED`,
      )
      await scene.send('in', good(30, 30))
      await scene.letters('in', 6)
      await holdsNumbers(
        scene,
        upTo(60).filter(n => n % 10 !== 3),
      )
      return '54 rows, six put aside'
    },
  },
  {
    id: 'B21a',
    came: 'a table that another session locks for 40 s',
    topics: { in: two },
    topology: itemRows('append'),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await holdsNumbers(scene, upTo(20))
      const table = tableOf(scene.names)
      const locked = scene.sql(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(40); COMMIT`)
      await scene.send('in', good(20, 20))
      await locked
      await holdsNumbers(scene, upTo(40))
      await scene.letters('in', 0)
      return 'the rows waited, and came'
    },
  },
  {
    id: 'B21b',
    came: 'a table that is dropped while the topology runs, and made again',
    topics: { in: two },
    topology: itemRows('append'),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await holdsNumbers(scene, upTo(20))
      const table = tableOf(scene.names)
      await scene.sql(`ALTER TABLE ${table} RENAME TO ${table}_old`)
      await scene.send('in', good(20, 20))
      await scene.until(
        () => scene.lines.some(line => line.includes(table) && /is missing|does not exist/.test(line)),
        'a line that says which table is missing',
      )
      await scene.sql(`CREATE TABLE ${table} (LIKE ${table}_old INCLUDING ALL)`)
      await holdsNumbers(scene, upTo(40).slice(20))
      await scene.letters('in', 0)
      return 'told which is missing; the rows waited, and came'
    },
  },
  {
    id: 'B21c',
    came: 'a database whose connections are cut three times',
    topics: { in: two },
    topology: itemRows('upsert'),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await holdsNumbers(scene, upTo(20))
      const cut = () =>
        scene.sql(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE $1 AND pid <> pg_backend_pid()`,
          [`weir ${scene.names.run}%`],
        )
      for (let i = 0; i < 3; i++) {
        await cut()
        await scene.send('in', good(20, 20 + 20 * i))
      }
      await holdsNumbers(scene, upTo(80))
      await scene.letters('in', 0)
      return '80 rows, once each'
    },
  },
]
