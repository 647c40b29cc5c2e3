import { resolve } from 'node:path'
import { count, type KGroupedStream, topology, tumbling } from '../../../src/index'
import type { Hostile } from '../case'
import { same } from '../scene'
import { body, serdes, start } from './parts'

const second = 1_000

const windowed =
  (options: { rekey: boolean; idleMs?: number }): Hostile['topology'] =>
  names =>
    topology(names.run, streams => {
      const read = streams.stream(names.topic('in'), {
        ...serdes,
        timestamp: value => value.at,
        ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
      })
      const keyed = options.rekey ? read.selectKey((value): string => value.city) : read.mapValues(value => value)
      const grouped: KGroupedStream<string, any> = keyed.groupByKey()
      grouped
        .windowedBy(tumbling({ sizeMs: 10 * second, graceMs: 5 * second }), { emit: 'onWindowClose' })
        .aggregate({ name: 'rides', of: { count: count() } })
        .toStream()
        .map(
          (value, { key, window }) => [key, { key, start: (window.start - start) / second, n: value.count }] as const,
        )
        .to(names.topic('out'), serdes)
    })

const ride = (city: string, at: number, partition: number) => ({
  key: `${partition}`,
  value: body({ city, at: start + at * second }),
  partition,
})

const cities = ['Ahvaz', 'Bam', 'Cologne']
/** A ride of each city for each second, over three partitions. */
const wave = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) =>
    [0, 1, 2].map(partition => ride(cities[(at + partition) % 3]!, from + at, partition)),
  ).flat()

/** Nothing is late behind a repartition unless it was late in its own partition; what only looks like silence is none. */
export const times: readonly Hostile[] = [
  ...[undefined, 3_000].map(
    (idleMs, i): Hostile => ({
      id: `B7${'ab'[i]}`,
      came: `a burst over three partitions after a rest, behind a repartition, ${idleMs === undefined ? 'without idleMs' : `idleMs ${idleMs}`}`,
      topics: { in: { partitions: 3 }, out: { partitions: 3 } },
      topology: windowed({ rekey: true, ...(idleMs !== undefined && { idleMs }) }),
      async run(scene) {
        await scene.working()
        await scene.send('in', wave(0, 2))
        await new Promise(done => setTimeout(done, 8_000))
        await scene.send('in', wave(2, 60))
        const wanted = [0, 10, 20, 30].flatMap(each => cities.map(key => body({ key, start: each, n: 10 })))
        const found = async () => (await scene.read('out')).map(({ value }) => String(value))
        await scene.until(async () => (await found()).length >= wanted.length, '12 closed windows')
        const early = (await found()).filter(value => JSON.parse(value).start <= 30)
        same('closed windows', early, wanted)
        return '12 of 12 windows right'
      },
    }),
  ),
  {
    id: 'B24',
    came: "a worker's wall clock that jumps a day ahead and two hours back every two seconds",
    topics: { in: { partitions: 3 }, out: { partitions: 3 } },
    topology: windowed({ rekey: true, idleMs: 3_000 }),
    settings: { NODE_OPTIONS: `--require ${resolve(__dirname, '../clock-jumps.cjs')}` },
    async run(scene) {
      await scene.working()
      for (let from = 0; from < 60; from += 10) {
        await scene.send('in', wave(from, from + 10))
        await new Promise(done => setTimeout(done, 1_500))
      }
      const wanted = [0, 10, 20, 30, 40, 50].flatMap(each => cities.map(key => body({ key, start: each, n: 10 })))
      await scene.holds('out', wanted)
      await scene.letters('in', 0)
      return '18 of 18 windows right'
    },
  },
  {
    id: 'B6',
    came: 'an open transaction, which is no silence: one plain record and two of the same window in it',
    topics: { in: { partitions: 1 }, out: { partitions: 1 } },
    topology: windowed({ rekey: false, idleMs: 1_000 }),
    async run(scene) {
      await scene.working()
      const producer = scene.services.kafka.producer({
        transactionalId: `${scene.names.run}-tx`,
        maxInFlightRequests: 1,
        idempotent: true,
      })
      await producer.connect()
      try {
        await scene.send('in', [ride('a', 1, 0)])
        const transaction = await producer.transaction()
        await transaction.send({ topic: scene.topic('in'), messages: [ride('a', 2, 0), ride('a', 3, 0)] })
        await new Promise(done => setTimeout(done, 5_000))
        await transaction.commit()
      } finally {
        await producer.disconnect()
      }
      await scene.holds('out', [body({ key: '0', start: 0, n: 3 })])
      return 'the window closed with all three'
    },
  },
]
