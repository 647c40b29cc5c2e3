import { readConfig } from '../../src/config'
import { LightKafka } from '../../src/light/light-kafka'
import { LiveEnd, type LiveRows, type LiveTopics } from './ends/live-end'
import { MQTT_TOPICS, MQTT_URL, MqttEnd } from './ends/mqtt-end'
import { MqttServer } from './ends/mqtt-server'
import { TableEnd } from './ends/table-end'
import { Fleet } from './fleet'
import { drawKnobs, type Knobs } from './knobs'
import { SourceProducer } from './producer'
import { badBetween } from './weather/between'
import { endWeather, traffic } from './weather/on-the-way'
import type { Point } from './weather/points'
import { Troubles } from './weather/troubles'
import { Weather } from './weather/weather'
import { OUTPUTS, SOURCE, topologyOf } from './workload'
import { install, START_MS, simulate } from './world/install'
import { KeptInMemory } from './world/kept-in-memory'
import { Kernel, WORLD } from './world/kernel'
import { Random } from './world/random'
import { FIRST_PORT, MQTT, VirtualNetwork } from './world/virtual-network'

/** All that is in one simulated world. */
export interface Scene {
  readonly kernel: Kernel
  readonly weather: Weather
  readonly troubles: Troubles
  readonly knobs: Knobs
  readonly network: VirtualNetwork
  readonly kafka: LightKafka
  /** Where the cluster may crash. */
  readonly kept: KeptInMemory | undefined
  readonly table: TableEnd
  readonly live: LiveWorld
  readonly fleet: Fleet
  readonly producer: SourceProducer
}

/** The live end: its topics in the topology, and what has come to it. */
interface LiveWorld {
  readonly topics: LiveTopics
  readonly server: LiveRows
  /** Where it is a real MQTT broker. */
  readonly mqtt?: MqttServer
}

/** The world of a seed before anything happens in it. `left`: the points of the weather that may be on. */
export async function buildScene(seed: number, left?: readonly Point[]): Promise<Scene> {
  install()
  const kernel = new Kernel()
  const weather = new Weather(seed, () => kernel.time, left)
  const knobs = drawKnobs(seed, weather)
  const troubles = new Troubles()
  const network = new VirtualNetwork(kernel, traffic(kernel, weather, troubles, knobs.latencyMs))
  simulate(kernel, seed, network.connect)
  let kill: Fleet['kill'] = () => {}
  const killed = (owner: string, why: string) => kill(owner, why)
  const markers = new Random(seed, 'markers')
  const kept = weather.enabled.has('clusterCrash') ? new KeptInMemory() : undefined
  const kafka = await LightKafka.start({
    ...(kept !== undefined && { keeper: () => kept.lease() }),
    ...{ network, clusterId: `simulated-${seed}`, minSessionTimeoutMs: 1_000 },
    markerDelayMs: () => markers.whole(0, knobs.markerDelayMs),
    clock: {
      now: () => Math.floor(START_MS + kernel.time),
      after: (ms, run) => kernel.after(ms, run, WORLD),
    },
    ports: Array.from({ length: knobs.nodes }, (_, i) => FIRST_PORT + i),
    onFault: what => weather.tell(`a node: ${what}`),
    between: badBetween({ kernel, weather, kill: killed }),
  })
  const { partitions } = knobs.shape
  for (const name of [SOURCE, ...OUTPUTS])
    kafka.cluster.topics.create({ name, partitions, replicas: knobs.nodes, settings: new Map() })
  const table = new TableEnd(kernel, endWeather('table', kernel, weather, troubles, killed))
  const live = await liveWorld({ kernel, weather, troubles, knobs, network }, killed)
  const { commitIntervalMs, sessionTimeoutMs, standbyReplicas, nodes: replicationFactor } = knobs
  const config = {
    ...readConfig({}),
    ...{ kafka: { brokers: kafka.brokers }, commitIntervalMs, sessionTimeoutMs, standbyReplicas, replicationFactor },
    ...{ mqttUrl: MQTT_URL },
  }
  const fleet = new Fleet({ kernel, network, weather, topology: topologyOf(knobs.shape, table, live.topics), config })
  kill = (owner, why) => fleet.kill(owner, why)
  const producer = new SourceProducer(kernel, kafka, weather, partitions)
  return { kernel, weather, troubles, knobs, network, kafka, kept, table, live, fleet, producer }
}

type Around = Pick<Scene, 'kernel' | 'weather' | 'troubles' | 'knobs' | 'network'>

async function liveWorld(
  { kernel, weather, troubles, knobs, network }: Around,
  kill: (owner: string, why: string) => void,
): Promise<LiveWorld> {
  const around = endWeather('live', kernel, weather, troubles, kill)
  if (knobs.liveBroker === 'stand-in') {
    const end = new LiveEnd(kernel, around)
    return { topics: end, server: end.server }
  }
  const restarts = weather.random('restarts of MQTT')
  const server = new MqttServer({
    ...{ kernel, network, weather: around, topics: MQTT_TOPICS },
    refuses: () => weather.strikes('mqttRefused', 0.15),
    restartMs: () => restarts.about(300),
  })
  kernel.owner = MQTT
  await server.start()
  kernel.owner = WORLD
  return { topics: new MqttEnd(knobs.liveQos), server, mqtt: server }
}
