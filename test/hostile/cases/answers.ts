import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'mqtt'
import { topology } from '../../../src/index'
import type { Hostile } from '../case'
import { body, good, serdes, two } from './parts'

const asked: Hostile['topology'] = names =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), serdes)
      .groupByKey()
      .count({ name: 'counts' })
      .toStream()
      .to(names.topic('out'), serdes)
    streams.queries({ key: 'name', stores: { now: 'counts' }, mqtt: `${names.run}/{name}/get` })
  })

/** A question as MQTT 5 clients ask it; gives the answer, or undefined when none comes in time. */
async function ask(
  url: string,
  topic: string,
  responseTopic: string,
  listen: string | undefined,
  waitMs: number,
): Promise<string | undefined> {
  const client = connect(url, { protocolVersion: 5 })
  await new Promise(done => client.once('connect', done))
  try {
    if (listen !== undefined) await client.subscribeAsync(listen)
    const answer = new Promise<string>(done => client.on('message', (_topic, payload) => done(payload.toString())))
    await client.publishAsync(topic, '{}', { properties: { responseTopic } })
    return await Promise.race([answer, sleep(waitMs).then(() => undefined)])
  } finally {
    await client.endAsync(true)
  }
}

/** Questions go astray alone: who asks for an answer where none may go gets none, and nobody else waits for it. */
export const answers: readonly Hostile[] = [
  {
    id: 'B12',
    came: "questions whose answers are to go to the job's own topic, to one that there is not, and to partition 1e10",
    topics: { in: two, out: two },
    topology: asked,
    isQuick: true,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(20))
      await scene.until(async () => (await scene.read('out')).length >= 20, '20 counts')
      const question = (topic: string, partition: string) => ({
        key: 'k0',
        value: body({ store: 'counts', key: 'k0' }),
        headers: {
          'weir.correlation.id': '1',
          'weir.requester': 'mallory',
          'weir.reply.topic': topic,
          'weir.reply.partition': partition,
          'weir.timeout.ms': '10000',
        },
      })
      const producer = scene.services.kafka.producer()
      await producer.connect()
      const messages = [
        question(scene.topic('in'), '0'),
        question('no-such-topic', '0'),
        question(`${scene.names.run}-replies`, '10000000000'),
      ]
      await producer.send({ topic: `${scene.names.run}-queries`, messages })
      await producer.disconnect()
      await scene.until(() => scene.lines.some(line => line.includes('mallory')), 'a line that names the requester')
      const found = (await scene.read('in')).length
      if (found !== 20) throw new Error(`${found - 20} answers were written into the topic of the job`)
      return 'no answer is written; said once'
    },
  },
  {
    id: 'C1',
    came: 'an MQTT response topic with a wildcard, then a proper question',
    topics: { in: two, out: two },
    topology: asked,
    async run(scene) {
      const { mqttUrl } = scene.services.stack.addresses
      await scene.working()
      await scene.send('in', good(2))
      await scene.until(async () => (await scene.read('out')).length >= 2, '2 counts')
      const questions = `${scene.names.run}/k0/get`
      for (const wrong of ['a/#', 'a/+/b', scene.topic('in')])
        await ask(mqttUrl, questions, wrong, undefined, 100).catch(() => undefined)
      const proper = async () =>
        ask(mqttUrl, questions, `answers/${scene.names.run}`, `answers/${scene.names.run}`, 2_000)
      const answer = await scene.until(proper, 'an answer at answers/…')
      return `answered: ${answer.slice(0, 100)}`
    },
  },
]
