import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../src/config'
import { startFleetProcess } from '../src/sensors/simulator/fleet-process'
import { freePort } from '../src/stack/ports'
import { ended } from './harness/child'
import { load } from './harness/load'
import { processes, treeRss } from './harness/proc'
import { decimals, markdown, origin, type Ratio, ratioTable } from './harness/report'
import { runOnce } from './harness/run'
import { home, type Services, startServices } from './harness/services'
import { makeTopic, startTopology } from './harness/topology'
import { until } from './harness/until'
import { jobContestant, migrateFor } from './harness/weir'

export interface GrowthOptions {
  /** How long Postgres and the MQTT broker are away, minutes. */
  readonly minutes: number
}

/** One reading a key: the first tick of each of the 10 partitions closes 100,000 windows at once. */
const keys = 1_000_000
const pace = 20_000
const lookMs = 500
const flowingMs = 120_000

type Metrics = ReadonlyMap<string, number>

/** The figures of a worker's `/metrics`, those of one name added up; undefined while it isn't served. */
async function metricsOf(port: number): Promise<Metrics | undefined> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    response => response.text(),
    () => undefined,
  )
  if (text === undefined) return undefined
  const found = new Map<string, number>()
  for (const [, name, value] of text.matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm))
    found.set(name!, (found.get(name!) ?? 0) + Number(value))
  return found
}

export interface Closing {
  readonly rate: number
  readonly void: string | undefined
  /** The longest time that timers, heartbeats among them, had to wait, s. */
  readonly longestStallS: number
  /** Generations of the group beyond the first: evictions. */
  readonly rebalances: number
  readonly maxRssMb: number
}

/** Closes 100,000 windows of a task with one record, ten times over, and looks how long the event loop stands still. */
async function closeAtOnce(services: Services): Promise<Closing> {
  const loaded = await load({ topic: 'growth_keys', format: 'weir', readings: keys, sensors: keys }, services)
  const port = await freePort()
  const contestant = jobContestant(loaded, services, {
    name: 'closing 100,000 windows at once',
    environment: { METRICS_PORT: String(port) },
  })
  let [longestStallS, generations, done] = [0, 0, false]
  const watching = (async () => {
    for (; !done; await sleep(lookMs)) {
      const metrics = await metricsOf(port)
      longestStallS = Math.max(longestStallS, metrics?.get('nodejs_eventloop_lag_max_seconds') ?? 0)
      generations = Math.max(generations, metrics?.get('weir_generations_total') ?? 0)
    }
  })()
  const run = await runOnce(contestant, `${Date.now()}`, services)
  done = true
  await watching
  const { rate, maxRssMb } = run
  return { rate, void: run.void, longestStallS, rebalances: Math.max(0, generations - 1), maxRssMb }
}

export interface Outage {
  readonly minutes: number
  readonly usualRssMb: number
  readonly maxRssMb: number
  /** From the services' return until the worker is at the end of its inputs, s; and the readings that had gathered. */
  readonly recoveredS: number
  readonly backlog: number
}

const lagOf = async (port: number): Promise<number> =>
  (await metricsOf(port))?.get('weir_lag_records') ?? Number.POSITIVE_INFINITY

/** The shipped topology at 20,000 readings/s while both ends outside Kafka are away. */
async function sinksDown(services: Services, minutes: number): Promise<Outage> {
  const { kafka, registryUrl } = readConfig({ ...process.env, ...services.environment })
  await makeTopic(services, 'sensor_data')
  await migrateFor('topology/sensors.ts', services)
  const port = await freePort()
  const app = startTopology(services, { environment: { METRICS_PORT: String(port) }, stderr: 'pipe' })
  app.stderr!.pipe(createWriteStream(join(home, 'growth.log')))
  const fleet = startFleetProcess({ kafka, registryUrl, sensors: 2000, rate: pace / 2000 })
  try {
    const flowing = async () => fleet.counters.acknowledged > 10 * pace && (await lagOf(port)) < pace
    await until('the readings flowing', flowingMs, flowing)
    const rss = () => treeRss(app.pid!, processes()) / 1e6
    const usualRssMb = rss()
    let maxRssMb = usualRssMb
    const before = fleet.counters.acknowledged
    for (const name of ['postgres', 'mqtt'] as const) await services.stack.stopService(name, { signal: 'SIGKILL' })
    for (const end = Date.now() + minutes * 60_000; Date.now() < end; await sleep(lookMs))
      maxRssMb = Math.max(maxRssMb, rss())
    const backlog = fleet.counters.acknowledged - before
    for (const name of ['postgres', 'mqtt'] as const) await services.stack.startService(name)
    const backAt = Date.now()
    await until('catching up', 60_000 + minutes * 60_000, async () => {
      maxRssMb = Math.max(maxRssMb, rss())
      return (await lagOf(port)) < pace
    })
    return { minutes, usualRssMb, maxRssMb, recoveredS: (Date.now() - backAt) / 1000, backlog }
  } finally {
    await fleet.stop()
    await ended(app)
  }
}

const ratiosOf = (closing: Closing, outage: Outage): Ratio[] => [
  {
    what: 'longest stall while 100,000 windows close at once',
    floor: 10,
    aim: 3,
    less: true,
    unit: ' s',
    value: closing.longestStallS,
    void: closing.void,
  },
  { what: 'evictions meanwhile', floor: 0, aim: 0, less: true, value: closing.rebalances, void: closing.void },
  {
    what: `max RSS, ${outage.minutes} minutes without Postgres and MQTT`,
    floor: 512,
    aim: 256,
    less: true,
    unit: ' MB',
    value: outage.maxRssMb,
  },
]

/** `npm run bench -- growth`: what must not break as keys grow and when both ends are away. */
export async function growth({ minutes }: GrowthOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const closing = await closeAtOnce(services)
    const outage = await sinksDown(services, minutes)
    const ratios = ratiosOf(closing, outage)
    const { heading, ...about } = origin()
    const rows = [
      ['1,000,000 keys, readings/s', Math.round(closing.rate).toLocaleString('en-US')],
      ['1,000,000 keys, max RSS MB', decimals(closing.maxRssMb, 0)],
      ['RSS before the outage, MB', decimals(outage.usualRssMb, 0)],
      ['readings that gathered', outage.backlog.toLocaleString('en-US')],
      ['caught up after, s', decimals(outage.recoveredS)],
    ]
    const text = [heading, ratioTable(ratios), markdown(['besides', ''], rows)].join('\n\n')
    return { text, ...about, closing, outage, ratios }
  } finally {
    await services.stop()
  }
}
