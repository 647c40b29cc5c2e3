import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { until } from '../../../scenarios/kafka-stack'
import { killPoints } from '../crew/kill-points'
import type { Slot } from '../crew/slot'
import type { Scene } from '../scene'
import type { Kind, Struck } from './kind'

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

/** Asks Postgres. @returns the first column */
export type Ask = (sql: string) => Promise<unknown[]>

/** Strikes in one round, and how often more it is tried until there is one. */
const [STRIKES, MOST_TRIES] = [3, 9]

/** SIGKILL of the first backend of a worker that is still there: Postgres ends all its backends then, and recovers as from a crash. */
export async function killBackend(ask: Ask, kill: (pid: number) => void): Promise<Struck> {
  for (let i = 0; i < MOST_TRIES; i++) {
    let pid: number | undefined
    await until(async () => ([pid] = (await ask(weirs)) as number[]).length > 0, 'connections of workers')
    try {
      kill(pid as number)
      return { what: `SIGKILL of backend ${pid}` }
    } catch (error) {
      // It has gone meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return { what: 'no backend stayed to be killed', missed: true }
}

/** Ends the connections of workers several times, until there were some. */
export async function endConnections(ask: Ask, pause: () => Promise<void>): Promise<Struck> {
  let [ended, times] = [0, 0]
  for (; times < STRIKES || (ended === 0 && times < MOST_TRIES); times++) {
    const answers = await ask(`SELECT pg_terminate_backend(pid) FROM (${weirs}) AS weirs`)
    ended += answers.filter(isEnded => isEnded === true).length
    await pause()
  }
  return { what: `${ended} connections ended, at ${times} moments`, missed: ended === 0 }
}

const postgres: Kind = {
  id: 'F7',
  title: 'Postgres: immediate stop, SIGKILL of a backend, connections ended',
  async strike(scene) {
    const { random } = scene
    const ask: Ask = sql => administer(scene, sql)
    const how = random.pick(['stop', 'stop', 'backend', 'end'])
    if (how === 'stop') return down(scene, 'postgres', random.pick(['SIGQUIT', 'SIGINT']), random.whole(0, 3_000))
    if (how === 'end') return endConnections(ask, () => sleep(random.whole(50, 800)))
    return killBackend(ask, pid => process.kill(pid, 'SIGKILL'))
  },
}

const COMMIT_LIMIT_MS = 5_000

/** Cuts the worker's link at its next COMMIT; resolves with false where none comes. */
function cutAtCommit({ postgres }: Slot, arm: (strike: () => void) => void): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      postgres.watch = undefined
      resolve(false)
    }, COMMIT_LIMIT_MS)
    arm(() => {
      clearTimeout(timer)
      postgres.cut()
      resolve(true)
    })
  })
}

const commitLost: Kind = {
  id: 'F8',
  title: 'the answer to a COMMIT is lost, or the COMMIT',
  async strike({ random, crew }) {
    const told: string[] = []
    let struck = 0
    for (let i = 0; i < MOST_TRIES && struck < STRIKES; i++) {
      const slot = random.pick(crew)
      const moment = random.pick(['before', 'after', 'after'])
      const point = killPoints.find(({ name }) => name === `Postgres COMMIT ${moment}`)
      const isStruck = await cutAtCommit(slot, strike => point?.arm(slot, strike))
      if (isStruck) struck++
      told.push(`${slot.name} ${isStruck ? moment : 'none came'}`)
    }
    return { what: told.join(', '), missed: struck === 0 }
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
