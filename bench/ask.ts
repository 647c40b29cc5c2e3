import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Asker, createBroker } from '../src/client'
import { ConfluentRegistry } from '../src/codecs/schema-registry'
import { createAdmin } from '../src/connectors/kafka'
import { startFleetProcess } from '../src/sensors/simulator/fleet-process'
import topology from '../topology/sensors'
import { ended } from './harness/child'
import { processes, treeCpu, treeRss } from './harness/proc'
import { decimals, markdown, origin, type Ratio, ratioTable } from './harness/report'
import { type Services, servicesCpu, startServices } from './harness/services'
import { makeTopic, startTopology } from './harness/topology'
import { migrateFor } from './harness/weir'
import { Samples, sensors } from './latency/watch'

export interface AskOptions {
  readonly seconds: number
  /** Readings a second, over 2000 sensors. */
  readonly rate: number
  /** Requests a second. */
  readonly requests: number
}

const startMs = 120_000
/** Until the code is compiled nothing counts. */
const warmUpMs = 10_000
const timeoutMs = 10_000
const tickMs = 5

interface Asked {
  readonly samples: Samples
  errors: number
  lastError: string
}

/** Asks for one sensor after the other, an equal number each few ms, whether or not the answers have come. */
async function askFor(asker: Asker, seconds: number, perSecond: number): Promise<Asked> {
  const asked: Asked = { samples: new Samples(), errors: 0, lastError: '' }
  const pending = new Set<Promise<void>>()
  const one = async (key: string, store: string) => {
    const at = performance.now()
    try {
      const { entries } = await asker.ask({ store, key })
      if (entries.length === 0) throw new Error(`sensor ${key} is not known`)
      asked.samples.add(performance.now() - at)
    } catch (error) {
      asked.errors++
      asked.lastError = (error as Error).message
    }
  }
  const started = performance.now()
  for (let sent = 0; sent < seconds * perSecond; await sleep(tickMs)) {
    const due = Math.min(seconds, (performance.now() - started) / 1000) * perSecond
    for (; sent < due; sent++) {
      const asking = one(String((sent % sensors) + 1), sent % 2 === 0 ? 'rollup-10s' : 'rollup-1m')
      pending.add(asking)
      void asking.then(() => pending.delete(asking))
    }
  }
  await Promise.all(pending)
  return asked
}

async function firstAnswer(asker: Asker): Promise<void> {
  for (const end = Date.now() + startMs; ; await sleep(200)) {
    const answer = await asker
      .ask({ store: 'rollup-1m', key: String(sensors) }, { timeoutMs: 5_000 })
      .catch(() => undefined)
    if (answer !== undefined && answer.entries.length > 0) return
    if (Date.now() > end) throw new Error(`no answer within ${startMs / 1000} s`)
  }
}

async function measure(services: Services, app: ChildProcess, { seconds, rate, requests }: AskOptions) {
  const { kafkaBrokers, registryUrl } = services.addresses
  const brokers = kafkaBrokers.split(',')
  const broker = createBroker({
    ...{
      brokers,
      application: 'bench-ask',
      guarantee: 'at_least_once',
      sessionTimeoutMs: 10_000,
      replicationFactor: 1,
    },
  })
  const fleet = startFleetProcess({ kafka: { brokers }, registryUrl, sensors, rate: rate / sensors })
  const registry = new ConfluentRegistry({ url: registryUrl })
  const asker = await Asker.open({ topology, broker, registry, nowMs: Date.now, timeoutMs })
  await firstAnswer(asker)
  await askFor(asker, warmUpMs / 1000, requests)
  const look = () => {
    const all = processes()
    return { app: treeCpu(app.pid!, all), bench: treeCpu(process.pid, all), ...servicesCpu(all) }
  }
  const [before, sent] = [look(), fleet.counters.acknowledged]
  const asked = await askFor(asker, seconds, requests)
  const after = look()
  const pace = (fleet.counters.acknowledged - sent) / seconds
  const rssMiB = treeRss(app.pid!, processes()) / 1024 ** 2
  const cores = Object.entries(after).map(
    ([name, cpu]) => [name, (cpu - before[name as keyof typeof before]) / seconds] as const,
  )
  await fleet.stop()
  await asker.close()
  await broker.close()
  return { asked, pace, cores, rssMiB }
}

async function started(services: Services): Promise<ChildProcess> {
  await makeTopic(services, 'sensor_data')
  const admin = createAdmin(services.kafka)
  await admin.connect()
  await migrateFor('topology/sensors.ts', services)
  const app = startTopology(services)
  for (const end = Date.now() + startMs; !(await admin.listTopics()).includes('sensors-replies'); await sleep(200))
    if (Date.now() > end) throw new Error(`the topology has not started within ${startMs / 1000} s`)
  await admin.disconnect()
  return app
}

/** `npm run bench -- ask`: requests to the shipped topology while it works at a steady pace. */
export async function ask(options: AskOptions): Promise<unknown> {
  const services = await startServices()
  let app: ChildProcess | undefined
  try {
    app = await started(services)
    const { asked, pace, cores, rssMiB } = await measure(services, app, options)
    const { samples, errors, lastError } = asked
    const [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1].map(share => samples.quantile(share)) as [
      number,
      number,
      number,
      number,
    ]
    const { heading, ...about } = origin()
    const used = cores.map(([name, core]) => `${name} ${core.toFixed(2)}`).join(', ')
    const title = `${heading}; ${options.requests} requests/s for ${options.seconds} s beside ${Math.round(pace)} readings/s; cores used: ${used}; the worker's RSS ${Math.round(rssMiB)} MiB`
    const head = ['ms', 'samples', 'errors', 'p50', 'p99', 'p99.9', 'max']
    const row = [
      'request → answer',
      String(samples.count),
      String(errors),
      ...[p50, p99, p999, max].map(ms => decimals(ms)),
    ]
    const ratios: Ratio[] = [{ what: 'p99 of a round trip', floor: 50, aim: 20, less: true, unit: ' ms', value: p99 }]
    const faults = [
      ...(errors > 0 ? [`${errors} errors, the last: ${lastError}`] : []),
      ...(pace < options.rate * 0.98 ? [`VOID: the fleet reached ${Math.round(pace)} of ${options.rate}/s`] : []),
    ]
    const text = [title, markdown(head, [row]), ratioTable(ratios), ...faults].join('\n\n')
    return { text, ...about, pace, cores, rssMiB, errors, p50, p99, p999, max, count: samples.count, faults }
  } finally {
    if (app !== undefined) await ended(app)
    await services.stop()
  }
}
