import { topology } from '../../../src/index'
import { deadLetterTopics, groupLetters } from '../../../src/ops/dead-letters'
import { redrive } from '../../../src/ops/redrive'
import type { Hostile, Row } from '../case'
import { type Scene, same } from '../scene'
import { body, copy, good, moved, serdes, two, valuesOf } from './parts'

const counted =
  (location: 'memory' | 'disk'): Hostile['topology'] =>
  names =>
    topology(names.run, streams => {
      streams
        .stream(names.topic('in'), serdes)
        .mapValues(value => value)
        .groupByKey()
        .count({ name: 'counts', location })
        .toStream()
        .to(names.topic('out'), serdes)
    })

/** Writes to a topic of weir's own, by its full name. */
async function intrude(scene: Scene, topic: string, messages: Parameters<Scene['send']>[1]): Promise<void> {
  const producer = scene.services.kafka.producer()
  await producer.connect()
  try {
    await producer.send({ topic, messages: [...messages] })
  } finally {
    await producer.disconnect()
  }
}

const garbage = (partition: number) => [
  { key: 'no JSON', value: 'x', partition },
  { key: '"other"', value: Buffer.from([1, 2, 3]), partition },
  { key: '{"a":', value: null, partition },
  { key: '[1,2,3]', value: '{"deep":{"er":1}}', partition },
]

/** How a worker fares behind what others have written to a topic of its own: it says once which entry is none, and goes on right when that is taken away. */
const tampered = (id: string, topic: string, location: 'memory' | 'disk' = 'memory'): Hostile => ({
  id,
  came: `records of others in ${topic}, before a restart${location === 'disk' ? ', for a store on disk' : ''}`,
  topics: { in: two, out: two },
  topology: counted(location),
  async run(scene) {
    await scene.working()
    await scene.send('in', good(20))
    await scene.until(async () => (await scene.read('out')).length === 20, '20 counts')
    await scene.stopWorkers()
    const full = `${scene.names.run}-${topic}`
    for (const partition of [0, 1]) await intrude(scene, full, garbage(partition))
    scene.startWorker()
    const said = () =>
      scene.lines.filter(line => line.includes(full) && line.includes('write a tombstone under that key'))
    await scene.until(() => said().length > 0, 'a word of what is no state')
    for (const partition of [0, 1])
      await intrude(
        scene,
        full,
        garbage(partition).map(entry => ({ ...entry, value: null })),
      )
    await scene.working(2)
    await scene.send('in', good(20))
    await scene.until(async () => (await scene.read('out')).length >= 40, '20 more counts')
    const counts = (await scene.read('out')).map(({ value }) => String(value))
    same('counts', counts, [...Array(20).fill('1'), ...Array(20).fill('2')])
    return `goes on when it is gone, every key counted twice in all; said ${said().length} times: ${(JSON.parse(said()[0] ?? '') as { msg: string }).msg.slice(0, 200)}`
  },
})

/** What others write to topics and groups of weir's own harms nobody. */
export const foreign: readonly Hostile[] = [
  tampered('B22a', 'counts-changelog'),
  tampered('B22b', 'times-changelog'),
  tampered('B22d', 'counts-changelog', 'disk'),
  {
    id: 'B22c',
    came: 'records of others in a repartition topic, while the topology runs',
    topics: { in: two, out: two },
    topology: moved,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      const full = `${scene.names.run}-moved-repartition`
      await scene.until(async () => (await scene.read('', full)).length > 0, 'the repartition topic')
      await intrude(scene, full, [
        { key: 'k', value: '{"n":', partition: 0 },
        { key: 'k', value: body({ n: -1 }), headers: { 'weir.time': 'x' }, partition: 1 },
        { key: null, value: null, headers: { 'weir.time': '{"0":[9e15,9e15,{}]}' }, partition: 1 },
      ])
      await scene.send('in', good(20, 20))
      // What is a record of the author's kind can't be told from one of weir's.
      await scene.until(async () => (await scene.read('out')).length >= 41, '41 results')
      const values = (await scene.read('out')).map(({ value }) => String(value))
      same(
        'results',
        values.filter(value => value !== body({ n: -1 })),
        valuesOf(good(40)),
      )
      const letters = await scene.letters('in', 1)
      return `40 through, put aside: ${letters[0]?.headers['weir.error.message']?.slice(0, 160)}`
    },
  },
  {
    id: 'B23',
    came: "the group's offsets set by hand: beyond the end, then to an offset that there is",
    topics: { in: two, out: two },
    topology: copy,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await scene.holds('out', valuesOf(good(20)))
      await scene.stopWorkers()
      const set = (offset: string) =>
        scene.admin(admin =>
          admin.setOffsets({
            groupId: scene.names.run,
            topic: scene.topic('in'),
            partitions: [0, 1].map(partition => ({ partition, offset })),
          }),
        )
      await set('1000')
      scene.startWorker()
      const word = () => scene.lines.find(line => /no offset 1000: the log ends before it, at 10\b/.test(line))
      const said = await scene.until(word, 'a word of where the log ends')
      await scene.stopWorkers()
      await set('5')
      scene.startWorker()
      await scene.send('in', good(20, 20))
      await scene.holds('out', valuesOf([...good(20), ...good(10, 10), ...good(20, 20)]))
      return `waits: ${(JSON.parse(said) as { msg: string }).msg.slice(0, 200)}`
    },
  },
  {
    id: 'V7',
    came: "a record with headers called like weir's own, set aside and sent again",
    topics: { in: two, out: two },
    topology: copy,
    async run(scene) {
      const headers = {
        'weir.application': 'theirs',
        'weir.error.class': 'theirs',
        'weir.origin.topic': 'theirs',
        a: '1',
      }
      await scene.working()
      await scene.send('in', [{ key: 'a', value: 'no JSON', partition: 0, headers }, ...good(20)])
      await scene.letters('in', 1)
      const { cluster } = scene.services
      const topic = `${scene.topic('in')}_dead_letters`
      const source = (await deadLetterTopics(cluster)).get(topic) ?? ''
      const { groups } = await groupLetters(cluster, { perTopic: 10, only: topic })
      const [group] = groups
      const facts = group?.letters[0]?.facts
      const sent = await redrive(cluster, { source, group: group?.id ?? '', execute: true, timeoutMs: 30_000 })
      await scene.letters('in', 2)
      const again = (await scene.read('in')).filter(({ value }) => value === 'no JSON')
      const rows: Row[] = [
        {
          came: 'who is said to have set it aside',
          out: `${facts?.application}, ${facts?.errorClass}, of ${facts?.origin?.topic}`,
          isRight: facts?.application === scene.names.run && facts.origin?.topic === scene.topic('in'),
        },
        {
          came: 'its headers, sent again',
          out: `${sent.letters} letter: ${body(again[1]?.headers)}`,
          isRight: sent.letters === 1 && body(again[1]?.headers) === body(headers),
        },
      ]
      await scene.holds('out', valuesOf(good(20)))
      return rows
    },
  },
]
