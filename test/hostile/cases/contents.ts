import { randomBytes } from 'node:crypto'
import { postgres, topology } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { same } from '../scene'
import { aside, body, copy, good, type Item, item, moved, serdes, tableOf, two, valuesOf } from './parts'

const noise = (bytes: number) => randomBytes(bytes).toString('base64').slice(0, bytes)
const large = { partitions: 2, configs: { 'max.message.bytes': '6000000' } }

/** Rows `{ id, n }` to Postgres, by upsert or append. */
const rows = (mode: 'append' | 'upsert') => (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), serdes)
      .mapValues((value, key): Item => ({ id: value.id ?? key, n: value.n }))
      .to(postgres({ table: tableOf(names), schema: item, mode, ...(mode === 'upsert' && { key: ['id' as const] }) }))
  })

/** The good records are rows, once each. */
const inTable: NonNullable<Parameters<typeof aside>[0]['arrived']> = async (scene, all) => {
  const found = async () =>
    (await scene.sql<{ n: string }>(`SELECT n FROM ${tableOf(scene.names)} ORDER BY n`)).map(({ n }) => String(n))
  await scene.until(async () => (await found()).length >= all.length, `${all.length} rows`)
  same(
    'rows',
    await found(),
    all.map(({ value }) => String(JSON.parse(String(value)).n)),
  )
}

/** What only the database knows: a constraint that is added when the table is there. */
function ruled(
  id: string,
  came: string,
  rule: (table: string) => string,
  bad: object,
  says: RegExp,
  mode: 'append' | 'upsert' = 'append',
): Hostile {
  const base = aside({
    id,
    came,
    says,
    topology: rows(mode),
    topics: { in: two },
    bad: [{ key: 'bad', value: body(bad), partition: 0 }],
    arrived: inTable,
  })
  return {
    ...base,
    async run(scene) {
      await scene.working()
      await scene.sql(rule(tableOf(scene.names)))
      return base.run(scene)
    },
  }
}

const timed = (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), { ...serdes, timestamp: (value, _key, logged) => value.at ?? logged })
      .mapValues(value => value)
      .to(names.topic('out'), serdes)
  })

const minutes = 60_000

