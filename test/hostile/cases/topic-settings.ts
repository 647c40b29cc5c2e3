import { ConfigResourceTypes, type Message } from 'kafkajs'
import { count, topology, tumbling } from '../../../src/index'
import type { Hostile } from '../case'
import { type Scene, same } from '../scene'
import { body, copy, good, serdes, start, two } from './parts'

const second = 1_000
const byLog = { name: 'log.message.timestamp.type', value: 'LogAppendTime' }

/** A broker applies a setting some time after the controller has answered: how many records like this one it takes until then. */
async function takenUntilRefused(scene: Scene, message: Message): Promise<number> {
  for (let taken = 0; ; taken++)
    try {
      await scene.send('out', [message])
    } catch (error) {
      if ((error as { type?: string }).type !== 'MESSAGE_TOO_LARGE') throw error
      return taken
    }
}

/** What a cluster's defaults and a topic's settings say doesn't bend an answer. */
export const topicSettings: readonly Hostile[] = [
  {
    id: 'B13',
    came: 'a broker whose default is LogAppendTime, and windows of an hour ago behind a repartition',
    topics: { in: { ...two, configs: { 'message.timestamp.type': 'CreateTime' } } },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), { ...serdes, timestamp: value => value.at })
          .selectKey((value): string => value.city)
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 10 * second, graceMs: 5 * second }), { emit: 'onWindowClose' })
          .aggregate({ name: 'rides', of: { count: count() } })
          .toStream()
          .map((value, { key, window }) => [key, { key, start: window.start - start, n: value.count }] as const)
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      // Its topics are made by the worker: under the new default, which is taken back before anything else runs.
      await scene.stopWorkers()
      await scene.admin(async admin => {
        const names = (await admin.listTopics()).filter(topic => topic.startsWith(`${scene.names.run}`))
        await admin.deleteTopics({ topics: names.filter(topic => topic !== scene.topic('in')) })
        const { controller } = await admin.describeCluster()
        const broker = { type: ConfigResourceTypes.BROKER, name: String(controller) }
        const alter = (configEntries: { name: string; value: string }[]) =>
          admin.alterConfigs({ validateOnly: false, resources: [{ ...broker, configEntries }] })
        await alter([byLog])
        try {
          scene.lines.length = 0
          scene.startWorker()
          await scene.working()
        } finally {
          await alter([])
        }
      })
      const ride = (at: number) => ({
        key: 'k',
        value: body({ city: 'Bam', at: start - 3_600_000 + at * second }),
        partition: at % 2,
      })
      await scene.send(
        'in',
        Array.from({ length: 40 }, (_, at) => ride(at)),
      )
      const wanted = [0, 10].map(each => body({ key: 'Bam', start: each * second - 3_600_000, n: 10 }))
      const found = async () => (await scene.read('out')).map(({ value }) => String(value))
      await scene.until(async () => (await found()).length >= wanted.length, 'two closed windows')
      same('windows', (await found()).slice(0, 2), wanted)
      const settings = await scene.admin(admin =>
        admin.describeConfigs({
          includeSynonyms: false,
          resources: [scene.topic('out'), `${scene.names.run}-rides-repartition`].map(name => ({
            ...{ type: ConfigResourceTypes.TOPIC, name, configNames: ['message.timestamp.type'] },
          })),
        }),
      )
      same(
        'time of the topics',
        settings.resources.map(({ configEntries }) => String(configEntries[0]?.configValue)),
        ['CreateTime', 'CreateTime'],
      )
      return 'windows of the time that records bear, on topics of CreateTime'
    },
  },
  {
    id: 'A14b',
    came: 'a topic whose max.message.bytes is lowered while the topology runs, and a record that was small enough before',
    topics: { in: two, out: two },
    isQuick: true,
    topology: copy,
    async run(scene) {
      await scene.working()
      const large = { key: 'large', value: body({ n: -1, text: 'x'.repeat(20_000) }), partition: 0 }
      await scene.send('in', [...good(10), large])
      await scene.until(async () => (await scene.read('out')).length >= 11, 'the first eleven')
      await scene.admin(admin =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              ...{ type: ConfigResourceTypes.TOPIC, name: scene.topic('out') },
              configEntries: [{ name: 'max.message.bytes', value: '10000' }],
            },
          ],
        }),
      )
      const before = 11 + (await takenUntilRefused(scene, large))
      await scene.send('in', [large, ...good(10, 10), large])
      const letters = await scene.letters('in', 2)
      await scene.until(async () => (await scene.read('out')).length >= before + 10, 'the other ten')
      return `21 through, two put aside: ${letters[1]?.headers['weir.error.message']?.slice(0, 120)}`
    },
  },
]
