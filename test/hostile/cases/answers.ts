import { setTimeout as sleep } from 'node:timers/promises'
import { connect, connectAsync, type MqttClient } from 'mqtt'
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

/** Records in the partitions of their keys, where answers are looked for. */
const keyed = (count: number) => good(count).map(({ partition: _, ...record }) => record)
/** What an answer for a key says that came once. */
const counted = /"value":1\b/

/** A question as MQTT 5 clients ask it; gives the answer, or undefined when none comes in time. */
async function ask(
  url: string,
  topic: string,
  responseTopic: string,
  listen: string | undefined,
  waitMs: number,
  payload = '{}',
): Promise<string | undefined> {
  const client = connect(url, { protocolVersion: 5 })
  await new Promise(done => client.once('connect', done))
  try {
    if (listen !== undefined) await client.subscribeAsync(listen)
    const answer = new Promise<string>(done => client.on('message', (_topic, payload) => done(payload.toString())))
    await client.publishAsync(topic, payload, { properties: { responseTopic } })
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
      await scene.send('in', keyed(2))
      await scene.until(async () => (await scene.read('out')).length >= 2, '2 counts')
      const questions = `${scene.names.run}/k0/get`
      for (const wrong of ['a/#', 'a/+/b', scene.topic('in')])
        await ask(mqttUrl, questions, wrong, undefined, 100).catch(() => undefined)
      const proper = async () =>
        ask(mqttUrl, questions, `answers/${scene.names.run}`, `answers/${scene.names.run}`, 2_000)
      const answer = await scene.until(proper, 'an answer at answers/…')
      if (!counted.test(answer)) throw new Error(`answered: ${answer}`)
      return `answered: ${answer.slice(0, 100)}`
    },
  },
  {
    id: 'C1b',
    came: '200 MQTT questions at once from two clients that use the same response topic, for two gateways',
    topics: { in: two, out: two },
    topology: asked,
    async run(scene) {
      scene.startWorker()
      await scene.working(2)
      await scene.send('in', keyed(10))
      await scene.until(async () => (await scene.read('out')).length >= 10, '10 counts')
      const { run } = scene.names
      const responseTopic = `answers/${run}`
      const clients = await Promise.all([1, 2].map(() => connectAsync(scene.mqttUrl, { protocolVersion: 5 })))
      try {
        const heard = new Map<string, string[]>()
        const [listener] = clients
        listener?.on('message', (_topic, payload, { properties }) => {
          const id = properties?.correlationData?.toString() ?? ''
          heard.set(id, [...(heard.get(id) ?? []), payload.toString()])
        })
        await listener?.subscribeAsync(responseTopic, { qos: 1 })
        const ask = async (client: MqttClient, key: string, id: string) =>
          client.publishAsync(`${run}/${key}/get`, '{}', {
            qos: 1,
            properties: { responseTopic, correlationData: Buffer.from(id) },
          })
        // A shared subscription is there a moment after its worker.
        await scene.until(async () => {
          await Promise.all(clients.map((client, i) => ask(client, 'k0', `first ${i}`)))
          return heard.has('first 0') && heard.has('first 1')
        }, 'a first answer')
        const ids = clients.flatMap((_, of) => Array.from({ length: 100 }, (_, i) => `${of} ${i} k${i % 10}`))
        await Promise.all(
          clients.map((client, of) =>
            Promise.all(ids.filter(id => id.startsWith(`${of} `)).map(id => ask(client, id.split(' ')[2] ?? '', id))),
          ),
        )
        await scene.until(() => ids.every(id => heard.has(id)), '200 answers')
        for (const id of ids)
          for (const answer of heard.get(id) ?? [])
            if (JSON.parse(answer).name !== id.split(' ')[2] || !counted.test(answer))
              throw new Error(`question ${id} was answered ${answer}`)
        const often = ids.filter(id => heard.get(id)?.length !== 1)
        if (often.length > 0) throw new Error(`${often.length} questions were answered more than once`)
        return '200 answers, each to its question'
      } finally {
        await Promise.all(clients.map(client => client.endAsync(true)))
      }
    },
  },
  {
    id: 'C1c',
    came: 'MQTT questions with a payload that is no JSON, a key of %, a window that there is not, and an endless response topic',
    topics: { in: two, out: two },
    topology: asked,
    async run(scene) {
      await scene.working()
      await scene.send('in', keyed(2))
      await scene.until(async () => (await scene.read('out')).length >= 2, '2 counts')
      const { run } = scene.names
      const reply = `answers/${run}`
      const proper = async () => ask(scene.mqttUrl, `${run}/k0/get`, reply, reply, 2_000)
      await scene.until(proper, 'an answer')
      const wrong: [topic: string, payload: string, says: RegExp][] = [
        [`${run}/k0/get`, '{', /payload is empty or JSON/],
        [`${run}/k0/get`, '[1]', /payload is empty or JSON/],
        [`${run}/k0/get`, '{"window":"__proto__"}', /none of now/],
        [`${run}/k0/get`, '{"range":"for ever"}', /for ever/],
        [`${run}/%/get`, '{}', /"name":""/],
        [`${run}/%zz/get`, '{}', /is no key/],
        [`${run}/no such key/get`, '{}', /"entries":\[\]/],
      ]
      for (const [topic, payload, says] of wrong) {
        const answer = await ask(scene.mqttUrl, topic, reply, reply, 10_000, payload)
        if (answer === undefined || !says.test(answer)) throw new Error(`${topic} ${payload}: ${answer}`)
      }
      await ask(scene.mqttUrl, `${run}/k0/get`, `answers/${'x'.repeat(60_000)}`, undefined, 0)
      return `each is told what is wrong, and the next one is answered: ${await scene.until(proper, 'an answer')}`
    },
  },
]
