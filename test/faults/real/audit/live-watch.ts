import { type Subscriber, subscribe } from '../../../../src/connectors/mqtt/subscriber'
import type { Window } from '../../../../src/sensors/audit/oracle'
import type { ReadingLog } from '../../../../src/sensors/audit/reading-log'
import { ReadingMessage } from '../../../../src/sensors/audit/reading-message'
import { until } from '../../../scenarios/kafka-stack'
import { MessageCounts } from './message-counts'

/** A message that the broker has taken comes to its subscribers within, ms. */
const arrivalLimitMs = 15_000
const rawLevels = 1

/** A real subscriber to everything that the topology publishes. */
export class LiveWatch {
  private readonly counts = new MessageCounts()
  private readonly message = new ReadingMessage()
  private readonly subscriber: Subscriber
  private subscribed = 0
  private outages = 0
  private seenOutages = 0

  constructor(private readonly url: string) {
    this.subscriber = subscribe({
      url,
      filter: 'sensors/#',
      onPublish: (bytes, topicStart, topicEnd, start, end) => {
        let levels = 0
        for (let at = topicStart; at < topicEnd; at++) if (bytes[at] === 0x2f) levels++
        if (levels !== rawLevels || !this.message.read(bytes, start, end)) return
        this.counts.take(keyOf(this.message.sensor, this.message.timestamp))
      },
      onSubscribed: () => {
        this.subscribed++
      },
      onLost: () => {
        this.outages++
      },
    })
  }

  /** Readings that came more often than they were sent. */
  get repeated(): number {
    return this.counts.repeated
  }

  async ready(): Promise<void> {
    await until(() => this.subscribed > this.outages, 'the subscription')
  }

  /** Readings of the logs that have not come as often as they were sent. What a broker took with it when it was killed nobody can ask for. */
  async missing(logs: readonly ReadingLog[]): Promise<string[]> {
    const sent = new Map<string, number>()
    for (const log of logs)
      for (let i = 0; i < log.count; i++) {
        const key = keyOf(log.sensorAt(i), log.timestampAt(i))
        sent.set(key, (sent.get(key) ?? 0) + 1)
      }
    const isWhole = this.outages === this.seenOutages
    this.seenOutages = this.outages
    const lacking = () => this.counts.lacking(sent)
    if (isWhole) await until(() => lacking().length === 0, 'all messages', arrivalLimitMs).catch(() => undefined)
    const missing = isWhole ? lacking() : []
    this.counts.settle(sent)
    return missing.length === 0 ? [] : [`MQTT: ${missing.length} readings missing, as ${missing[0]}`]
  }

  close(): void {
    this.subscriber.close()
  }

  /** What the broker retains of a rollup has to be its newest window, or one that came later. */
  async stale(name: string, newest: ReadonlyMap<number, Window>): Promise<string[]> {
    let last: string[] = []
    await until(
      async () => {
        last = await this.staleNow(name, newest)
        return last.length === 0
      },
      'retained values',
      arrivalLimitMs,
    ).catch(() => undefined)
    return last.length === 0 ? [] : [`MQTT: ${last.length} retained values of ${name} stale or missing, as ${last[0]}`]
  }

  private async staleNow(name: string, newest: ReadonlyMap<number, Window>): Promise<string[]> {
    const retained = new Map<number, number>()
    const text = (bytes: Buffer, from: number, to: number) => bytes.toString('utf8', from, to)
    const reader = subscribe({
      url: this.url,
      filter: `sensors/+/${name}`,
      onPublish: (bytes, topicStart, topicEnd, start, end) => {
        const sensor = Number(text(bytes, topicStart, topicEnd).split('/')[1])
        const { window_end } = JSON.parse(text(bytes, start, end)) as { window_end: number }
        retained.set(sensor, window_end * 1000)
      },
    })
    try {
      await until(() => retained.size >= newest.size, 'retained values', 3_000).catch(() => undefined)
    } finally {
      reader.close()
    }
    return [...newest].flatMap(([sensor, { end }]) =>
      (retained.get(sensor) ?? 0) >= end ? [] : [`sensor ${sensor}: ${retained.get(sensor)} and not ${end}`],
    )
  }
}

const keyOf = (sensor: number, micros: number) => `${sensor}/${micros}`
