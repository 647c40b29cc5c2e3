import type { Message } from 'kafkajs'
import { connect } from 'mqtt'
import { mqtt, topology } from '../../../src/index'
import type { Hostile } from '../case'
import { type Scene, same } from '../scene'
import { heard, published, retained } from './heard'
import { aside, body, good, serdes } from './parts'

const topics = { in: { partitions: 2 } }

/** Each record to the topic of its key. */
const toKey =
  (qos: 0 | 1, retain = false): Hostile['topology'] =>
  names =>
    topology(names.run, streams => {
      streams
        .stream(names.topic('in'), serdes)
        .to(
          mqtt({ topic: `${names.run}/{key}`, qos, retain, value: ({ value }) => Buffer.from(JSON.stringify(value)) }),
        )
    })

/** Numbers from 1, all for one topic each of two partitions. */
const numbered = (count: number, from = 0): Message[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `p${i % 2}`,
    value: body(from + Math.floor(i / 2) + 1),
    partition: i % 2,
  }))

/** @throws unless each topic has its numbers up to `last`, none before one that it follows, and retains the last */
async function inOrder(scene: Scene, last: number): Promise<void> {
  for (const topic of ['p0', 'p1'].map(key => `${scene.names.run}/${key}`)) {
    const seen = () => scene.messages.get(topic) ?? []
    await scene.until(() => seen().includes(String(last)), `message ${last} at ${topic}`, 180_000)
    let most = 0
    for (const n of seen().map(Number)) {
      // What a worker that was killed had not committed comes again.
      if (n > most + 1) throw new Error(`${topic}: ${n} came after ${most}`)
      most = Math.max(most, n)
    }
    const kept = (await scene.retained(topic)).get(topic)
    if (kept !== String(last)) throw new Error(`${topic} retains ${kept} instead of ${last}`)
  }
}

const caughtUp = (qos: 0 | 1): Hostile['run'] =>
  async function run(scene) {
    await scene.subscribe(`${scene.names.run}/#`)
    await scene.send('in', numbered(60_000))
    await scene.working()
    await inOrder(scene, 30_000)
    await scene.send('in', numbered(20, 30_000))
    await inOrder(scene, 30_010)
    return `60,020 messages in order at QoS ${qos}, and the last ones are retained`
  }

/** What a broker of these settings can't serve is waited for, and said; with others all arrives. */
const unfit = (id: string, came: string, setting: string, says: RegExp): Hostile => ({
  ...{ id, came, topics, topology: toKey(1, true), broker: { settings: [setting] } },
  async run(scene) {
    await scene.send('in', good(20))
    await scene.until(() => scene.lines.some(line => says.test(line)), `a line that says ${says}`)
    await scene.broker.restart([])
    await retained(scene, good(20))
    await scene.letters('in', 0)
    return 'said, waited for, and all 20 are retained'
  },
})

