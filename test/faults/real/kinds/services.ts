import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { killPoints } from '../crew/kill-points'
import type { Scene } from '../scene'
import type { Kind } from './kind'

/** Stops a service for a while. */
async function down(
  scene: Scene,
  name: 'kafka' | 'registry' | 'postgres' | 'mqtt',
  signal: NodeJS.Signals,
  ms: number,
) {
  await scene.stack.stopService(name, { signal })
  await sleep(ms)
  await scene.stack.startService(name)
  return { what: `${name}: ${signal}, down for ${ms} ms and until it answered` }
}

const kafka: Kind = {
  id: 'F5',
  title: 'Kafka stopped in order, or by SIGKILL, and started again',
  needsDurable: true,
  strike: scene =>
    down(scene, 'kafka', scene.random.pick(['SIGTERM', 'SIGKILL', 'SIGKILL']), scene.random.whole(0, 3_000)),
}

/** Asks Postgres. @returns the first column */
export async function administer(scene: Scene, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: scene.ends.databaseUrl })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map(([value]) => value)
  } finally {
    await client.end().catch(() => {})
  }
}

/** Selects the backends that serve workers. */
export const weirs = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'weir%' AND application_name <> 'weir prober'`

const postgres: Kind = {
  id: 'F7',
  title: 'Postgres: immediate stop, SIGKILL of a backend, connections ended',
  async strike(scene) {
    const { random } = scene
    const how = random.pick(['stop', 'stop', 'backend', 'end'])
    if (how === 'stop') return down(scene, 'postgres', random.pick(['SIGQUIT', 'SIGINT']), random.whole(0, 3_000))
    const pids = (await administer(scene, weirs)) as number[]
    if (how === 'end') {
      for (let i = 0; i < 3; i++) {
        await administer(scene, `SELECT pg_terminate_backend(pid) FROM (${weirs}) AS weirs`)
        await sleep(random.whole(50, 800))
      }
      return { what: 'all connections ended, three times' }
    }
    const [pid] = pids
    // Postgres ends all its backends then, and recovers as from a crash.
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    return { what: `SIGKILL of backend ${pid}` }
  },
}

const commitLost: Kind = {
  id: 'F8',
  title: 'the answer to a COMMIT is lost, or the COMMIT',
  async strike(scene) {
    const { random } = scene
    const told: string[] = []
    for (let i = 0; i < 3; i++) {
      const slot = random.pick(scene.crew)
      const moment = random.pick(['before', 'after', 'after'])
      const point = killPoints.find(({ name }) => name === `Postgres COMMIT ${moment}`)
      const struck = new Promise<string>(resolve => {
        setTimeout(() => resolve('none came'), 5_000)
        point?.arm(slot, () => {
          slot.postgres.cut()
          resolve(moment)
        })
      })
      told.push(`${slot.name} ${await struck}`)
    }
    return { what: told.join(', ') }
  },
}

const mqtt: Kind = {
  id: 'F9',
  title: 'the MQTT broker by SIGKILL, what it retained lost',
  async strike(scene) {
    await scene.stack.stopService('mqtt', { signal: 'SIGKILL' })
    rmSync(join(scene.options.home, 'mqtt'), { recursive: true, force: true })
    await sleep(scene.random.whole(0, 2_000))
    await scene.stack.startService('mqtt')
    await scene.live.ready()
    return { what: 'killed, its folder deleted' }
  },
}

const registry: Kind = {
  id: 'F11',
  title: 'the schema registry away, also while a worker starts',
  async strike(scene) {
    const { random } = scene
    const slot = random.pick(scene.crew)
    for (const { links } of scene.slots) links.registry.begin(random.pick([{ isClosed: true }, { isHeld: true }]))
    const isStart = random.chance(0.6)
    if (isStart) {
      slot.kill()
      await slot.worker?.exited
      slot.start()
    }
    await sleep(random.whole(2_000, 5_000))
    for (const { links } of scene.slots) links.registry.end()
    return { what: isStart ? `${slot.name} started meanwhile` : 'all at work' }
  },
}

export const serviceKinds: readonly Kind[] = [kafka, postgres, commitLost, mqtt, registry]
