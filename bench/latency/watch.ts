import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'mqtt'
import { Client } from 'pg'

export const sensors = 2000
/** One sensor in forty is looked at: 500 readings a second at 20,000/s, and looking costs next to nothing. */
export const every = 40
const watched = Array.from({ length: sensors / every }, (_, i) => (i + 1) * every)
const pollMs = 5

/** Times in ms; quantiles are read from all of them. */
export class Samples {
  private values: number[] = []

  add(ms: number): void {
    this.values.push(ms)
  }

  clear(): void {
    this.values = []
  }

  get count(): number {
    return this.values.length
  }

  quantile(share: number): number {
    const sorted = Float64Array.from(this.values).sort()
    return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  }
}

/** What was measured so far, and from which event time (unix s) on it counts. */
export class Measured {
  readonly mqtt = new Samples()
  readonly postgres = new Samples()
  readonly rollups = new Samples()
  private fromS = 0

  /** Forgets what there is; only what happens from now on counts. */
  begin(): void {
    this.fromS = now() / 1000
    for (const samples of [this.mqtt, this.postgres, this.rollups]) samples.clear()
  }

  /** `seconds`: the reading's time or the window's end. */
  add(samples: Samples, seconds: number, at: number): void {
    if (seconds >= this.fromS) samples.add(at - seconds * 1000)
  }
}

export interface Watch {
  stop(): Promise<void>
}

/** Wall-clock ms, to fractions: what the fleet stamps its readings with. */
const now = () => performance.timeOrigin + performance.now()

/** From a reading's timestamp, and from a window's end, to the subscriber's receipt. */
export async function watchMqtt(url: string, measured: Measured): Promise<Watch> {
  const client = connect(url, { protocolVersion: 4 })
  client.on('message', (topic, payload, { retain }) => {
    const at = now()
    if (retain) return
    const { timestamp, window_end } = JSON.parse(payload.toString())
    if (topic.endsWith('/10s')) measured.add(measured.rollups, window_end, at)
    else measured.add(measured.mqtt, timestamp, at)
  })
  await client.subscribeAsync(watched.flatMap(id => [`sensors/${id}`, `sensors/${id}/10s`]))
  return { stop: () => client.endAsync() }
}

/**
 * From a reading's timestamp to the answer of the first SELECT that sees its row, asked again every few ms. A partial index over
 * the watched sensors keeps the question cheap; it costs the table one entry for every fortieth row.
 */
export async function watchPostgres(url: string, measured: Measured): Promise<Watch> {
  const client = new Client({ connectionString: url, application_name: 'bench' })
  await client.connect()
  await client.query(`CREATE INDEX ON sensor_data (timestamp) WHERE sensor_id % ${every} = 0`)
  const seen = new Set<string>()
  let newest = 0
  let stopped = false
  const look = async () => {
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
      if (seen.has(key)) continue
      seen.add(key)
      measured.add(measured.postgres, ts, at)
      if (ts > newest) newest = ts
    }
  }
  const looking = (async () => {
    for (; !stopped; await sleep(pollMs)) await look()
  })()
  return {
    async stop() {
      stopped = true
      await looking
      await client.end()
    },
  }
}
