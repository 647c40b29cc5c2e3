import { connect, type MqttClient } from 'mqtt'
import { partitionOf } from '../../src/connectors/kafka'

/** One sensor in so many is followed. */
export const every = 8

/** What came of one sensor. */
interface Followed {
  readonly task: string
  readonly seen: Set<number>
  /** Unix ms, of the arrivals since `begin`, and of the last one before it. */
  times: number[]
}

/** An MQTT subscriber that notes when each followed sensor's readings arrive, and which come again. */
export class Arrivals {
  /** Readings that had arrived before, of the followed sensors, since `begin`. */
  duplicates = 0
  count = 0
  private readonly sensors = new Map<string, Followed>()

  private constructor(private readonly client: MqttClient) {
    client.on('message', (topic, payload, { retain }) => {
      if (!retain) this.take(topic, payload)
    })
  }

  /** `task`: the one that reads a partition of the source. */
  static async open(url: string, sensors: number, partitions: number, task: (partition: number) => string) {
    const arrivals = new Arrivals(connect(url, { protocolVersion: 4 }))
    for (let id = every; id <= sensors; id += every) {
      const partition = partitionOf(Buffer.from(String(id)), partitions)
      arrivals.sensors.set(`sensors/${id}`, { task: task(partition), seen: new Set(), times: [] })
    }
    await arrivals.client.subscribeAsync([...arrivals.sensors.keys()])
    return arrivals
  }

  /** From now on gaps and duplicates count. */
  begin(): void {
    this.duplicates = this.count = 0
    for (const sensor of this.sensors.values()) sensor.times = sensor.times.slice(-1)
  }

  /** How long ago the sensor that is silent for longest was heard last, ms. */
  get silenceMs(): number {
    const now = Date.now()
    return Math.max(...[...this.sensors.values()].map(({ times }) => now - (times.at(-1) ?? 0)))
  }

  /** The longest time between two readings of one sensor since `begin`, ms, by the sensor's task. */
  gaps(): Map<string, number> {
    const longest = new Map<string, number>()
    for (const { task, times } of this.sensors.values())
      for (let i = 1; i < times.length; i++)
        longest.set(task, Math.max(longest.get(task) ?? 0, times[i]! - times[i - 1]!))
    return longest
  }

  async stop(): Promise<void> {
    await this.client.endAsync()
  }

  private take(topic: string, payload: Buffer): void {
    const { timestamp } = JSON.parse(payload.toString())
    const sensor = this.sensors.get(topic)
    if (sensor === undefined) return
    this.count++
    if (sensor.seen.has(timestamp)) {
      this.duplicates++
      return
    }
    sensor.seen.add(timestamp)
    sensor.times.push(Date.now())
  }
}
