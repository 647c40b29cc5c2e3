import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killPoints } from '../crew/kill-points'
import type { Slot } from '../crew/slot'
import { type Scene, SESSION_MS, START_MS } from '../scene'
import type { Kind } from './kind'

/** A named point that doesn't come within is given up, and the worker killed where it is, ms. What comes when a worker begins takes longer. */
const [STEADY_LIMIT_MS, BEGIN_LIMIT_MS] = [5_000, 15_000]
const KILLS = 3
/** A worker that is told to stop has to within, ms. */
const MOST_STOP_MS = 10_000

async function killOnce(scene: Scene, slot: Slot): Promise<string> {
  const { random } = scene
  if (random.chance(0.4)) {
    await sleep(random.whole(0, 1_500))
    slot.kill()
    return 'at random'
  }
  const point = random.pick(killPoints)
  const struck = new Promise<boolean>(resolve => {
    point.arm(slot, () => {
      slot.kill()
      resolve(true)
    })
    setTimeout(() => resolve(false), point.isSteady ? STEADY_LIMIT_MS : BEGIN_LIMIT_MS)
  })
  // What comes only when somebody begins, or joins.
  if (!point.isSteady) void slot.stop().then(() => slot.start())
  const isStruck = await struck
  slot.kafka.meddle = undefined
  slot.links.postgres.watch = undefined
  slot.links.mqtt.watch = undefined
  if (!isStruck) slot.kill()
  return isStruck ? point.name : `at random, as ${point.name} did not come`
}

/** Kills a worker, lets it come back, and kills it again, perhaps before it works. */
const killOne: Kind = {
  id: 'F1',
  title: 'SIGKILL of a worker, at random and at named points',
  async strike(scene) {
    const { random } = scene
    const told: string[] = []
    for (let i = 0; i < KILLS; i++) {
      const slot = random.pick(scene.crew)
      if (!slot.running) slot.start()
      told.push(`${slot.name} ${await killOnce(scene, slot)}`)
      await slot.worker?.exited
      slot.start()
      if (random.chance(0.5)) await slot.worker?.working(1, START_MS)
      else await sleep(random.whole(300, 2_500))
    }
    return { what: told.join(', ') }
  },
}

const killAll: Kind = {
  id: 'F2',
  title: 'SIGKILL of all workers at once',
  async strike(scene) {
    const downMs = scene.random.whole(0, 4_000)
    await sleep(scene.random.whole(0, 1_000))
    for (const slot of scene.running) slot.kill()
    await Promise.all(scene.crew.map(({ worker }) => worker?.exited))
    await sleep(downMs)
    for (const slot of scene.crew) slot.start()
    return { what: `down for ${downMs} ms` }
  },
}

const rolling: Kind = {
  id: 'F3',
  title: 'SIGTERM of all workers in turn',
  async strike(scene) {
    const told: string[] = []
    for (const slot of scene.crew) {
      const { code, tookMs } = await slot.stop()
      if (code !== 0) scene.wrongs.push(`${slot.name} was told to stop and ended with ${code}`)
      if (tookMs > MOST_STOP_MS) scene.wrongs.push(`${slot.name} took ${tookMs.toFixed(0)} ms to stop`)
      told.push(`${slot.name} in ${tookMs.toFixed(0)} ms`)
      await slot.start().working(1, START_MS)
    }
    return { what: told.join(', ') }
  },
}

const zombie: Kind = {
  id: 'F4',
  title: 'SIGSTOP of a worker for longer than its session, and SIGCONT',
  async strike(scene) {
    const slot = scene.random.pick(scene.crew)
    const ms = SESSION_MS * 1.5
    await sleep(scene.random.whole(0, 1_000))
    slot.worker?.kill('SIGSTOP')
    await sleep(ms)
    slot.worker?.kill('SIGCONT')
    return { what: `${slot.name} for ${ms} ms` }
  },
}

const storm: Kind = {
  id: 'F13',
  title: 'workers that join and leave all the time',
  async strike(scene) {
    const { random } = scene
    const guests = scene.slots.filter(slot => !scene.crew.includes(slot))
    let moves = 0
    for (; moves < 8; moves++) {
      const slot = random.pick(guests)
      if (!slot.running) slot.start()
      else if (random.chance(0.3)) slot.kill()
      else void slot.stop()
      await sleep(random.whole(500, 2_000))
    }
    await Promise.all(guests.map(slot => slot.stop()))
    return { what: `${moves} moves` }
  },
}

const clock: Kind = {
  id: 'F15',
  title: 'a worker whose clock is an hour off and jumps',
  async strike(scene) {
    const { random } = scene
    const slot = random.pick(scene.crew)
    const offMs = random.pick([-3_600_000, 3_600_000, -86_400_000, 40_000])
    await slot.stop()
    const worker = slot.start({
      NODE_OPTIONS: `--require ${join(__dirname, '../crew/wrong-clock.cjs')}`,
      FAULTS_CLOCK_MS: String(offMs),
      FAULTS_JUMP_AFTER_MS: String(random.whole(2_000, 5_000)),
    })
    await worker.working(1, START_MS)
    await sleep(5_000)
    await slot.stop()
    slot.start()
    return { what: `${slot.name} off by ${offMs} ms` }
  },
}

export const workerKinds: readonly Kind[] = [killOne, killAll, rolling, zombie, storm, clock]
