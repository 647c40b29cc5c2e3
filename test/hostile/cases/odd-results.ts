import { deleteRecordsBefore } from '../../../src/connectors/kafka'
import { text, topology } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { type Scene, same } from '../scene'
import { body, type Each, good, rowsOf, serdes, two, valuesOf } from './parts'

/** What a step makes of a record that asks for it. */
const made: Readonly<Record<string, () => unknown>> = {
  circle() {
    const value: Record<string, unknown> = {}
    value.self = value
    return value
  },
  bigint: () => ({ n: 1n }),
  nan: () => ({ n: Number.NaN }),
  symbol: () => Symbol('s'),
  function: () => () => 1,
  deep() {
    let value: unknown = 1
    for (let i = 0; i < 100_000; i++) value = [value]
    return value
  },
  throws: () => ({
    toJSON() {
      throw new Error('toJSON has none of it')
    },
  }),
  text: () => {
    throw 'a text that was thrown'
  },
  nothing: () => {
    throw undefined
  },
  promise: () => Promise.resolve(1),
}

const asked = (what: string): Each['message'] => ({ key: 'v', value: body({ what }), partition: 0 })

/** Records that name the topic that they go to. */
const routed = (names: Names) =>
  topology(names.run, streams => {
    const read = streams.stream(names.topic('in'), serdes)
    read.filter(value => value.to !== undefined).to(({ value }) => value.to.replace('RUN', names.run), serdes)
    read
      .filter(value => value.to === undefined)
      .groupBy((_value, key) => key, { name: 'by' })
      .count({ name: 'counts' })
      .toStream()
      .to(names.topic('out'), serdes)
  })

const inTurn = (count: number) => [...Array(count).fill('1'), ...Array(count).fill('2')]

async function countsAre(scene: Scene, wanted: readonly string[]): Promise<void> {
  const counts = async () => (await scene.read('out')).map(({ value }) => String(value))
  await scene.until(async () => (await counts()).length >= wanted.length, `${wanted.length} counts`)
  same('counts', await counts(), wanted)
}

/** State whose log somebody has taken away while the topology was stopped: it ends, or waits, and says why; it never counts anew. */
const bereft = (
  id: string,
  came: string,
  take: (scene: Scene, topic: string) => Promise<void>,
  says: RegExp,
): Hostile => ({
  ...{ id, came, topics: { in: two, out: two }, topology: routed },
  async run(scene) {
    await scene.working()
    await scene.send('in', good(20))
    await countsAre(scene, Array(20).fill('1'))
    await scene.stopWorkers()
    await take(scene, `${scene.names.run}-counts-changelog`)
    await scene.send('in', good(20))
    const before = scene.lines.length
    scene.startWorker()
    const said = await scene.until(() => scene.lines.slice(before).find(line => says.test(line)), `a word like ${says}`)
    await countsAre(scene, Array(20).fill('1'))
    return `nothing is counted anew; said: ${said.slice(0, 300)}`
  },
})

/** Keys that a file of keys may take for others. */
const keys = [
  '',
  ' ',
  'a',
  'a\u0000',
  'a\u0000b',
  '\u0000\u0000',
  'ÿ',
  '\ud83d\ude00',
  'k'.repeat(1_978),
  'k'.repeat(1_979),
].concat(
  ['x', 'y'].map(end => 'k'.repeat(5_000) + end),
  ['{"$bigint":"1"}', '[1,2]', 'null', '1', '-0', '__proto__'],
)

