import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'mqtt'
import { Client } from 'pg'
import { readConfig } from '../src/config'
import { createAdmin } from '../src/connectors/kafka'
import { startFleetProcess } from '../src/simulator/fleet-process'
import { processes, treeCpu } from './harness/proc'
import { decimals, machine, markdown, type Ratio, ratioTable } from './harness/report'
import { repository, type Services, servicesCpu, startServices } from './harness/services'
import { command, migrateFor } from './harness/weir'

export interface LatencyOptions {
  readonly seconds: number
  /** Readings a second, over 2000 sensors. */
  readonly rate: number
}

const sensors = 2000
/** One sensor in forty is looked at: 500 readings a second at 20,000/s, and looking costs next to nothing. */
const every = 40
const watched = Array.from({ length: sensors / every }, (_, i) => (i + 1) * every)
/** Until the group is joined and the code is compiled, nothing counts. */
const warmUpS = 15
const pollMs = 5

/** Milliseconds, with the quantiles read from all of them. */
class Samples {
  private readonly values: number[] = []

  add(ms: number): void {
    this.values.push(ms)
  }

  get count(): number {
    return this.values.length
  }

  quantile(share: number): number {
    const sorted = Float64Array.from(this.values).sort()
    return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  }
}

interface Sink {
  readonly samples: Samples
  stop(): Promise<void>
}

/** Wall-clock ms, to fractions: what the fleet stamps its readings with. */
const now = () => performance.timeOrigin + performance.now()

/** From a reading's timestamp, and from a window's end, to the subscriber's receipt. */
async function watchMqtt(url: string, fromS: number): Promise<{ readings: Sink; rollups: Sink }> {
  const client = connect(url, { protocolVersion: 4 })
  const [readings, rollups] = [new Samples(), new Samples()]
  client.on('message', (topic, payload, { retain }) => {
    const at = now()
    if (retain) return
    const value = JSON.parse(payload.toString())
    if (topic.endsWith('/10s')) {
      if (value.window_end >= fromS) rollups.add(at - value.window_end * 1000)
    } else if (value.timestamp >= fromS) readings.add(at - value.timestamp * 1000)
  })
  await client.subscribeAsync([...watched.map(id => `sensors/${id}`), ...watched.map(id => `sensors/${id}/10s`)])
  const stop = () => client.endAsync()
  return { readings: { samples: readings, stop }, rollups: { samples: rollups, stop: async () => {} } }
}

/**
 * From a reading's timestamp to the answer of the first SELECT that sees its row, asked again every few ms. A partial index over
 * the watched sensors keeps the question cheap; it costs the table one entry for every fortieth row.
 */
async function watchPostgres(url: string, fromS: number): Promise<Sink> {
  const client = new Client({ connectionString: url, application_name: 'bench' })
  await client.connect()
  const samples = new Samples()
  const seen = new Set<string>()
  let newest = fromS
  let stopped = false
  const look = async () => {
    while (!stopped) {
      // Partitions are committed together, but not in order of time: what is 2 s back is looked at again.
      const { rows } = await client.query({
        name: 'look',
        text: `SELECT sensor_id, extract(epoch FROM timestamp)::float8 AS ts FROM sensor_data
          WHERE sensor_id % ${every} = 0 AND timestamp > to_timestamp($1)`,
        values: [newest - 2],
      })
      const at = now()
      for (const { sensor_id, ts } of rows) {
        const key = `${sensor_id}@${ts}`
        if (ts < fromS || seen.has(key)) continue
        seen.add(key)
        samples.add(at - ts * 1000)
        if (ts > newest) newest = ts
      }
      await sleep(pollMs)
    }
  }
  const looking = look()
  const stop = async () => {
    stopped = true
    await looking
    await client.end()
  }
  return { samples, stop }
}

