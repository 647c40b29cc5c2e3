import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { readConfig } from '../src/config'
import { createAdmin } from '../src/connectors/kafka'
import { startFleetProcess } from '../src/simulator/fleet-process'
import { type LoadOptions, load } from './harness/load'
import { processes, treeCpu } from './harness/proc'
import { decimals, machine, markdown } from './harness/report'
import { type Run, runOnce } from './harness/run'
import { repository, type Services, servicesCpu, startServices } from './harness/services'
import { command, forget, jobContestant, migrateFor } from './harness/weir'
import { type Cost, fitCost } from './scale/fit'

export interface ScaleOptions {
  readonly readings: number
  /** How long each steady pace is measured. */
  readonly seconds: number
}

interface Setting {
  readonly partitions: number
  readonly keys: number
  readonly workers: number
}

/** One thing is changed at a time, around 10 partitions, 2000 keys and one worker. */
const usual: Setting = { partitions: 10, keys: 2000, workers: 1 }
const settings: readonly Setting[] = [
  usual,
  ...[1, 4, 16, 64].map(partitions => ({ ...usual, partitions })),
  ...[10, 1000, 100_000, 1_000_000].map(keys => ({ ...usual, keys })),
  ...[2, 4].map(workers => ({ ...usual, workers })),
]

export interface Point extends Setting {
  readonly run: Run
  /** Windows that were closed for each reading. */
  readonly windowsPerReading: number
}

/** Readings come so often that a window holds 100 of each key, or fewer where there are more keys than that allows. */
function loadOf({ partitions, keys }: Setting, readings: number): LoadOptions {
  const topic = `scale_p${partitions}_k${keys}`
  return { topic, format: 'weir', readings: Math.max(readings, keys), sensors: keys, partitions, hertz: 10 }
}

async function measure(setting: Setting, services: Services, readings: number): Promise<Point> {
  const options = loadOf(setting, readings)
  const loaded = await load(options, services)
  const name = `${setting.partitions} partitions, ${setting.keys} keys, ${setting.workers} workers`
  const contestant = jobContestant(loaded, services, { name, workers: setting.workers })
  const run = await runOnce(contestant, `${Date.now()}`, services)
  await forget(services, name, topic => topic === options.topic)
  process.stderr.write(`bench: ${name}: ${run.void ?? `${Math.round(run.rate)} readings/s`}\n`)
  return { ...setting, run, windowsPerReading: loaded.windows / loaded.total }
}

export interface Steady {
  readonly partitions: number
  readonly pace: number
  /** CPU seconds per million readings: the application's, and everybody's. */
  readonly app: number
  readonly all: number
}

/** The cost of a reading at a fixed pace, where a commit is due every interval whether it is worth it or not. */
async function steady(partitions: number, services: Services, seconds: number): Promise<Steady> {
  const topic = `steady_p${partitions}`
  const admin = createAdmin(services.kafka)
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
  await admin.disconnect()
  const db = new Client({ connectionString: services.addresses.databaseUrl })
  await db.connect()
  await migrateFor('bench/topology-job.ts', services)
  await db.query('TRUNCATE bench_readings, bench_rollups, weir_positions')
  await db.end()
  const application = `bench-steady-${partitions}`
  const env = { ...process.env, ...services.environment, BENCH_APPLICATION: application, BENCH_TOPIC: topic }
  const [program, ...args] = command('src/cli/topology.ts', 'bench/topology-job.ts')
  const app = spawn(program!, args, { cwd: repository, env, stdio: 'ignore' })
  process.on('exit', () => app.kill('SIGKILL'))
  const { kafka, registryUrl } = readConfig(env)
  const fleet = startFleetProcess({ kafka, registryUrl, topic, sensors: 2000, rate: 10 })
  await sleep(15_000)
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
  const gone = new Promise(resolve => app.once('exit', resolve))
  app.kill('SIGTERM')
  await gone
  await forget(services, application, name => name === topic || name.startsWith(`${application}-`))
  const millions = (after.readings - before.readings) / 1e6
  return {
    partitions,
    pace: (millions * 1e6) / seconds,
    app: (after.own - before.own) / millions,
    all: (after.all - before.all) / millions,
  }
}

function report(points: readonly Point[], paced: readonly Steady[], cost: Cost | undefined): string {
  const drained = points.map(({ partitions, keys, workers, run, windowsPerReading }) => [
    String(partitions),
    keys.toLocaleString('en-US'),
    String(workers),
    run.void === undefined ? Math.round(run.rate).toLocaleString('en-US') : `void: ${run.void}`,
    Math.round(run.rateFromFirst).toLocaleString('en-US'),
    decimals(run.cpuPerMillion),
    decimals(run.servicesPerMillion.kafka),
    decimals(run.servicesPerMillion.postgres),
    decimals(run.servicesPerMillion.mqtt),
    decimals(run.maxRssMb, 0),
    decimals(windowsPerReading, 3),
  ])
  const head = ['partitions', 'keys', 'workers', 'readings/s', 'from first output', 'CPU-s/M app', 'Kafka', 'Postgres']
  const base = paced.find(({ partitions }) => partitions === 10)
  const fixed = paced.map(each => [
    String(each.partitions),
    Math.round(each.pace).toLocaleString('en-US'),
    decimals(each.app),
    decimals(each.all),
    base ? decimals(each.all / base.all, 2) : '–',
  ])
  return [
    'Draining a loaded topic:',
    markdown([...head, 'MQTT', 'max RSS MB', 'windows a reading'], drained),
    'At a steady 20,000 readings/s:',
    markdown(['partitions', 'readings/s', 'CPU-s/M app', 'CPU-s/M all', 'against 10 partitions'], fixed),
    cost
      ? `Fitted: ${decimals(cost.reading, 2)} µs a reading and ${decimals(cost.window, 1)} µs a closed window (application's CPU)`
      : '',
  ].join('\n\n')
}

/** `npm run bench -- scale`: what a reading costs as partitions, keys and workers grow. */
export async function scale({ readings, seconds }: ScaleOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const points: Point[] = []
    for (const setting of settings) points.push(await measure(setting, services, readings))
    const paced: Steady[] = []
    for (const partitions of [10, 64]) paced.push(await steady(partitions, services, seconds))
    const cost = fitCost(
      points
        .filter(({ workers, run }) => workers === 1 && run.void === undefined)
        .map(({ windowsPerReading, run }) => ({ windowsPerReading, micros: run.cpuPerMillion })),
    )
    const date = new Date().toISOString()
    const text = `${date.slice(0, 16)}Z, ${machine()}\n\n${report(points, paced, cost)}`
    return { text, date, machine: machine(), points, paced, cost }
  } finally {
    await services.stop()
  }
}
