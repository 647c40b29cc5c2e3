import { setTimeout as sleep } from 'node:timers/promises'
import { postgresTargetsOf } from '../../src/app/app'
import { loadTopology } from '../../src/cli/shared/load-topology'
import { readConfig } from '../../src/config'
import { createAdmin } from '../../src/connectors/kafka'
import { migrate } from '../../src/connectors/postgres/migrate'
import { type Contestant, limitFor, type Windows } from './contestant'
import type { Load } from './load'
import type { Services } from './services'

/** The rows of the tables that compare contestants. */
export const jobName = "weir, the peers' job"
export const sensorsName = 'weir, topology/sensors.ts'

/** A command of package.json, without npm's own process. */
export const command = (...args: string[]): string[] => [process.execPath, 'bin/run.mjs', ...args]

const secondsOf = (column: string) => `extract(epoch FROM ${column})::float8`

const rawOf = (table: string) => ({
  rawTable: table,
  rawSql: `SELECT sensor_id, temperature, ${secondsOf('timestamp')} AS ts FROM ${table}`,
  distinct: 'kafka_partition, kafka_offset',
})

const windowsOf = (table: string, mqtt: string, sizeS: number, graceS: number, retained: boolean): Windows => ({
  retained,
  sizeS,
  graceS,
  mqtt,
  sql: `SELECT sensor_id, ${secondsOf('window_start')} AS ws, count, min, max, mean AS avg FROM ${table}`,
})

/** Makes the tables of a topology, as `weir migrate` does. */
export async function migrateFor(file: string, { addresses }: Services): Promise<void> {
  const targets = postgresTargetsOf(await loadTopology(file))
  await migrate(addresses.databaseUrl, targets)
}

/** How long a group's last member may take to be forgotten: it was killed, or doesn't say goodbye. */
const emptyMs = 60_000

/** Removes a consumer group, where its members have gone, and its topics; waits until topics of the same names can be made. */
export async function forget(
  { kafka }: Services,
  group: string,
  isOurs: (topic: string) => boolean = topic => topic.startsWith(`${group}-`),
): Promise<void> {
  const admin = createAdmin(kafka)
  await admin.connect()
  const deleteOurs = async () => {
    const topics = (await admin.listTopics()).filter(isOurs)
    if (topics.length > 0) await admin.deleteTopics({ topics })
    return topics.length
  }
  // A topic that goes between the question and the answer makes kafkajs throw.
  const goingOn = (error: { type?: string }) => {
    if (error.type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
    return 1
  }
  try {
    await admin.deleteGroups([group]).catch(() => undefined)
    while ((await deleteOurs().catch(goingOn)) > 0) await sleep(100)
  } finally {
    await admin.disconnect()
  }
}

/** Waits until nothing is left of a group whose name is used again. */
async function forgetGroup({ kafka }: Services, group: string): Promise<void> {
  const admin = createAdmin(kafka)
  await admin.connect()
  try {
    const isThere = async () => (await admin.listGroups()).groups.some(({ groupId }) => groupId === group)
    for (const end = Date.now() + emptyMs; await isThere(); await sleep(500)) {
      await admin.deleteGroups([group]).catch(error => {
        if (Date.now() > end) throw error
      })
    }
  } finally {
    await admin.disconnect()
  }
}

export interface JobOptions {
  readonly name?: string
  /** Besides the services' addresses. */
  readonly environment?: NodeJS.ProcessEnv
  readonly workers?: number
}

/** The peers' job on the engine: bench/topology-job.ts by the shipped command. */
export function jobContestant(load: Load, services: Services, options: JobOptions = {}): Contestant {
  const { name = jobName, environment = {}, workers = 1 } = options
  const settings = { ...services.environment, ...environment }
  const { guarantee } = readConfig({ ...process.env, ...settings })
  return {
    name,
    guarantee,
    load,
    databaseUrl: services.addresses.databaseUrl,
    ...rawOf('bench_readings'),
    windows: [windowsOf('bench_rollups', '10s', 10, 2, false)],
    command: command('src/cli/programs/topology.ts', 'bench/topology-job.ts', '--workers', String(workers)),
    limitS: limitFor(load),
    async prepare(db) {
      await migrateFor('bench/topology-job.ts', services)
      await db.query('TRUNCATE bench_readings, bench_rollups, weir_positions')
    },
    environment: run => ({ ...settings, BENCH_APPLICATION: `bench-job-${run}`, BENCH_TOPIC: load.topic }),
    cleanUp: run => forget(services, `bench-job-${run}`),
  }
}

/** The shipped topology by its shipped command; its topic has to be the loaded one. */
export function sensorsContestant(load: Load, services: Services): Contestant {
  const { environment } = services
  const ours = (topic: string) => /^(sensors-|sensor_data_1)/.test(topic)
  return {
    name: sensorsName,
    guarantee: readConfig({ ...process.env, ...environment }).guarantee,
    load,
    databaseUrl: services.addresses.databaseUrl,
    ...rawOf('sensor_data'),
    windows: [windowsOf('sensor_data_10s', '10s', 10, 5, true), windowsOf('sensor_data_1m', '1m', 60, 5, true)],
    command: command('src/cli/programs/topology.ts'),
    limitS: limitFor(load),
    async prepare(db) {
      await forgetGroup(services, 'sensors')
      await forget(services, 'sensors', ours)
      await migrateFor('topology/sensors.ts', services)
      await db.query('TRUNCATE sensor_data, sensor_data_10s, sensor_data_1m, weir_positions')
    },
    environment: () => environment,
    cleanUp: () => forget(services, 'sensors', ours),
  }
}