/** Brokers that say no, that take little at a time, that forget: order holds, nothing is lost, nobody else is harmed. */
export const brokers: readonly Hostile[] = [
  ...([1, 0] as const).map(
    (qos, i): Hostile => ({
      id: `B1${'ab'[i]}`,
      came: `60,000 records of catch-up and 20 more, for two retained MQTT topics at QoS ${qos}`,
      ...{ topics, topology: toKey(qos, true), run: caughtUp(qos) },
    }),
  ),
  {
    id: 'B1c',
    came: 'an MQTT broker that takes one unacknowledged message at a time',
    ...{ topics, topology: toKey(1, true), broker: { settings: ['max_inflight_messages 1'] } },
    async run(scene) {
      await scene.subscribe(`${scene.names.run}/#`)
      await scene.send('in', numbered(4_000))
      await scene.working()
      await inOrder(scene, 2_000)
      return '4,000 messages in order'
    },
  },
  {
    id: 'B1d',
    came: 'an MQTT broker that is killed three times during a catch-up, with all that it retained',
    ...{ topics, topology: toKey(1, true), broker: {} },
    async run(scene) {
      await scene.working()
      for (let nth = 0; nth < 3; nth++) {
        await scene.send('in', numbered(20_000, nth * 10_000))
        await scene.until(async () => (await scene.retained(`${scene.names.run}/#`)).size > 0, 'a message')
        await scene.broker.restart()
      }
      const kept = async () => [...(await scene.retained(`${scene.names.run}/#`)).values()].join()
      await scene.until(async () => (await kept()) === '30000,30000', 'the last values', 180_000)
      await scene.letters('in', 0)
      return 'the last values are retained, and nothing is put aside'
    },
  },
  {
    id: 'B1e',
    came: '100,001 distinct MQTT topics, one message each and then another',
    ...{ topics, topology: toKey(1), broker: { settings: ['max_queued_messages 0'] } },
    async run(scene) {
      await scene.subscribe(`${scene.names.run}/#`)
      await scene.working()
      await scene.send('in', good(100_001))
      await scene.until(() => scene.messages.size >= 100_001, '100,001 topics', 180_000)
      await scene.send('in', good(100_001))
      // A killed worker's successor repeats some: their number says nothing.
      const isTwice = () => [...scene.messages.values()].every(texts => texts.length >= 2)
      await scene.until(isTwice, 'the second message of each', 180_000)
      for (const [topic, texts] of scene.messages)
        if (texts.some(value => topic !== `${scene.names.run}/k${JSON.parse(value).n}`))
          throw new Error(`${topic} was given ${texts.join()}`)
      if (scene.peakBytes > 512 * 1024 * 1024)
        throw new Error(`${Math.round(scene.peakBytes / 1e6)} MB resident, over 512 MB`)
      return 'each to its own topic, within 512 MB'
    },
  },
  {
    id: 'B1f',
    came: 'tombstones for retained MQTT topics: of one that is there, one that never was, and one that is written again',
    ...{ topics, topology: toKey(1, true) },
    async run(scene) {
      const { run } = scene.names
      await scene.subscribe(`${run}/#`)
      await scene.working()
      const of = (key: string, value: string | null) => ({ key, value, partition: 0 })
      await scene.send('in', [
        ...[of('stays', '1'), of('goes', '2'), of('comes back', '3')],
        ...[of('goes', null), of('never was', null), of('comes back', null), of('comes back', '4')],
        ...[of('null', 'null'), of('end', '5')],
      ])
      await scene.until(() => scene.messages.has(`${run}/end`), 'the last message')
      const found = [...(await scene.retained(`${run}/#`))].map(([topic, value]) => `${topic}=${value}`)
      const wanted = ['stays=1', 'comes back=4', 'end=5'].map(each => `${run}/${each}`)
      same('retained', found, wanted)
      await scene.letters('in', 0)
      return wanted.map(each => each.slice(run.length + 1)).join(', ')
    },
  },
  heard({
    ...aside({
      id: 'B19a',
      came: "a topic that the MQTT broker's ACL denies, at QoS 1",
      ...{ topics, topology: toKey(1), arrived: published },
      bad: [{ key: 'denied', value: body({ n: 1 }), partition: 0 }],
      says: /refuses .*denied.*: not authorized/i,
    }),
    broker: { rights: ['topic readwrite #', 'topic deny +/denied'] },
  }),
  {
    id: 'B19b',
    came: 'an MQTT broker where nothing may be published, until the right is given',
    ...{ topics, topology: toKey(1, true), broker: { rights: ['topic readwrite weir/#', 'topic read #'] } },
    async run(scene) {
      await scene.send('in', good(20))
      const says = /give the user of MQTT_URL the right to publish/
      await scene.until(() => scene.lines.some(line => says.test(line)), 'a line that says which right is missing')
      scene.broker.allow(['topic readwrite #'])
      await retained(scene, good(20))
      await scene.letters('in', 0)
      return 'said, waited for, and all 20 are retained'
    },
  },
  {
    id: 'B19e',
    came: "another client that takes the MQTT client id of a task again and again, and then doesn't",
    ...{ topics, topology: toKey(1, true) },
    async run(scene) {
      await scene.working()
      const thief = connect(scene.mqttUrl, { clientId: `${scene.names.run}-0_0`, reconnectPeriod: 500 })
      let takes = 0
      thief.on('connect', () => takes++)
      let sent = 0
      try {
        await scene.until(async () => {
          await scene.send('in', good(2, sent))
          sent += 2
          return takes >= 20
        }, 'the client id to be taken 20 times')
      } finally {
        await thief.endAsync(true)
      }
      const fenced = scene.lines.filter(line => line.includes('joining again')).length
      await retained(scene, good(sent))
      await scene.letters('in', 0)
      return `taken ${takes} times, fenced ${fenced} times; all ${sent} are retained, none is put aside`
    },
  },
  {
    id: 'B19f',
    came: 'another owner of a task, with its mark, that comes again and again',
    ...{ topics, topology: toKey(1, true) },
    async run(scene) {
      const { run } = scene.names
      await scene.working()
      const startedAt = performance.now()
      const owner = connect(scene.mqttUrl, { clientId: `${run}-0_0`, reconnectPeriod: 500 })
      owner.on('connect', () => owner.publish(`weir/${run}/owner/0_0`, 'another', { qos: 1, retain: true }))
      const fenced = () => scene.lines.filter(line => line.includes('joining again')).length
      let sent = 0
      try {
        await scene.until(async () => {
          await scene.send('in', good(2, sent))
          sent += 2
          return fenced() >= 4
        }, 'four fencings')
      } finally {
        await owner.endAsync(true)
      }
      const seconds = (performance.now() - startedAt) / 1_000
      // Three pauses lie between four fencings: 1, 2 and 4 s.
      if (seconds < 7) throw new Error(`four fencings within ${seconds.toFixed(1)} s`)
      await retained(scene, good(sent))
      await scene.letters('in', 0)
      return `fenced four times within ${seconds.toFixed(0)} s; all ${sent} are retained, none is put aside`
    },
  },
  unfit('B19c', 'an MQTT broker without retained messages', 'retain_available false', /keeps no retained messages/),
  unfit('B19d', 'an MQTT broker that takes QoS 0 only', 'max_qos 0', /takes no message of QoS 1/),
]