async function prepare(services: Services): Promise<void> {
  const admin = createAdmin(services.kafka)
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'sensor_data', numPartitions: 10 }] })
  await admin.disconnect()
  await migrateFor('topology/sensors.ts', services)
  const client = new Client({ connectionString: services.addresses.databaseUrl })
  await client.connect()
  await client.query(`CREATE INDEX ON sensor_data (timestamp) WHERE sensor_id % ${every} = 0`)
  await client.end()
}

/** `npm run bench -- latency`: the shipped topology at a steady pace. */
export async function latency({ seconds, rate }: LatencyOptions): Promise<unknown> {
  const services = await startServices()
  const settings = { ...process.env, ...services.environment }
  const [program, ...args] = command('src/cli/topology.ts')
  await prepare(services)
  const app = spawn(program!, args, { cwd: repository, env: settings, stdio: ['ignore', 'ignore', 'inherit'] })
  process.on('exit', () => app.kill('SIGKILL'))
  try {
    const { kafka, registryUrl, guarantee, commitIntervalMs } = readConfig(settings)
    const fleet = startFleetProcess({ kafka, registryUrl, sensors, rate: rate / sensors })
    await sleep(warmUpS * 1000)
    const fromS = Math.ceil(now() / 1000)
    const [mqtt, postgres] = await Promise.all([
      watchMqtt(services.addresses.mqttUrl, fromS),
      watchPostgres(services.addresses.databaseUrl, fromS),
    ])
    const cpuOf = () => {
      const all = processes()
      return { app: treeCpu(app.pid!, all), ...servicesCpu(all) }
    }
    const before = cpuOf()
    const readingsBefore = fleet.counters.acknowledged
    await sleep(seconds * 1000)
    const after = cpuOf()
    const sent = fleet.counters.acknowledged - readingsBefore
    await fleet.stop()
    await sleep(2000)
    await Promise.all([mqtt.readings.stop(), postgres.stop()])
    const rows: [string, Samples][] = [
      ['reading → MQTT subscriber', mqtt.readings.samples],
      ['reading → SELECT on another connection', postgres.samples],
      ['end of window → retained rollup (grace 5 s in it)', mqtt.rollups.samples],
    ]
    const p99 = (samples: Samples) => samples.quantile(0.99)
    const ratios: Ratio[] = [
      { what: 'p99 to MQTT', floor: 100, aim: 30, less: true, unit: ' ms', value: p99(mqtt.readings.samples) },
      { what: 'p99 to Postgres', floor: 1200, aim: 400, less: true, unit: ' ms', value: p99(postgres.samples) },
    ]
    const figures = rows.map(([what, samples]) => ({
      what,
      samples: samples.count,
      p50: samples.quantile(0.5),
      p99: samples.quantile(0.99),
      p999: samples.quantile(0.999),
    }))
    const pace = sent / seconds
    const cores = Object.fromEntries(
      Object.entries(after).map(([name, cpu]) => [name, (cpu - before[name as keyof typeof before]) / seconds]),
    )
    const head = ['ms', 'samples', 'p50', 'p99', 'p99.9']
    const table = figures.map(({ what, samples, p50, p99: nn, p999 }) => [
      what,
      String(samples),
      ...[p50, nn, p999].map(value => decimals(value)),
    ])
    const load = Object.entries(cores).map(([name, value]) => `${name} ${value.toFixed(2)}`)
    const date = new Date().toISOString()
    const title = `${date.slice(0, 16)}Z, ${machine()}; ${Math.round(pace)} readings/s for ${seconds} s, guarantee ${guarantee}, commit interval ${commitIntervalMs} ms; cores used: ${load.join(', ')}`
    const slow = pace < rate * 0.98 ? [`VOID: the fleet reached ${Math.round(pace)} of ${rate} readings/s`] : []
    const text = [title, markdown(head, table), ratioTable(ratios), ...slow].join('\n\n')
    return { text, date, machine: machine(), guarantee, commitIntervalMs, pace, cores, figures, ratios }
  } finally {
    const gone = new Promise(resolve => app.once('exit', resolve))
    app.kill('SIGTERM')
    await gone
    await services.stop()
  }
}
