import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { readConfig } from '../../src/config'
import { startFleetProcess } from '../../src/simulator/fleet-process'
import { processes, treeCpu } from '../harness/proc'
import { type Services, servicesCpu } from '../harness/services'
import { ended, makeTopic, startTopology } from '../harness/topology'
import { forget, migrateFor } from '../harness/weir'

const sensors = 2000
const warmUpMs = 15_000

export interface Pace {
  readonly partitions: number
  /** Readings a second. */
  readonly pace: number
}

export interface Steady extends Pace {
  /** Cores that the application uses, and that it and the services use together. */
  readonly app: number
  readonly all: number
}

/** The cost of a fixed pace, where a commit is due every interval whether it is worth it or not. */
export async function steady({ partitions, pace }: Pace, services: Services, seconds: number): Promise<Steady> {
  const topic = `steady_p${partitions}_r${pace}`
  await makeTopic(services, topic, partitions)
  const db = new Client({ connectionString: services.addresses.databaseUrl })
  await db.connect()
  await migrateFor('bench/topology-job.ts', services)
  await db.query('TRUNCATE bench_readings, bench_rollups, weir_positions')
  await db.end()
  const application = `bench-${topic}`
  const environment = { BENCH_APPLICATION: application, BENCH_TOPIC: topic }
  const app = startTopology(services, { environment, stderr: 'ignore', args: ['bench/topology-job.ts'] })
  const { kafka, registryUrl } = readConfig({ ...process.env, ...services.environment })
  const fleet = startFleetProcess({ kafka, registryUrl, topic, sensors, rate: pace / sensors })
  await sleep(warmUpMs)
  const look = () => {
    const all = processes()
    const { kafka: k, postgres, mqtt } = servicesCpu(all)
    const own = treeCpu(app.pid!, all)
    return { own, all: own + k + postgres + mqtt, readings: fleet.counters.acknowledged }
  }
  const before = look()
  await sleep(seconds * 1000)
  const after = look()
  await fleet.stop()
  await ended(app)
  await forget(services, application, name => name === topic || name.startsWith(`${application}-`))
  return {
    partitions,
    pace: (after.readings - before.readings) / seconds,
    app: (after.own - before.own) / seconds,
    all: (after.all - before.all) / seconds,
  }
}