/** What an end, a codec or the log says of a record's content harms that record alone. */
export const contents: readonly Hostile[] = [
  ...['x', '{}', 'null', '{"0":9007199254740991}', '[1]', '{"0":"late"}'].map(
    (time, i): Hostile => ({
      id: `A1${'abcdef'[i]}`,
      came: `records whose header weir.time is ${time}, before a repartition`,
      topics: { in: two, out: two },
      isQuick: i < 2,
      topology: names =>
        topology(names.run, streams => {
          streams
            .stream(names.topic('in'), serdes)
            .selectKey(() => 'all')
            .groupByKey()
            .count({ name: 'counts' })
            .toStream()
            .to(names.topic('out'), serdes)
        }),
      async run(scene) {
        await scene.working()
        await scene.send(
          'in',
          good(20).map((each, at) => (at % 2 === 0 ? { ...each, headers: { 'weir.time': time } } : each)),
        )
        await scene.until(async () => (await scene.read('out')).some(({ value }) => value === '20'), 'a count of 20')
        return 'all 20 counted'
      },
    }),
  ),
  aside({
    id: 'A3a',
    came: "a value over the output topic's max.message.bytes",
    topics: { in: two, out: { partitions: 2, configs: { 'max.message.bytes': '10000' } } },
    bad: [{ key: 'big', value: body({ n: -1, text: noise(30_000) }), partition: 0 }],
    says: /max\.message\.bytes|too large|larger/i,
  }),
  aside({
    id: 'A3b',
    came: 'a value of 3 MB that shrinks to almost nothing',
    topics: { in: large, out: two },
    bad: [{ key: 'big', value: body({ n: -1, text: 'a'.repeat(3_000_000) }), partition: 0 }],
    says: /max\.message\.bytes|too large|larger/i,
  }),
  aside({
    id: 'A3c',
    came: 'a header of 3 MB',
    topics: { in: large, out: two },
    bad: [{ key: 'big', value: body({ n: -1 }), partition: 0, headers: { big: 'h'.repeat(3_000_000) } }],
    says: /max\.message\.bytes|too large|larger/i,
  }),
  aside({
    id: 'A3d',
    came: 'a header of 3 MB on its way through a repartition topic',
    topics: { in: large, out: large },
    topology: moved,
    bad: [{ key: 'big', value: body({ n: -1 }), partition: 1, headers: { big: 'h'.repeat(3_000_000) } }],
    says: /max\.message\.bytes|too large|larger/i,
  }),
  aside({
    id: 'A3e',
    came: 'an entry of state over what a changelog takes',
    topics: { in: large, out: large },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .groupByKey()
          .reduce({ name: 'last', reducer: (_last, next) => next })
          .toStream()
          .to(names.topic('out'), serdes)
      }),
    bad: [{ key: 'big', value: body({ n: -1, text: noise(3_000_000) }), partition: 0 }],
    says: /max\.message\.bytes|too large|larger/i,
  }),
  aside({
    id: 'A4',
    came: 'a Kafka timestamp 55 min ahead and an event time 55 min further',
    topology: timed,
    bad: [
      {
        key: 'a',
        value: body({ n: -1, at: Date.now() + 110 * minutes }),
        partition: 0,
        timestamp: String(Date.now() + 55 * minutes),
      },
    ],
    says: /timestamp/i,
  }),
  aside({
    id: 'A14',
    came: "an event time before what the output topic's message.timestamp.before.max.ms takes",
    topology: timed,
    topics: { in: two, out: { partitions: 2, configs: { 'message.timestamp.before.max.ms': String(30 * minutes) } } },
    bad: [{ key: 'a', value: body({ n: -1, at: Date.now() - 60 * minutes }), partition: 0 }],
    says: /timestamp/i,
  }),
  aside({
    ...{
      id: 'A5',
      came: 'an upsert key of 6,000 characters',
      topology: rows('upsert'),
      topics: { in: two },
      arrived: inTable,
    },
    bad: [{ key: 'a', value: body({ id: noise(6_000), n: -1 }), partition: 0 }],
    says: /index row|key/i,
  }),
  ruled(
    'A5b',
    'a row that a CHECK of the table refuses',
    table => `ALTER TABLE ${table} ADD CHECK (n >= 0)`,
    { n: -1 },
    /check constraint/i,
  ),
  ruled(
    'A5c',
    'a row that a trigger refuses',
    table => `CREATE FUNCTION ${table}_no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.n < 0 THEN RAISE EXCEPTION 'no negative numbers here'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER no BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_no()`,
    { n: -1 },
    /no negative numbers here/,
  ),
  ruled(
    'A5d',
    'a row that a unique index refuses',
    table => `CREATE UNIQUE INDEX ON ${table} (n)`,
    { n: 0 },
    /unique|duplicate/i,
  ),
  ruled(
    'A5e',
    'an upserted row that a CHECK refuses',
    table => `ALTER TABLE ${table} ADD CHECK (n >= 0)`,
    { n: -1 },
    /check constraint/i,
    'upsert',
  ),
  aside({
    id: 'A7a',
    came: 'a topic chosen per record that there is not, and one that no topic may be called',
    topology: names =>
      topology(names.run, streams => {
        streams.stream(names.topic('in'), serdes).to(({ value }) => value.to ?? names.topic('out'), serdes)
      }),
    bad: ['no-such-topic', 'no such topic', '', '..'].map(to => ({
      key: 'a',
      value: body({ n: -1, to }),
      partition: 0,
    })),
    says: /topic/i,
  }),
  aside({
    id: 'A7b',
    came: 'a partitioner that gives NaN, -1, 1.5 and 99',
    topology: names =>
      topology(names.run, streams => {
        streams.stream(names.topic('in'), serdes).to(names.topic('out'), {
          ...serdes,
          partition: ({ value }, count) =>
            value.at === undefined ? value.n % count : value.at === null ? Number.NaN : value.at,
        })
      }),
    bad: [null, -1, 1.5, 99].map(at => ({ key: 'a', value: body({ n: 1, at }), partition: 0 })),
    says: /partition/i,
  }),
  aside({
    id: 'A13',
    came: 'a record that a reducer throws on, behind a repartition',
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .selectKey((_value, key) => `${key}!`)
          .groupByKey()
          .aggregate({
            name: 'sums',
            initial: () => ({ n: 0 }),
            add: (sum, value) => {
              if (value.n < 0) throw new Error('no negative numbers here')
              return { n: sum.n + value.n }
            },
          })
          .toStream()
          .to(names.topic('out'), serdes)
      }),
    bad: [{ key: 'a', value: body({ n: -1 }), partition: 0 }],
    says: /no negative numbers here/,
  }),
  {
    id: 'A9',
    came: '20,000 records whose results are 20 kB each',
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        const text = 'x'.repeat(20_000)
        streams
          .stream(names.topic('in'), serdes)
          .mapValues(({ n }) => ({ n, text }))
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.send('in', good(20_000))
      await scene.working()
      await scene.admin(admin => {
        const offsets = async () =>
          (await admin.fetchTopicOffsets(scene.topic('out'))).reduce((sum, { high }) => sum + Number(high), 0)
        return scene.until(async () => (await offsets()) >= 20_000, '20,000 results', 180_000)
      })
      return 'all written'
    },
  },
  {
    id: 'A8',
    came: 'a step that takes 5 ms a record, 3,000 records',
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .mapValues(value => {
            const until = performance.now() + 5
            while (performance.now() < until);
            return value
          })
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.send('in', good(3_000))
      await scene.working()
      await scene.until(
        async () => (await scene.read('out')).length >= 500,
        'the first 500 results, long before the last',
      )
      await scene.holds('out', valuesOf(good(3_000)))
      const generations = scene.lines.filter(line => /generation \d+/.test(line)).length
      // Each worker that comes or is killed makes one.
      if (generations !== 1 && scene.started === 1) throw new Error(`${generations} generations instead of one`)
      return 'committed while it works, in one generation'
    },
  },
  aside({
    id: 'A15',
    came: 'records that a step throws on, of which one in two in a row',
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .mapValues(value => {
            if (value.n < 0) throw new RangeError('no negative numbers here')
            return value
          })
          .to(names.topic('out'), serdes)
      }),
    bad: Array.from({ length: 50 }, (_, i) => ({ key: 'a', value: body({ n: -1 - i }), partition: i % 2 })),
    says: /no negative numbers here/,
  }),
  aside({
    id: 'A16',
    came: 'JSON nested 100,000 deep, half a surrogate, and what is no JSON',
    topology: copy,
    bad: [`${'['.repeat(100_000)}1${']'.repeat(100_000)}`, '{"n":', 'NaN', '', '\u0000'].map(value => ({
      key: 'a',
      value,
      partition: 0,
    })),
    says: /./,
  }),
]
