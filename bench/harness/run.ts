import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, isOver } from './child'
import type { Contestant } from './contestant'
import { endedChildrenCpu, machineCpu, processes, treeCpu, treeRss } from './proc'
import { home, repository, type ServiceCpu, type Services, servicesCpu } from './services'
import { closedWindows, MqttWatch } from './watch-mqtt'
import { type Found, PostgresWatch } from './watch-postgres'

/** What one run of one contestant took. */
export interface Run {
  readonly contestant: string
  readonly guarantee: string
  readonly readings: number
  /** Why it doesn't count; undefined when everything has arrived. */
  readonly void: string | undefined
  /** Readings a second from the start of the process, and from its first output. */
  readonly rate: number
  readonly rateFromFirst: number
  readonly startupS: number
  readonly wallS: number
  /** CPU seconds per million readings: the contestant from start to exit, each service until all was there. */
  readonly cpuPerMillion: number
  readonly servicesPerMillion: ServiceCpu
  readonly maxRssMb: number
  /** CPU that neither the contestant, the services nor the bench used meanwhile, in cores. */
  readonly noise: number
}

const lookMs = 100
const stopMs = 40_000

/** They must not outlive a bench that is interrupted. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const { pid } of running) process.kill(-pid!, 'SIGKILL')
})

function start({ command, environment, name }: Contestant, run: string): { child: ChildProcess; log: string } {
  const logs = join(home, 'bench-logs')
  mkdirSync(logs, { recursive: true })
  const log = join(logs, `${name.replace(/[^a-z0-9]+/gi, '-')}-${run}.log`)
  const output = openSync(log, 'w')
  const [program, ...args] = command
  const env = { ...process.env, ...environment(run) }
  // A process group of its own, so that what it starts ends with it.
  const child = spawn(program!, args, { cwd: repository, env, stdio: ['ignore', output, output], detached: true })
  closeSync(output)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return { child, log }
}

async function end(child: ChildProcess): Promise<void> {
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await ended(child)
  clearTimeout(late)
}

/** Watches until everything has arrived; says what went wrong otherwise. */
async function drain(child: ChildProcess, { limitS }: Contestant, mqtt: MqttWatch, postgres: PostgresWatch) {
  const startedAt = Date.now()
  let maxRss = 0
  let failed: string | undefined
  while (!(mqtt.rawAt && mqtt.windowsAt && postgres.rawAt && postgres.windowsAt)) {
    maxRss = Math.max(maxRss, treeRss(child.pid!, processes()))
    if (isOver(child)) failed = `it ended (${child.signalCode ?? child.exitCode})`
    else if (Date.now() - startedAt > limitS * 1000) failed = `not done after ${Math.round(limitS)} s`
    if (failed) break
    await postgres.look()
    await sleep(lookMs)
  }
  return { failed, maxRss }
}

const snapshot = () => {
  const all = processes()
  return { services: servicesCpu(all), machine: machineCpu(), own: process.cpuUsage(), all }
}
type Snapshot = ReturnType<typeof snapshot>

function used(before: Snapshot, after: Snapshot) {
  const services = Object.fromEntries(
    Object.entries(after.services).map(([name, cpu]) => [name, cpu - before.services[name as keyof ServiceCpu]]),
  ) as unknown as ServiceCpu
  const own = (after.own.user + after.own.system - before.own.user - before.own.system) / 1e6
  return { services, own, machine: after.machine - before.machine }
}

/** Runs a contestant once, from an empty state to the last row and message. */
export async function runOnce(contestant: Contestant, id: string, { addresses }: Services): Promise<Run> {
  const { load, name, guarantee } = contestant
  const postgres = new PostgresWatch(contestant)
  await postgres.start()
  await contestant.prepare(postgres.db)
  await postgres.db.query('CHECKPOINT')
  const mqtt = new MqttWatch(addresses.mqttUrl, contestant)
  await mqtt.start()
  const publishedBefore = await mqtt.published()
  const before = snapshot()
  const childrenBefore = endedChildrenCpu()
  const startedAt = Date.now()
  const { child, log } = start(contestant, id)
  const { failed, maxRss } = await drain(child, contestant, mqtt, postgres)
  const after = snapshot()
  const appUntilDone = child.pid === undefined ? 0 : treeCpu(child.pid, after.all)
  await end(child)
  const cpu = endedChildrenCpu() - childrenBefore
  const found = failed ? undefined : await postgres.check()
  const published = failed ? undefined : await mqtt.published()
  const came = published === undefined || publishedBefore === undefined ? undefined : published - publishedBefore
  const faults = failed ? [`${failed}, see ${log}`] : faultsOf(contestant, found!, mqtt.raw, came)
  await mqtt.stop()
  await postgres.stop()
  await contestant.cleanUp?.(id)
  const doneAt = Math.max(mqtt.rawAt ?? 0, mqtt.windowsAt ?? 0, postgres.rawAt ?? 0, postgres.windowsAt ?? 0)
  const wallS = (doneAt - startedAt) / 1000
  const startupS = ((mqtt.firstAt ?? startedAt) - startedAt) / 1000
  const millions = load.total / 1e6
  const { services, own, machine } = used(before, after)
  const known = services.kafka + services.postgres + services.mqtt + own + appUntilDone
  return {
    contestant: name,
    guarantee,
    readings: load.total,
    void: faults.length > 0 ? faults.join('; ') : undefined,
    rate: load.total / wallS,
    rateFromFirst: load.total / (wallS - startupS),
    startupS,
    wallS,
    cpuPerMillion: cpu / millions,
    servicesPerMillion: {
      kafka: services.kafka / millions,
      postgres: services.postgres / millions,
      mqtt: services.mqtt / millions,
    },
    maxRssMb: maxRss / 1e6,
    noise: Math.max(0, machine - known) / wallS,
  }
}

/** What is missing, too much or wrong; `published`: publishes that the broker counted, if it tells. */
function faultsOf(contestant: Contestant, found: Found, watched: number, published: number | undefined): string[] {
  const { total } = contestant.load
  const faults: string[] = []
  if (found.rows < total) faults.push(`${found.rows} raw rows of ${total}`)
  if (found.distinct !== total) faults.push(`${found.distinct} distinct raw rows of ${total}`)
  if (found.wrongWindows > 0) faults.push(`${found.wrongWindows} windows wrong`)
  const [toWatch, toPublish] = [watchedReadings(contestant), expectedPublishes(contestant)]
  if (watched < toWatch) faults.push(`${watched} of ${toWatch} messages of the watched sensors`)
  if (published !== undefined && published < toPublish)
    faults.push(`the broker received ${published} of ${toPublish} messages`)
  return faults
}

/** Every sensor has as many readings as turns, and its tick. */
function watchedReadings({ load }: Contestant): number {
  const { readings, sensors, lastSensors } = load
  const turns = (sensor: number) => Math.floor(readings / sensors) + (sensor <= readings % sensors ? 1 : 0)
  return lastSensors.reduce((sum, sensor) => sum + turns(sensor) + 1, 0)
}

function expectedPublishes({ load, windows }: Contestant): number {
  return windows
    .filter(({ retained }) => !retained)
    .reduce((sum, { sizeS, graceS }) => sum + closedWindows(load, sizeS, graceS), load.total)
}
