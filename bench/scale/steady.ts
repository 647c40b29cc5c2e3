import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { readConfig } from '../../src/config'
import { startFleetProcess } from '../../src/sensors/simulator/fleet-process'
import { ended } from '../harness/child'
import { processes, treeCpu } from '../harness/proc'
import { type Services, servicesCpu } from '../harness/services'
import { makeTopic, startTopology } from '../harness/topology'
import { forget, migrateFor } from '../harness/weir'

const sensors = 2000
const warmUpMs = 15_000
const fleetWarmUpMs = 6_000
/** How long rows may take once the fleet has stopped: a worker that kept pace needs a commit or two. */
const restMs = 10_000

export interface Pace {
  readonly partitions: number
  /** Readings a second. */
  readonly pace: number
}

export interface Steady extends Pace {
  /** Cores that the application uses, and that it and the services use together. */
  readonly app: number
  readonly all: number
  /** Cores that the services use for the same readings while nothing but the fleet runs. */
  readonly ingest: number
  /** What the application costs: its own cores and those that the services use on its behalf. */
  readonly own: number
  /** Why it doesn't count: rows that were not there soon after the last reading. */
  readonly void: string | undefined
}

/** The cost of a fixed pace, where a commit is due every interval whether it is worth it or not. */
export async function steady({ partitions, pace }: Pace, services: Services, seconds: number): Promise<Steady> {
  const topic = `steady_p${partitions}_r${pace}`
  await makeTopic(services, topic, partitions)
  const db = new Client({ connectionString: services.addresses.databaseUrl })
  await db.connect()
  await migrateFor('bench/topology-job.ts', services)
  await db.query('TRUNCATE bench_readings, bench_rollups, weir_positions')
  const { kafka, registryUrl } = readConfig({ ...process.env, ...services.environment })
  const fleet = startFleetProcess({ kafka, registryUrl, topic, sensors, rate: pace / sensors })
  await sleep(fleetWarmUpMs)
  const cores = async (pid?: number) => {
    const look = () => {
      const all = processes()
      const { kafka: k, postgres, mqtt } = servicesCpu(all)
      return {
        at: performance.now(),
        app: treeCpu(pid ?? -1, all),
        services: k + postgres + mqtt,
        readings: fleet.counters.acknowledged,
      }
    }
    const before = look()
    await sleep(seconds * 1000)
    const after = look()
    const per = (what: 'app' | 'services' | 'readings') =>
      ((after[what] - before[what]) / (after.at - before.at)) * 1000
    return { app: per('app'), services: per('services'), pace: per('readings') }
  }
  const ingest = await cores()
  const application = `bench-${topic}`
  const environment = { BENCH_APPLICATION: application, BENCH_TOPIC: topic }
  const worker = startTopology(services, { environment, stderr: 'ignore', args: ['bench/topology-job.ts'] })
  await sleep(warmUpMs)
  const { app, services: others, pace: measured } = await cores(worker.pid)
  await fleet.stop()
  const fault = await missing(db, fleet.counters.acknowledged)
  await db.end()
  await ended(worker)
  await forget(services, application, name => name === topic || name.startsWith(`${application}-`))
  const all = app + others
  return { partitions, pace: measured, app, all, ingest: ingest.services, own: all - ingest.services, void: fault }
}

/** What of the readings is not in Postgres in time; undefined when all is. */
async function missing(db: Client, readings: number): Promise<string | undefined> {
  for (const end = Date.now() + restMs; ; await sleep(200)) {
    const { rows } = await db.query('SELECT count(*)::int AS n FROM bench_readings')
    if (rows[0].n === readings) return undefined
    if (Date.now() > end) return `${rows[0].n} rows of ${readings} readings`
  }
}
