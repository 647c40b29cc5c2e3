import { count, postgres, session, sliding, topology, tumbling } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { same } from '../scene'
import { body, item, serdes, start, tableOf } from './parts'

const one = { partitions: 1 }
const second = 1_000
const keys = ['a', 'b', 'c']

/** A record of a key at a second; `seen` is what a topology makes of it. */
const at = (key: string, seconds: number) => ({
  key,
  value: body({ id: key, n: seconds, at: start + seconds * second }),
  partition: 0,
})

const timed = { ...serdes, timestamp: (value: { at: number }) => value.at }

/** The result of key `bad` can't be made; the others' can. */
const refusing = (value: unknown, key: { key: string } | string) => {
  if ((typeof key === 'string' ? key : key.key) === 'bad') throw new Error('this result is refused')
  return value
}

interface Late {
  readonly id: string
  readonly came: string
  readonly steps: (names: Names) => ReturnType<Hostile['topology']>
  /** How often `bad` has a result. */
  readonly letters: number
  /** Results that the three others have, each. */
  readonly each: number
}

/** Results that time makes, not a record: one of a key that harms itself alone, with `out` as witness. */
const byTime = ({ id, came, steps, letters, each }: Late): Hostile => ({
  ...{ id, came, topology: steps, isQuick: true },
  topics: { in: one, other: one, out: one },
  async run(scene) {
    await scene.working()
    await scene.send('in', [at('bad', 0), ...keys.map(key => at(key, 0)), at('bad', 1), ...keys.map(key => at(key, 1))])
    await scene.send('in', [at('end', 120), at('end', 121)])
    const found = async () => (await scene.read('out')).map(({ key }) => String(key)).filter(key => keys.includes(key))
    await scene.until(async () => (await found()).length >= keys.length * each, 'the results of three keys')
    same(
      'results',
      await found(),
      keys.flatMap(key => Array.from({ length: each }, () => key)),
    )
    const [letter] = await scene.letters('in', letters)
    const message = letter?.headers['weir.error.message'] ?? ''
    if (!message.includes('this result is refused')) throw new Error(`the dead letter says "${message}"`)
    return `${keys.length * each} results right, ${letters} put aside`
  },
})

/** What time makes of a key harms that key's result alone, whatever step makes it. */
export const moreResults: readonly Hostile[] = [
  byTime({
    ...{ id: 'A12f', came: 'a closed session whose next step throws', letters: 1, each: 1 },
    steps: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), timed)
          .groupByKey()
          .windowedBy(session({ gapMs: 10 * second, graceMs: 0 }), { emit: 'onWindowClose' })
          .count({ name: 'sessions' })
          .toStream()
          .mapValues(refusing)
          .map((value, { key }) => [key, value] as const)
          .to(names.topic('out'), serdes)
      }),
  }),
  byTime({
    ...{ id: 'A12g', came: 'closed sliding windows whose next step throws', letters: 3, each: 3 },
    steps: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), timed)
          .groupByKey()
          .windowedBy(sliding({ timeDifferenceMs: 5 * second, graceMs: 0 }), { emit: 'onWindowClose' })
          .count({ name: 'sliding' })
          .toStream()
          .mapValues(refusing)
          .map((value, { key }) => [key, value] as const)
          .to(names.topic('out'), serdes)
      }),
  }),
  byTime({
    ...{ id: 'A12h', came: "a left join's unmatched sides, whose next step throws", letters: 2, each: 2 },
    steps: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), timed)
          .leftJoin(streams.stream(names.topic('other'), serdes), {
            name: 'pairs',
            windows: { beforeMs: 5 * second, afterMs: 5 * second, graceMs: 0 },
            joiner: value => value,
          })
          .mapValues(refusing)
          .to(names.topic('out'), serdes)
      }),
  }),
  {
    id: 'A12i',
    came: 'a closed window among 400 of one moment, whose row a CHECK of Postgres refuses',
    topics: { in: one },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), timed)
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 10 * second, graceMs: 0 }), { emit: 'onWindowClose' })
          .aggregate({ name: 'counts', of: { n: count() } })
          .toStream()
          .map(({ n }, { key }) => [key, { id: key, n: key === 'bad' ? -n : n }] as const)
          .to(postgres({ table: tableOf(names), schema: item, mode: 'upsert', key: ['id'] }))
      }),
    async run(scene) {
      await scene.working()
      const table = tableOf(scene.names)
      await scene.sql(`ALTER TABLE ${table} ADD CHECK (n >= 0)`)
      const many = Array.from({ length: 399 }, (_, i) => `k${i}`)
      await scene.send(
        'in',
        [...many.slice(0, 200), 'bad', ...many.slice(200)].map(key => at(key, 0)),
      )
      await scene.send('in', [at('end', 60)])
      const rows = async () => (await scene.sql<{ id: string }>(`SELECT id FROM ${table}`)).map(({ id }) => id)
      await scene.until(async () => (await rows()).length >= many.length, '399 rows')
      same('rows', await rows(), many)
      await scene.letters('in', 1)
      return '399 rows, one result put aside'
    },
  },
]
