import { connect, type MqttClient } from 'mqtt'
import type { ReadingLog } from '../../../src/sensors/audit/reading-log'
import { until } from '../kafka-stack'

/** A real subscriber to the raw readings, which counts each of them. */
export class RawSubscriber {
  /** By sensor and timestamp (seconds, as the JSON says). */
  readonly counts = new Map<string, number>()
  received = 0
  /** Subscriptions that the broker has confirmed: one for every connection. */
  subscribed = 0
  private readonly client: MqttClient

  constructor(url: string) {
    this.client = connect(url, { reconnectPeriod: 20, clean: true, resubscribe: false, connectTimeout: 2_000 })
    this.client.on('error', () => {})
    this.client.on('connect', () => {
      this.client.subscribe('sensors/+', { qos: 0 }, error => {
        if (!error) this.subscribed++
      })
    })
    this.client.on('message', (_topic, payload) => {
      this.received++
      const { sensor_id, timestamp } = JSON.parse(payload.toString()) as { sensor_id: number; timestamp: number }
      const key = `${sensor_id}/${timestamp}`
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
    })
  }

  async ready(nth = 1): Promise<void> {
    await until(() => this.subscribed >= nth, 'the subscription')
  }

  /** Readings of the logs that have not come as often as they were sent, and those that came more often. */
  compare(logs: readonly ReadingLog[]): { missing: number; duplicates: number } {
    const sent = new Map<string, number>()
    for (const log of logs)
      for (let i = 0; i < log.count; i++) {
        const key = `${log.sensorAt(i)}/${log.timestampAt(i) / 1e6}`
        sent.set(key, (sent.get(key) ?? 0) + 1)
      }
    let [missing, duplicates] = [0, 0]
    for (const [key, count] of sent) missing += Math.max(0, count - (this.counts.get(key) ?? 0))
    for (const [key, count] of this.counts) duplicates += Math.max(0, count - (sent.get(key) ?? 0))
    return { missing, duplicates }
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }
}
