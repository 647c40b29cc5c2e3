import type { Socket } from 'node:net'
import type { Connection, Listener } from '../../../src/light/world/world'
import { SOURCE } from '../workload'
import { type Kernel, WORLD } from '../world/kernel'
import type { Random } from '../world/random'
import { MQTT, MQTT_PORT, type VirtualNetwork } from '../world/virtual-network'
import { BrokerLine } from './broker-line'
import type { EndWeather } from './line'
import type { LiveRows } from './live-end'
import type { Row } from './table-end'

export interface MqttServerOptions {
  readonly kernel: Kernel
  readonly network: VirtualNetwork
  readonly weather: EndWeather
  /** Whether the connection that is being made is refused. */
  refuses(): boolean
  /** How long a restart takes now, ms. */
  restartMs(): number
  /** The first parts of the topics that are watched; the second is a key. */
  readonly topics: readonly string[]
}

/** What a broker is told of a client that it can't serve now (MQTT 3.1.1, 3.2.2.3). */
const SERVER_UNAVAILABLE = 3

/** aedes has ES modules only, whose loading may take turns of the real event loop: not while a simulation runs. */
const load = () => import('aedes')
let loaded: Awaited<ReturnType<typeof load>> | undefined

/** As the local stack makes it; by an id that is not random. */
async function makeBroker(refuses: () => boolean) {
  loaded ??= await load()
  const { Aedes } = loaded
  return Aedes.createBroker({
    ...{ id: 'mqtt', concurrency: 1000, queueLimit: 1_000_000, drainTimeout: 0, maxClientsIdLength: 256 },
    authenticate: (_client, _name, _password, done) => {
      if (!refuses()) return done(null, true)
      const refused = Object.assign(new Error('server unavailable'), { returnCode: SERVER_UNAVAILABLE })
      done(refused as Parameters<typeof done>[0], false)
    },
  })
}

type Aedes = Awaited<ReturnType<typeof makeBroker>>
type Packet = Parameters<Parameters<Aedes['subscribe']>[1]>[0]
/** What aedes' types leave out. */
interface Inside {
  readonly clients: Readonly<Record<string, { close(): void }>>
  readonly persistence: { storeRetained(packet: Packet): Promise<void> }
}

const insideOf = (broker: Aedes) => broker as unknown as Inside

/** A real MQTT broker in a simulation, and what its subscribers see. */
export class MqttServer implements LiveRows {
  readonly delivered: Row[] = []
  readonly retained = new Map<string, Row>()
  readonly fenced = 0
  private broker: Aedes | undefined
  private listener: Listener | undefined
  private readonly lines = new Set<BrokerLine>()
  private awayUntil = 0

  constructor(private readonly options: MqttServerOptions) {}

  /** Call it as the broker's owner. */
  async start(): Promise<void> {
    const { topics, refuses } = this.options
    const broker = await makeBroker(refuses)
    this.broker = broker
    for (const topic of topics)
      broker.subscribe(
        `${topic}/#`,
        (packet, done) => {
          this.delivered.push(rowOf(packet))
          done()
        },
        () => {},
      )
    this.watchRetained(broker)
    await this.listen(broker)
  }

  /** As a broker without a disk restarts: connections break, and nothing is retained any more. What it had taken is still delivered. */
  restart(): void {
    const { kernel } = this.options
    this.leave()
    this.broker?.close()
    this.broker = undefined
    this.retained.clear()
    this.awayUntil = Math.max(this.awayUntil, kernel.time + this.options.restartMs())
    this.comeBack()
  }

  /** Nobody reaches it until then; what it retains stays. */
  goDown(untilMs: number): void {
    this.leave()
    this.awayUntil = Math.max(this.awayUntil, untilMs)
    this.comeBack()
  }

  /** Closes one of its connections in good order; false where it has none. */
  closeOne(random: Random): boolean {
    const clients = Object.values(this.broker === undefined ? {} : insideOf(this.broker).clients)
    if (clients.length === 0) return false
    const client = random.pick(clients)
    this.options.kernel.after(0, () => client.close(), MQTT)
    return true
  }

  private leave(): void {
    void this.listener?.close()
    this.listener = undefined
    for (const line of this.lines) line.vanish()
    this.lines.clear()
    this.options.network.cutAll(MQTT_PORT)
  }

  private comeBack(): void {
    const { kernel } = this.options
    const back = () => {
      if (this.listener !== undefined || kernel.time < this.awayUntil) return
      void (this.broker === undefined ? this.start() : this.listen(this.broker))
    }
    kernel.at(this.awayUntil, () => kernel.after(0, back, MQTT), WORLD)
  }

  private async listen(broker: Aedes): Promise<void> {
    const { network } = this.options
    this.listener = await network.listen('127.0.0.1', MQTT_PORT, connection => this.accept(broker, connection))
  }

  private accept(broker: Aedes, connection: Connection): void {
    const { kernel, weather } = this.options
    const line = new BrokerLine(kernel, connection, weather)
    this.lines.add(line)
    line.once('close', () => this.lines.delete(line))
    // All that it uses of a socket is that it is a stream.
    broker.handle(line as unknown as Socket)
  }

  /** What is retained in the order in which the broker has stored it, which is not told otherwise. */
  private watchRetained(broker: Aedes): void {
    const { persistence } = insideOf(broker)
    const store = persistence.storeRetained.bind(persistence)
    persistence.storeRetained = packet => {
      const [topic = '', key = ''] = packet.topic.split('/')
      if (this.broker === broker && this.options.topics.includes(topic)) {
        if (packet.payload.length === 0) this.retained.delete(key)
        else this.retained.set(key, rowOf(packet))
      }
      return store(packet)
    }
  }
}

/** The record that a message was made of, as far as it says. */
function rowOf({ topic, payload }: Packet): Row {
  const [target = '', key] = topic.split('/')
  const { kafka_partition: partition, kafka_offset: offset, ...value } = JSON.parse(payload.toString())
  return { target, record: { key, value, timestamp: 0 }, origin: { topic: SOURCE, partition, offset } }
}