/** What steps make that no value should be, where it should not go, and what is taken away behind a worker's back. */
export const oddResults: readonly Hostile[] = [
  {
    id: 'V9',
    came: 'what a step makes that is no value of the topic, and what it throws',
    ...{ topics: { in: two, out: two }, isQuick: true },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .mapValues(value => made[value.what]?.() ?? value)
          .to(names.topic('out'), serdes)
      }),
    run: scene =>
      rowsOf(scene, [
        { came: 'a value that holds itself', message: asked('circle'), says: /deeper|circular/i },
        { came: 'a bigint in JSON', message: asked('bigint'), says: /bigint/i },
        { came: 'NaN in JSON', message: asked('nan'), says: /NaN|finite/i },
        { came: 'a symbol', message: asked('symbol'), says: /./ },
        { came: 'a function', message: asked('function'), says: /./ },
        { came: '100,000 levels', message: asked('deep'), says: /deep|levels/i },
        { came: 'a toJSON that throws', message: asked('throws'), says: /none of it/ },
        { came: 'a thrown text', message: asked('text'), says: /a text that was thrown/ },
        { came: 'a thrown undefined', message: asked('nothing'), says: /./ },
        { came: 'a promise', message: asked('promise'), says: /promise/i },
      ]),
  },
  {
    id: 'A7c',
    came: "topics chosen by records: Kafka's own, weir's own, and names that no topic has",
    ...{ topics: { in: two, out: two }, topology: routed },
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await countsAre(scene, Array(20).fill('1'))
      const names = [
        '__consumer_offsets',
        '__transaction_state',
        'RUN-counts-changelog',
        'RUN-times-changelog',
        'RUN-by-repartition',
      ]
      const wrong = [...names, 'RUN-vitals', '.', '..', 'a b', '', 'ä', 'x'.repeat(250)]
      await scene.send(
        'in',
        wrong.map((to, i) => ({ key: `k${i}`, value: body({ to }), partition: i % 2 })),
      )
      const letters = await scene.letters('in', wrong.length)
      await scene.send('in', good(20))
      await countsAre(scene, inTurn(20))
      return wrong.map((to, i) => {
        const letter = letters.find(({ value }) => value === body({ to }))
        const out = letter?.headers['weir.error.message'] ?? 'none'
        return {
          came: `a record for ${to.slice(0, 40) || 'no topic at all'}`,
          out: out.slice(0, 160),
          isRight: i >= 0 && letter !== undefined,
        }
      })
    },
  },
  {
    id: 'V11',
    came: "JSON that looks like weir's own marks in state, before and after a restart",
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .groupByKey()
          .aggregate({ name: 'all', initial: () => [] as unknown[], add: (all, value) => [...all, value] })
          .toStream()
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      const marks = [
        '{"$bigint":"x"}',
        '{"$number":"1"}',
        '{"$map":"no"}',
        '{"$bytes":"AA=="}',
        '{"$$bigint":"1"}',
        '{}',
      ]
      const records = marks.map((value, i) => ({ key: `k${i}`, value, partition: i % 2 }))
      const outs = async () => (await scene.read('out')).map(({ value }) => String(value))
      await scene.working()
      await scene.send('in', records)
      await scene.until(async () => (await outs()).length >= marks.length, `${marks.length} results`)
      await scene.stopWorkers()
      scene.startWorker()
      await scene.send('in', records)
      await scene.until(async () => (await outs()).length >= 2 * marks.length, `${2 * marks.length} results`)
      same('results', await outs(), [...marks.map(each => `[${each}]`), ...marks.map(each => `[${each},${each}]`)])
      return `${marks.length} of them, each twice as it is`
    },
  },
  {
    id: 'B27a',
    came: "a changelog's records that somebody wants to delete",
    ...{ topics: { in: two, out: two }, topology: routed },
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await countsAre(scene, Array(20).fill('1'))
      const topic = `${scene.names.run}-counts-changelog`
      const deleted = deleteRecordsBefore(
        scene.services.cluster,
        [0, 1].map(partition => ({ topic, partition, offset: 5 })),
      )
      const said = await deleted.then(
        () => 'deleted',
        (error: Error) => error.message,
      )
      if (!/POLICY_VIOLATION/.test(said)) throw new Error(`Kafka says of it: ${said}`)
      await scene.send('in', good(20))
      await countsAre(scene, inTurn(20))
      return `Kafka has none of it, as the topic is compacted: ${said.slice(0, 120)}`
    },
  },
  bereft(
    'B27b',
    'a changelog deleted while the topology is stopped',
    (scene, topic) => scene.admin(admin => admin.deleteTopics({ topics: [topic] })),
    /has lost its state: topic .*counts-changelog was deleted/,
  ),
  {
    id: 'V10',
    came: 'keys that a store on disk may take for others, before and after a restart',
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), { key: text, value: text })
          .groupByKey()
          .count({ name: 'counts', location: 'disk' })
          .toStream()
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      const records = keys.map((key, i) => ({ key, value: 'x', partition: i % 2 }))
      await scene.working()
      await scene.send('in', records)
      await countsAre(scene, Array(keys.length).fill('1'))
      await scene.stopWorkers()
      scene.startWorker()
      await scene.send('in', records)
      await countsAre(scene, inTurn(keys.length))
      const found = (await scene.read('out')).filter(({ value }) => value === '2').map(({ key }) => String(key))
      same('keys', found, valuesOf(keys.map(key => ({ value: key }))))
      return `${keys.length} keys, each counted twice`
    },
  },
  {
    id: 'A5k',
    came: 'one record that becomes 200,000 results, and its neighbours',
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .flatMapValues(value =>
            value.many === undefined ? [value] : Array.from({ length: value.many }, (_, n) => ({ m: n })),
          )
          .filter(value => value.m === undefined || value.m % 1_000 === 0)
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.working()
      await scene.send('in', [
        ...good(10),
        { key: 'many', value: body({ many: 200_000 }), partition: 0 },
        ...good(10, 10),
      ])
      const results = Array.from({ length: 200 }, (_, i) => body({ m: i * 1_000 }))
      await scene.holds('out', [...valuesOf(good(20)), ...results])
      await scene.letters('in', 0)
      return '20 neighbours and 200 of its results'
    },
  },
]
