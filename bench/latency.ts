import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../src/config'
import type { Fleet } from '../src/sensors/simulator/fleet'
import { startFleetProcess } from '../src/sensors/simulator/fleet-process'
import { ended } from './harness/child'
import { processes, treeCpu } from './harness/proc'
import { decimals, markdown, origin, type Ratio, ratioTable } from './harness/report'
import { type Services, servicesCpu, startServices } from './harness/services'
import { makeTopic, startTopology } from './harness/topology'
import { migrateFor } from './harness/weir'
import { every, Measured, sensors, watchMqtt, watchPostgres } from './latency/watch'

export interface LatencyOptions {
  readonly seconds: number
  /** Readings a second, over 2000 sensors. */
  readonly rate: number
}

/** Until the code is compiled nothing counts; it begins when the first reading has come through. */
const warmUpMs = 10_000
const startMs = 120_000

async function warmUp(measured: Measured): Promise<void> {
  for (const end = Date.now() + startMs; measured.mqtt.count === 0 || measured.postgres.count === 0; await sleep(100))
    if (Date.now() > end) throw new Error(`no reading has come through within ${startMs / 1000} s`)
  await sleep(warmUpMs)
  measured.begin()
}

/** Cores that each program uses, and readings a second that Kafka acknowledges, while nothing else is done. */
async function during(seconds: number, app: ChildProcess, fleet: Fleet) {
  const look = () => {
    const all = processes()
    return { app: treeCpu(app.pid!, all), ...servicesCpu(all) }
  }
  const [before, sent] = [look(), fleet.counters.acknowledged]
  await sleep(seconds * 1000)
  const after = look()
  const cores = Object.entries(after).map(
    ([name, cpu]) => [name, (cpu - before[name as keyof typeof before]) / seconds] as const,
  )
  return { cores, pace: (fleet.counters.acknowledged - sent) / seconds }
}

const figuresOf = ({ mqtt, postgres, rollups }: Measured) =>
  (
    [
      ['reading → MQTT subscriber', mqtt],
      ['reading → SELECT on another connection', postgres],
      ['end of window → retained rollup (grace 5 s in it)', rollups],
    ] as const
  ).map(([what, samples]) => ({
    what,
    samples: samples.count,
    p50: samples.quantile(0.5),
    p99: samples.quantile(0.99),
    p999: samples.quantile(0.999),
  }))

/** Why the figures don't count: a fleet too slow, or readings that never came to a reader. */
function faultOf(
  { pace, figures }: { pace: number; figures: ReturnType<typeof figuresOf> },
  { seconds, rate }: LatencyOptions,
) {
  if (pace < rate * 0.98) return `the fleet reached ${Math.round(pace)} of ${rate}/s`
  const followed = Math.floor((pace * seconds) / every)
  const short = figures.slice(0, 2).find(({ samples }) => samples < followed * 0.98)
  return short && `${short.what}: ${short.samples} of ${followed} readings that are followed`
}

const ratiosOf = ({ mqtt, postgres }: Measured): Ratio[] => [
  { what: 'p99 to MQTT', floor: 100, aim: 30, less: true, unit: ' ms', value: mqtt.quantile(0.99) },
  { what: 'p99 to Postgres', floor: 1200, aim: 400, less: true, unit: ' ms', value: postgres.quantile(0.99) },
]

async function measure(services: Services, app: ChildProcess, { seconds, rate }: LatencyOptions) {
  const { kafka, registryUrl } = readConfig({ ...process.env, ...services.environment })
  const { mqttUrl, databaseUrl } = services.addresses
  const measured = new Measured()
  const watches = await Promise.all([watchMqtt(mqttUrl, measured), watchPostgres(databaseUrl, measured)])
  const fleet = startFleetProcess({ kafka, registryUrl, sensors, rate: rate / sensors })
  await warmUp(measured)
  const { cores, pace } = await during(seconds, app, fleet)
  await fleet.stop()
  // What was sent last is on its way.
  await sleep(2000)
  await Promise.all(watches.map(watch => watch.stop()))
  return { pace, cores, figures: figuresOf(measured), ratios: ratiosOf(measured) }
}

/** `npm run bench -- latency`: the shipped topology at a steady pace. */
export async function latency(options: LatencyOptions): Promise<unknown> {
  const services = await startServices()
  await makeTopic(services, 'sensor_data')
  await migrateFor('topology/sensors.ts', services)
  const app = startTopology(services)
  try {
    const found = await measure(services, app, options)
    const { pace, figures, ratios } = found
    const { heading, ...about } = origin()
    const used = found.cores.map(([name, cores]) => `${name} ${cores.toFixed(2)}`).join(', ')
    const title = `${heading}; ${Math.round(pace)} readings/s for ${options.seconds} s; cores used: ${used}`
    const head = ['ms', 'samples', 'p50', 'p99', 'p99.9']
    const rows = figures.map(({ what, samples, ...quantiles }) => [
      what,
      String(samples),
      ...Object.values(quantiles).map(value => decimals(value)),
    ])
    const slow = faultOf(found, options)
    const text = [title, markdown(head, rows), ratioTable(ratios), ...(slow ? [`VOID: ${slow}`] : [])].join('\n\n')
    return { text, ...about, ...found, void: slow }
  } finally {
    await ended(app)
    await services.stop()
  }
}
