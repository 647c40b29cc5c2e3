import { type Subscriber, subscribe } from '../../../../src/connectors/mqtt/subscriber'
import type { Window } from '../../../../src/sensors/audit/oracle'
import type { ReadingLog } from '../../../../src/sensors/audit/reading-log'
import { ReadingMessage } from '../../../../src/sensors/audit/reading-message'
import { sensorsJob as job } from '../../../../src/sensors/audit/sensors-job'
import { until } from '../../../scenarios/kafka-stack'
import { FirstArrivals, type Sent } from './first-arrivals'
import { MessageCounts } from './message-counts'
import { RetainedSteps } from './retained-steps'

/** A message that the broker has taken comes to its subscribers within, ms. */
const arrivalLimitMs = 15_000
const [rawLevels, rollupLevels] = [1, 2]

/** A real subscriber to everything that the topology publishes. */
export class LiveWatch {
  private readonly counts = new MessageCounts()
  private readonly arrivals = new FirstArrivals()
  private readonly steps = new RetainedSteps()
  private readonly message = new ReadingMessage()
  private readonly subscriber: Subscriber
  private readonly rollups = new Set(job.rollups.map(({ name }) => name))
  private subscribed = 0
  private outages = 0
  private seenOutages = 0
  private wasWhole = true

  constructor(private readonly url: string) {
    this.subscriber = subscribe({
      url,
      filter: 'sensors/#',
      onPublish: (bytes, topicStart, topicEnd, start, end) => {
        let levels = 0
        for (let at = topicStart; at < topicEnd; at++) if (bytes[at] === 0x2f) levels++
        if (levels === rollupLevels) this.rollup(bytes, topicStart, topicEnd, start, end)
        if (levels !== rawLevels || !this.message.read(bytes, start, end)) return
        const key = keyOf(this.message.sensor, this.message.timestamp)
        this.counts.take(key)
        this.arrivals.take(key, temperatureIn(bytes, start, end))
      },
      onSubscribed: () => {
        this.subscribed++
      },
      onLost: () => {
        this.outages++
        this.steps.forget()
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

  /**
   * What is wrong with the readings of the logs: those that have not come as often as they were sent, or with another figure, or out of their order. What a
   * broker took with it when it was killed nobody can ask for.
   */
  async look(logs: readonly ReadingLog[]): Promise<{ readonly lost: string[]; readonly wrong: string[] }> {
    const sent = new Map<string, number>()
    const readings = new Map<string, Sent>()
    for (const log of logs)
      for (let i = 0; i < log.count; i++) {
        const sensor = log.sensorAt(i)
        const key = keyOf(sensor, log.timestampAt(i))
        sent.set(key, (sent.get(key) ?? 0) + 1)
        if (!readings.has(key)) readings.set(key, { stream: `${log.partition}/${sensor}`, value: log.temperatureAt(i) })
      }
    const isWhole = this.outages === this.seenOutages
    this.seenOutages = this.outages
    const lacking = () => this.counts.lacking(sent)
    if (isWhole) await until(() => lacking().length === 0, 'all messages', arrivalLimitMs).catch(() => undefined)
    const missing = isWhole ? lacking() : []
    this.counts.settle(sent)
    // What was lost then and came again later is out of its order in the next look, too.
    const faults = [...this.arrivals.settle(readings, isWhole && this.wasWhole), ...this.steps.takeFaults()]
    this.wasWhole = isWhole
    return {
      lost: missing.length === 0 ? [] : [`MQTT: ${missing.length} readings missing, as ${missing[0]}`],
      wrong: faults.map(each => `MQTT: ${each}`),
    }
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

  private rollup(bytes: Buffer, topicStart: number, topicEnd: number, start: number, end: number): void {
    const topic = bytes.toString('utf8', topicStart, topicEnd)
    if (!this.rollups.has(topic.slice(topic.lastIndexOf('/') + 1))) return
    const { window_end } = JSON.parse(bytes.toString('utf8', start, end)) as { window_end: number }
    this.steps.take(topic, window_end)
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

/** The second field of a reading's JSON; NaN where it isn't there. */
function temperatureIn(bytes: Buffer, start: number, end: number): number {
  const from = bytes.indexOf(':', bytes.indexOf(',', start)) + 1
  const to = bytes.indexOf(',', from)
  return from > start && to > from && to < end ? Number(bytes.toString('latin1', from, to)) : Number.NaN
}

const keyOf = (sensor: number, micros: number) => `${sensor}/${micros}`
