import { ConfluentRegistry } from '../../../src/codecs/schema-registry'
import { createBroker } from '../../../src/connectors/kafka/kafka-broker'
import type { Target } from '../../../src/connectors/sink'
import { Asker } from '../../../src/engine/queries/asker'
import { mqtt, postgres, topology } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { Muffler, type Passes } from '../muffler'
import { type Scene, same } from '../scene'
import { retained } from './heard'
import { body, good, item, serdes, tableOf, two } from './parts'

/** Counts that can be asked for, and each record to one more end. */
const counted =
  (to: (names: Names) => Target<any, any>): Hostile['topology'] =>
  names =>
    topology(names.run, streams => {
      const read = streams.stream(names.topic('in'), serdes)
      read.mapValues((value, key) => ({ id: key, ...value })).to(to(names))
      read.groupByKey().count({ name: 'counts' })
      streams.queries({ key: 'name', stores: { now: 'counts' } })
    })

const toMqtt = counted(names =>
  mqtt({
    topic: `${names.run}/{key}`,
    qos: 1,
    retain: true,
    value: ({ value }: { value: any }) => Buffer.from(body({ n: value.n })),
  }),
)
const toTable = counted(names => postgres({ table: tableOf(names), schema: item, mode: 'append' }))

/** What a running topology answers of a key's count. */
async function countOf(scene: Scene, key: string, partition: number): Promise<unknown> {
  const { kafkaBrokers, registryUrl } = scene.services.stack.addresses
  const application = scene.names.run
  const broker = createBroker({
    ...{ brokers: kafkaBrokers.split(','), application },
    ...{ guarantee: 'at_least_once', sessionTimeoutMs: 10_000, replicationFactor: 1 },
  })
  try {
    const registry = new ConfluentRegistry({ url: registryUrl })
    const asker = await Asker.open({ topology: toMqtt(scene.names), broker, registry, nowMs: Date.now })
    try {
      const { entries } = await asker.ask({ store: 'counts', key }, { partition })
      return entries[0]?.value
    } finally {
      await asker.close()
    }
  } finally {
    await broker.close()
  }
}

const ways = new WeakMap<Scene, Muffler>()
const wayOf = (scene: Scene): Muffler => ways.get(scene) as Muffler

interface Silence extends Pick<Hostile, 'id' | 'came' | 'topology'> {
  /** What lines call the service, and the setting that says where it is. */
  readonly service: string
  readonly setting: 'MQTT_URL' | 'DATABASE_URL'
  /** It is silent from the beginning, or else once twenty records have come. */
  readonly fromStart?: boolean
  readonly passesOf?: () => Passes
  /** Waits until the records are where they belong, once each. */
  arrived(scene: Scene, count: number): Promise<void>
}

/** Attempts that a service has been silent at: what is logged again and again has been by then. */
const attempts = 4

/** A service that takes connections and says nothing: told once, no generation ends, questions are answered; when it speaks, all arrives. */
const silence = ({ id, came, topology, service, setting, fromStart = false, passesOf, arrived }: Silence): Hostile => ({
  ...{ id, came, topology, topics: { in: two } },
  async before(scene) {
    const { databaseUrl } = scene.services.stack.addresses
    const way = await Muffler.before(setting === 'MQTT_URL' ? scene.mqttUrl : databaseUrl, passesOf)
    ways.set(scene, way)
    if (fromStart) way.hush()
    return { [setting]: way.url }
  },
  async run(scene) {
    const way = wayOf(scene)
    try {
      const isSilentAnswer = passesOf !== undefined
      if (!fromStart && !isSilentAnswer) {
        await scene.working()
        await scene.send('in', good(20))
        await arrived(scene, 20)
        way.hush()
      }
      await scene.send('in', fromStart || isSilentAnswer ? good(40) : good(20, 20))
      const lost = () => scene.lines.filter(line => line.includes(`${service} `) && line.includes('waiting until'))
      if (isSilentAnswer) await scene.until(() => way.connections >= 4 * attempts, `${attempts} rounds`, 300_000)
      else await scene.until(() => way.taken >= attempts, `${attempts} attempts`, 240_000)
      // Who takes over what a killed worker had waits for the end first, and answers nothing until then.
      const isAsked = !fromStart && !isSilentAnswer && scene.started === 1
      const asked = !isAsked ? '' : `; asked, it said ${await countOf(scene, 'k0', 0)} of k0`
      const [told, workers] = [lost().length, scene.started]
      // One that answers something each time may be taken to be back once.
      if (told > workers * (isSilentAnswer ? 2 : 1))
        throw new Error(`said ${told} times by ${workers} workers: ${lost().join(' | ').slice(0, 500)}`)
      const joined = scene.lines.filter(line => /generation \d+:/.test(line)).length
      way.speak()
      await arrived(scene, 40)
      await scene.letters('in', 0)
      return `told ${told} time(s) by ${workers} worker(s) in ${joined} generation(s)${asked}; all 40 arrived when it spoke`
    } finally {
      way.close()
    }
  },
})

/** MQTT's packets one by one: CONNACK is passed, and so are the first acknowledgements, by which the connection is taken for good. */
const fewAcknowledgements = (many: number) => (): Passes => {
  let [left, rest] = [many, Buffer.alloc(0)]
  return bytes => {
    rest = Buffer.concat([rest, bytes])
    const passed: Buffer[] = []
    while (rest.length >= 2 && rest.length >= 2 + (rest[1] as number)) {
      const packet = rest.subarray(0, 2 + (rest[1] as number))
      rest = rest.subarray(packet.length)
      if ((packet[0] as number) >> 4 !== 4 || left-- > 0) passed.push(packet)
    }
    return Buffer.concat(passed)
  }
}

const rows = async (scene: Scene) =>
  (await scene.sql<{ n: string }>(`SELECT n FROM ${tableOf(scene.names)}`)).map(({ n }) => String(n))

async function inTable(scene: Scene, count: number): Promise<void> {
  await scene.until(async () => (await rows(scene)).length >= count, `${count} rows`)
  same(
    'rows',
    await rows(scene),
    Array.from({ length: count }, (_, i) => `${i}`),
  )
}

const mqttService = { service: 'MQTT broker', setting: 'MQTT_URL', topology: toMqtt } as const
const arrivedAtMqtt = (scene: Scene, count: number) => retained(scene, good(count))

/** Services that take connections and bytes, and are silent. */
export const silent: readonly Hostile[] = [
  silence({
    ...{ ...mqttService, id: 'B25a', fromStart: true, arrived: arrivedAtMqtt },
    came: 'an MQTT broker that takes connections and never answers CONNECT, from the start',
  }),
  silence({
    ...{ ...mqttService, id: 'B25b', arrived: arrivedAtMqtt },
    came: 'an MQTT broker that falls silent while the topology runs',
  }),
  silence({
    ...{ ...mqttService, id: 'B25c', arrived: arrivedAtMqtt, passesOf: fewAcknowledgements(1) },
    came: 'an MQTT broker that acknowledges the first message of each connection, and no other',
  }),
  silence({
    ...{ service: 'Postgres', setting: 'DATABASE_URL', topology: toTable, id: 'B26', arrived: inTable },
    came: 'a Postgres that takes connections and falls silent while the topology runs',
  }),
]
