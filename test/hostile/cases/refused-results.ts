import { readPartition } from '../../../src/connectors/kafka'
import type { ConsumedBatch } from '../../../src/connectors/kafka/read/consumed-batch'
import { topology, tumbling } from '../../../src/index'
import type { Hostile } from '../case'
import { same } from '../scene'
import { body, copy, serdes, start } from './parts'

const second = 1_000
const one = { partitions: 1 }
const compacted = { partitions: 1, configs: { 'cleanup.policy': 'compact' } }
const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
/** Their results have no key, which a compacted topic doesn't take; no setting says so beforehand. */
const keyless = ['k3', 'k4', 'k29']

/** What Kafka refuses of many that stand in one transaction, and what of a record isn't its value. */
export const refusedResults: readonly Hostile[] = [
  {
    id: 'A17',
    came: 'a record that closes 30 windows, three results of which a compacted topic does not take',
    topics: { in: one, out: compacted },
    isQuick: true,
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), { ...serdes, timestamp: value => value.at })
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 10 * second, graceMs: 0 }), { emit: 'onWindowClose' })
          .count({ name: 'counts' })
          .toStream()
          .map((n, { key }) => [keyless.includes(key) ? (null as never) : key, { key, n }] as const)
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.working()
      const reading = (key: string, at: number) => ({ key, value: body({ at: start + at * second }), partition: 0 })
      await scene.send('in', [...keys.map(key => reading(key, 1)), reading('last', 60)])
      const letters = await scene.letters('in', keyless.length)
      await scene.holds(
        'out',
        keys.filter(key => !keyless.includes(key)).map(key => body({ key, n: 1 })),
      )
      const said = letters[0]?.headers['weir.error.message'] ?? ''
      if (!/INVALID_RECORD|does not take it/.test(said)) throw new Error(`a dead letter says "${said}"`)
      return `27 results through, three set aside: ${said.slice(0, 160)}`
    },
  },
  {
    id: 'V5',
    came: 'headers that are repeated, without a value, named by numbers, and of bytes',
    topics: { in: one, out: one },
    isQuick: true,
    topology: copy,
    async run(scene) {
      await scene.working()
      const headers = { b: ['1', '2'], '7': 'x', a: Buffer.from([0xff, 0]), '': 'empty name', __proto__x: '' }
      await scene.send('in', [
        { key: 'k', value: body({ n: 1 }), headers, partition: 0 },
        { key: 'k', value: 'no JSON', headers, partition: 0 },
      ])
      await scene.letters('in', 1)
      await scene.holds('out', [body({ n: 1 })])
      const listOf = async (topic: string) => {
        const lists: string[] = []
        for await (const found of readPartition({ cluster: scene.services.cluster }, { topic, partition: 0 })) {
          const batch = found as ConsumedBatch
          for (let i = 0; i < batch.count; i++)
            lists.push(
              ...batch.headerList(i).flatMap(([name, value]) => {
                const text = `${name} ${value?.toString('hex')}`
                return text.startsWith('weir.') ? [] : [text]
              }),
            )
        }
        return lists
      }
      const sent = (await listOf(scene.topic('in'))).slice(0, 6)
      for (const topic of [scene.topic('out'), `${scene.topic('in')}_dead_letters`])
        same(topic, await listOf(topic), sent)
      return `the same ${sent.length} headers in the result and in the dead letter`
    },
  },
]
