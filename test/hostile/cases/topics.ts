import { deleteRecordsBefore } from '../../../src/connectors/kafka'
import { mqtt, postgres, topology } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { type Scene, same } from '../scene'
import { published } from './heard'
import { body, copy, good, item, serdes, tableOf, two, valuesOf } from './parts'

/** To Kafka and, directly, to Postgres. */
const both = (names: Names) =>
  topology(names.run, streams => {
    const read = streams.stream(names.topic('in'), serdes)
    read.mapValues(value => value).to(names.topic('out'), serdes)
    read
      .mapValues((value, key) => ({ id: key, n: value.n }))
      .to(postgres({ table: tableOf(names), schema: item, mode: 'append' }))
  })

const rowsOf = async (scene: Scene) =>
  (await scene.sql<{ n: string }>(`SELECT n FROM ${tableOf(scene.names)}`)).map(({ n }) => String(n))

async function inBoth(scene: Scene, numbers: readonly number[]): Promise<void> {
  const values = numbers.map(n => body({ n }))
  await scene.holds('out', values)
  await scene.until(async () => (await rowsOf(scene)).length >= numbers.length, `${numbers.length} rows`)
  same('rows', await rowsOf(scene), numbers.map(String))
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Deletes a topic and makes it again, as soon as Kafka takes the name. */
const madeAgain = (scene: Scene, name: string, partitions: number) =>
  scene.admin(async client => {
    await client.deleteTopics({ topics: [scene.topic(name)] })
    await scene.until(
      async () =>
        client
          .createTopics({ topics: [{ topic: scene.topic(name), numPartitions: partitions }], waitForLeaders: true })
          .catch(() => false),
      'the topic to be made again',
    )
  })

/** Two partitions become four, and 20 more records come to all of them. */
async function grown(scene: Scene): Promise<void> {
  await scene.admin(client => client.createPartitions({ topicPartitions: [{ topic: scene.topic('in'), count: 4 }] }))
  // One by one: kafkajs sends all partitions of a request again when one of them isn't there yet.
  for (let partition = 0; partition < 4; partition++)
    await scene.send(
      'in',
      good(20, 20)
        .filter((_, i) => i % 4 === partition)
        .map(each => ({ ...each, partition })),
    )
}

/** All in the only partition. */
const alone = (from: number, count: number) => good(count, from).map(each => ({ ...each, partition: 0 }))

/** Counts by key, or by a new one behind a repartition. */
const countedBy = (names: Names, by?: (value: { n: number }) => string) =>
  topology(names.run, streams => {
    const read = streams.stream(names.topic('in'), serdes).mapValues(value => value)
    const grouped = by === undefined ? read.groupByKey() : read.groupBy(by, { name: 'by' })
    grouped.count({ name: 'counts' }).toStream().to(names.topic('out'), serdes)
  })

/** A topic is its id, not its name; partitions that are added are read; offsets that are gone are told. */
export const topics: readonly Hostile[] = [
  {
    id: 'B2',
    came: 'a source topic deleted and made again while the topology is stopped: 100 records, then 150',
    topics: { in: two, out: two },
    topology: both,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(100))
      await inBoth(scene, upTo(100))
      await scene.stopWorkers()
      await madeAgain(scene, 'in', 2)
      await scene.send('in', good(150, 100))
      scene.startWorker()
      await scene.working(2)
      await inBoth(scene, upTo(250))
      return '250 in Kafka and in Postgres'
    },
  },
  {
    id: 'B3',
    came: 'the same while it runs, quickly: 150 records, then 300',
    topics: { in: two, out: two },
    topology: both,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(150))
      await inBoth(scene, upTo(150))
      await madeAgain(scene, 'in', 2)
      await scene.send('in', good(300, 150))
      await inBoth(scene, upTo(450))
      return '450 in Kafka and in Postgres'
    },
  },
  ...[3, 1].map(
    (partitions, i): Hostile => ({
      id: `B2${'bc'[i]}`,
      came: `a source topic deleted and made again with ${partitions} partitions in place of 2, while the topology is stopped`,
      topics: { in: two, out: two },
      topology: both,
      async run(scene) {
        await scene.working()
        await scene.send('in', good(100))
        await inBoth(scene, upTo(100))
        await scene.stopWorkers()
        await madeAgain(scene, 'in', partitions)
        await scene.send(
          'in',
          good(150, 100).map((each, at) => ({ ...each, partition: at % partitions })),
        )
        scene.startWorker()
        await inBoth(scene, upTo(250))
        return '250 in Kafka and in Postgres'
      },
    }),
  ),
  {
    id: 'B3b',
    came: 'the same while it runs, slowly: it is away for 10 s',
    topics: { in: two, out: two },
    topology: both,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(150))
      await inBoth(scene, upTo(150))
      await scene.admin(client => client.deleteTopics({ topics: [scene.topic('in')] }))
      await new Promise(done => setTimeout(done, 10_000))
      await scene.admin(client =>
        client.createTopics({ topics: [{ topic: scene.topic('in'), numPartitions: 2 }], waitForLeaders: true }),
      )
      await scene.send('in', good(300, 150))
      await inBoth(scene, upTo(450))
      return '450 in Kafka and in Postgres'
    },
  },
  {
    id: 'B4',
    came: "the group's offsets gone while its state is there",
    topics: { in: two, out: two },
    topology: names => countedBy(names),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await scene.until(async () => (await scene.read('out')).length === 20, '20 counts')
      await scene.stopWorkers()
      // A killed member stays in the group until its session has ended.
      const isDeleted = () =>
        scene
          .admin(client => client.deleteGroups([scene.names.run]))
          .then(
            () => true,
            () => false,
          )
      await scene.until(isDeleted, 'the group to be deleted')
      scene.startWorker()
      const ended = scene.ended()
      const how = await Promise.race([ended, scene.working(2).then(() => 'works' as const)])
      if (how === 'works') {
        await scene.send('in', good(20))
        await scene.until(async () => (await scene.read('out')).length >= 40, '20 more counts')
        const counts = (await scene.read('out')).map(({ value }) => value)
        same('counts', counts.map(String), [...Array(20).fill('1'), ...Array(20).fill('2')])
        return 'goes on from its own state: every key counted twice in all'
      }
      const said = scene.lines.at(-1) ?? ''
      if (!/offsets/.test(said)) throw new Error(`ended with ${how}, and says: ${said.slice(0, 300)}`)
      return `refused: ${said.slice(0, 200)}`
    },
  },
  {
    id: 'B5a',
    came: 'partitions added to a source while it runs, with Kafka and a direct end behind it',
    topics: { in: two, out: two },
    topology: both,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await inBoth(scene, upTo(20))
      await grown(scene)
      await inBoth(scene, upTo(40))
      return '40 in Kafka and in Postgres, from four partitions'
    },
  },
  {
    id: 'B5b',
    came: 'partitions added to a source while the topology is stopped',
    topics: { in: two, out: two },
    topology: both,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await inBoth(scene, upTo(20))
      await scene.stopWorkers()
      await grown(scene)
      scene.startWorker()
      await inBoth(scene, upTo(40))
      return '40 in Kafka and in Postgres, from four partitions'
    },
  },
  {
    id: 'B5c',
    came: 'partitions added to a source whose records are counted behind a repartition, while it runs',
    topics: { in: two, out: two },
    topology: names => countedBy(names, value => `g${value.n % 5}`),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await scene.until(async () => (await scene.read('out')).length === 20, '20 counts')
      await grown(scene)
      await scene.until(async () => (await scene.read('out')).length === 40, '40 counts')
      const counts = (await scene.read('out')).map(({ key, value }) => `${key} ${value}`)
      const wanted = upTo(40).map(i => `g${i % 5} ${Math.floor(i / 5) + 1}`)
      same('counts', counts, wanted)
      return 'each of 40 counted once: no state had to move'
    },
  },
  {
    id: 'B5d',
    came: 'partitions added to a source that is counted as it is keyed, while it runs',
    topics: { in: two, out: two },
    topology: names => countedBy(names),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await scene.until(async () => (await scene.read('out')).length === 20, '20 counts')
      const ended = scene.ended()
      await grown(scene)
      const code = await ended
      const said = scene.lines.find(line => /keys would not find/.test(line)) ?? ''
      // What came to the former partitions before may have been counted.
      const counts = (await scene.read('out')).length
      if (code === 0 || !/in 4/.test(said) || !/weir topology/.test(said) || counts > 30)
        throw new Error(`ended with ${code} after ${counts} counts, and says: ${said.slice(0, 300)}`)
      return `refused: ${said.slice(0, 200)}`
    },
  },
  {
    id: 'B5e',
    came: 'partitions added to a source while it runs, with MQTT alone behind it',
    topics: { in: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .to(mqtt({ topic: `${names.run}/{key}`, value: ({ value }) => Buffer.from(JSON.stringify(value)) }))
      }),
    async run(scene) {
      await scene.subscribe(`${scene.names.run}/#`)
      await scene.working()
      await scene.send('in', good(20))
      await published(scene, good(20))
      await grown(scene)
      await published(scene, good(40))
      return '40 messages, from four partitions'
    },
  },
  {
    id: 'B20',
    came: 'the log truncated under the position while the topology is stopped: 40 records, 30 of them deleted unread',
    topics: { in: { partitions: 1 }, out: two },
    topology: copy,
    async run(scene) {
      await scene.working()
      await scene.send('in', alone(0, 10))
      await scene.holds('out', valuesOf(good(10)))
      await scene.stopWorkers()
      await scene.send('in', alone(10, 30))
      await deleteRecordsBefore(scene.services.cluster, [{ topic: scene.topic('in'), partition: 0, offset: 40 }])
      await scene.send('in', alone(40, 5))
      scene.startWorker()
      await scene.holds('out', valuesOf([...good(10), ...good(5, 40)]))
      const [letter] = await scene.letters('in', 1)
      const why = letter!.headers['weir.error.message'] ?? ''
      if (!/no longer holds/.test(why)) throw new Error(`the dead letter says: ${why}`)
      if (!scene.lines.some(line => /no longer holds/.test(line))) throw new Error('the log says nothing of it')
      return `the five behind came; said: ${why}`
    },
  },
  {
    id: 'B9',
    came: 'a column whose type was changed while the topology runs',
    topics: { in: two, out: two },
    topology: both,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await inBoth(scene, upTo(20))
      await scene.sql(`ALTER TABLE ${tableOf(scene.names)} ALTER n TYPE double precision`)
      await scene.send('in', good(20, 20))
      await scene.until(
        () => scene.lines.some(line => line.includes(tableOf(scene.names)) && line.includes('double precision')),
        'a line with the table, the column and both types',
      )
      const found = await rowsOf(scene)
      same('rows while the table is another', found, upTo(20).map(String))
      await scene.sql(`ALTER TABLE ${tableOf(scene.names)} ALTER n TYPE bigint`)
      await inBoth(scene, upTo(40))
      return 'told with both types; rows waited, and came when the type was back'
    },
  },
  {
    id: 'B8',
    came: "an author's topics whose names look like weir's own",
    topics: { in: two, out: two, 'x-outbox': two, 'y-changelog': two },
    topology: names =>
      topology(`${names.run}-app`, streams => {
        const read = streams.stream(names.topic('in'), serdes)
        read.to(names.topic('x-outbox'), serdes)
        read.to(names.topic('y-changelog'), serdes)
        read.to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await scene.holds('out', valuesOf(good(20)))
      await scene.holds('x-outbox', valuesOf(good(20)))
      await scene.holds('y-changelog', valuesOf(good(20)))
      return "they are the author's: everything stays"
    },
  },
]
