import { setTimeout as sleep } from 'node:timers/promises'
import { linkNames } from '../crew/slot'
import type { Trouble } from '../links/tcp-link'
import type { Scene } from '../scene'
import type { Kind } from './kind'

const blackHole: Kind = {
  id: 'F6',
  title: 'nothing gets through between a worker and Kafka',
  async strike(scene) {
    const slot = scene.random.pick(scene.crew)
    const ms = scene.random.whole(4_000, 14_000)
    slot.links.kafka.begin({ isHeld: true })
    await sleep(ms)
    slot.links.kafka.end()
    return { what: `${slot.name} for ${ms} ms` }
  },
}

const slowBroker: Kind = {
  id: 'F10',
  title: 'the way to the MQTT broker is narrow, hangs, or loses what is sent',
  async strike(scene) {
    const { random } = scene
    const trouble = random.pick<Trouble>([{ bytesPerSecond: 50_000 }, { isHeld: true }, { lost: 'client' }])
    for (const { links } of scene.slots) links.mqtt.begin(trouble)
    await sleep(random.whole(3_000, 7_000))
    for (const { links } of scene.slots) links.mqtt.end()
    return { what: JSON.stringify(trouble) }
  },
}

const troubles: readonly Trouble[] = [
  { latencyMs: 200 },
  { bytesPerSecond: 20_000 },
  { isSliced: true },
  { lost: 'client' },
  { lost: 'server' },
  { isClosed: true },
  { isHeld: true },
]

const badNetwork: Kind = {
  id: 'F12',
  title: 'links that are slow, sliced, cut, half-open, closed or held',
  async strike(scene) {
    const { random } = scene
    const told: string[] = []
    for (let i = 0; i < 2; i++) {
      const [slot, name, trouble] = [random.pick(scene.crew), random.pick(linkNames), random.pick(troubles)]
      const link = slot.links[name]
      told.push(`${slot.name} ${name} ${JSON.stringify(trouble)}`)
      link.begin(trouble)
      await sleep(random.whole(800, 4_000))
      if (random.chance(0.3)) link.cut()
      link.end()
    }
    return { what: told.join(', ') }
  },
}

const all = ({ slots }: Scene) => slots.flatMap(({ links }) => Object.values(links))

const swizzle: Kind = {
  id: 'F20',
  title: 'links clogged one by one and freed in another order, with a SIGKILL in between',
  async strike(scene) {
    const { random } = scene
    const links = all(scene).slice(0, scene.crew.length * linkNames.length)
    const clogged = shuffled(links, random)
    for (const link of clogged) {
      link.begin({ isHeld: true })
      await sleep(random.whole(50, 500))
    }
    const slot = random.pick(scene.crew)
    slot.kill()
    await slot.worker?.exited
    slot.start()
    for (const link of shuffled(links, random)) {
      link.end()
      await sleep(random.whole(50, 800))
    }
    return { what: `${links.length} links, ${slot.name} killed` }
  },
}

function shuffled<T>(items: readonly T[], random: Scene['random']): T[] {
  const order = items.map(item => [random.whole(0, 1e6), item] as const)
  return order.sort(([a], [b]) => a - b).map(([, item]) => item)
}

export const networkKinds: readonly Kind[] = [blackHole, slowBroker, badNetwork, swizzle]
