import type { Scene } from '../scene'
import { APPLICATION, SOURCE } from '../workload'
import { WORLD } from '../world/kernel'
import { FIRST_PORT, MQTT, MQTT_PORT, nodeAt } from '../world/virtual-network'
import type { Point } from './points'

/** What strikes by itself, every so often: its mean pause (ms), and what happens. */
type Storm = readonly [point: Point, meanMs: number, strike: () => void]

/** Lets the storms of a seed loose, until its weather is over. */
export function letLoose(scene: Scene): void {
  const { kernel, weather } = scene
  for (const [point, meanMs, strike] of [
    ...ofWorkers(scene),
    ...ofNodes(scene),
    ...ofWays(scene),
    ...ofBroker(scene),
  ]) {
    const again = () => {
      const pause = weather.pause(point, meanMs)
      if (pause === undefined) return
      const now = () => {
        if (weather.pause(point, 1) === undefined) return
        strike()
        again()
      }
      kernel.after(pause, now, WORLD)
    }
    again()
  }
}

function ofWorkers({ kernel, weather, fleet, knobs: { sessionTimeoutMs } }: Scene): Storm[] {
  const random = weather.random('workers')
  const one = (point: Point, run: (name: string, owner: string) => void) => () => {
    const { names } = fleet
    if (names.length === 0) return
    const name = random.pick(names)
    const owner = fleet.ownerOf(name)
    if (owner === undefined) return
    weather.struck(point, '')
    run(name, owner)
  }
  return [
    ['workerKill', 6_000, one('workerKill', (_, owner) => fleet.kill(owner, ''))],
    ['workerVanish', 8_000, one('workerVanish', (_, owner) => fleet.kill(owner, 'with its machine', true))],
    ['workerRestart', 6_000, one('workerRestart', name => fleet.stop(name, false))],
    [
      'workerPause',
      5_000,
      one('workerPause', (_, owner) => kernel.pause(owner, random.whole(200, Math.round(sessionTimeoutMs * 1.8)))),
    ],
    [
      'workerMore',
      5_000,
      () => {
        weather.struck('workerMore')
        if (fleet.ownerOf('extra') === undefined) fleet.start('extra')
        else fleet.stop('extra', true)
      },
    ],
  ]
}

function ofNodes({ kernel, weather, kafka, kept, knobs: { nodes } }: Scene): Storm[] {
  const random = weather.random('nodes')
  const crashes = weather.random('crashes')
  const away = new Set<number>()
  const isMost = () => away.size + 1 < Math.max(nodes, 2)
  const restart = () => {
    const node = random.whole(1, nodes)
    if (away.has(node) || !isMost()) return
    away.add(node)
    weather.struck('nodeRestart', `${node}`)
    void kafka.stop(node)
    const back = () => {
      away.delete(node)
      weather.tell(`node ${node} is back`)
      void kafka.restart(node)
    }
    kernel.after(random.about(2_000), back, WORLD)
  }
  const crash = () => {
    const die = () => {
      if (away.size > 0 || weather.pause('clusterCrash', 1) === undefined) return
      weather.struck('clusterCrash')
      for (let node = 1; node <= nodes; node++) away.add(node)
      kafka.crash()
      const back = () => {
        weather.tell('the cluster is back')
        for (const node of away) void kafka.restart(node)
        away.clear()
      }
      kernel.after(crashes.about(1_500), back, WORLD)
    }
    kept?.dieAfter(crashes.whole(0, 12), die)
  }
  const pause = () => {
    const node = random.whole(1, nodes)
    weather.struck('nodePause', `${node}`)
    kernel.pause(nodeAt(FIRST_PORT + node - 1), random.about(2_500))
  }
  const moveLeader = () => {
    const topics = kafka.cluster.topics.all().filter(({ partitions }) => partitions.length > 0)
    if (nodes < 2 || topics.length === 0) return
    const topic = random.chance(0.4) ? SOURCE : random.pick(topics).name
    const partition = random.pick(kafka.cluster.topics.get(topic)?.partitions ?? [])
    const to = random.pick(partition.isr.length > 0 ? partition.isr : [0])
    if (to === 0 || to === partition.leader) return
    weather.struck('leaderMove', `${topic}-${partition.index}`)
    kafka.moveLeader(topic, partition.index, to)
  }
  const moveCoordinator = () => {
    if (nodes < 2) return
    const node = random.whole(1, nodes)
    const ids = kafka.cluster.transactions.all().map(({ id }) => id)
    const [kind, key] =
      ids.length > 0 && random.chance(0.6)
        ? (['transaction', random.pick(ids)] as const)
        : (['group', APPLICATION] as const)
    weather.struck('coordinatorMove', kind)
    kafka.moveCoordinator(kind, key, node)
  }
  const compact = () => {
    const topics = kafka.cluster.topics.all().filter(({ name }) => name.endsWith('-changelog'))
    weather.struck('compaction')
    for (const { name } of topics) kafka.compact(name)
  }
  return [
    ['nodeRestart', 6_000, restart],
    ['clusterCrash', 3_000, crash],
    ['nodePause', 6_000, pause],
    ['leaderMove', 1_500, moveLeader],
    ['coordinatorMove', 2_500, moveCoordinator],
    ['compaction', 2_500, compact],
  ]
}

function ofWays({ kernel, weather, network, fleet, knobs: { nodes }, live, troubles }: Scene): Storm[] {
  const random = weather.random('ways')
  const others = live.mqtt === undefined ? 0 : 1
  const way = (point: Point, set: Map<string, number>, meanMs: number) => () => {
    const { names } = fleet
    const owner = names.length > 0 ? fleet.ownerOf(random.pick(names)) : undefined
    if (owner === undefined) return
    const nth = random.whole(0, nodes - 1 + others)
    const port = nth < nodes ? FIRST_PORT + nth : MQTT_PORT
    weather.struck(point, '')
    set.set(`${owner} ${port}`, kernel.time + random.about(meanMs))
  }
  const down = (end: 'table' | 'live', point: Point) => () => {
    weather.struck(point)
    troubles.downUntil[end] = kernel.time + random.about(2_000)
    if (end === 'live') live.mqtt?.goDown(troubles.downUntil.live)
  }
  return [
    ['slowLink', 4_000, way('slowLink', troubles.slow, 3_000)],
    ['cloggedLink', 5_000, way('cloggedLink', troubles.clogged, 2_500)],
    ['connectionCut', 1_500, () => network.cutOne(random) && weather.struck('connectionCut')],
    ['tableDown', 5_000, down('table', 'tableDown')],
    ['liveDown', 5_000, down('live', 'liveDown')],
    [
      'liveForgets',
      5_000,
      () => {
        weather.struck('liveForgets')
        live.server.restart()
      },
    ],
  ]
}

function ofBroker({ kernel, weather, live: { mqtt } }: Scene): Storm[] {
  if (mqtt === undefined) return []
  const random = weather.random('MQTT')
  const pause = () => {
    weather.struck('mqttPause')
    kernel.pause(MQTT, random.about(2_500))
  }
  return [
    ['mqttClosed', 1_500, () => mqtt.closeOne(random) && weather.struck('mqttClosed')],
    ['mqttPause', 4_000, pause],
  ]
}
