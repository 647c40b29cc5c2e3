import { connect } from 'mqtt'
import type { Contestant } from './contestant'

const received = '$SYS/broker/publish/messages/received'

/**
 * A light subscriber: it sees the raw readings of one sensor a partition, the last to come, every window, and the broker's own
 * counter. The broker need not deliver every reading for the bench to know that it has come.
 */
export class MqttWatch {
  /** Unix ms of the first raw message, of the last of every watched sensor, and of the last window. */
  firstAt: number | undefined
  rawAt: number | undefined
  windowsAt: number | undefined
  /** Distinct closed windows by level (`10s`). */
  readonly windows = new Map<string, Set<string>>()
  /** Raw messages of the watched sensors. */
  raw = 0
  private counter: { readonly value: number; readonly at: number } | undefined
  private readonly ended = new Set<string>()
  private readonly client
  private readonly watched: ReadonlySet<string>

  constructor(
    url: string,
    private readonly contestant: Contestant,
  ) {
    this.watched = new Set(contestant.load.lastSensors.map(sensor => `sensors/${sensor}`))
    for (const { mqtt } of contestant.windows) this.windows.set(mqtt, new Set())
    this.client = connect(url, { protocolVersion: 4 })
    this.client.on('message', (topic, payload, { retain }) => {
      if (topic === received) this.counter = { value: Number(payload), at: Date.now() }
      else if (!retain) this.take(topic, payload)
    })
  }

  async start(): Promise<void> {
    const levels = [...this.windows.keys()].map(level => `sensors/+/${level}`)
    await this.client.subscribeAsync([...this.watched, ...levels, received])
  }

  /** How many publishes the broker has received so far; undefined when it doesn't tell within 15 s. */
  async published(): Promise<number | undefined> {
    const since = Date.now()
    // The counter is published when it has changed, every few seconds.
    await this.client.publishAsync('bench/probe', 'x', { qos: 1 })
    while (!(this.counter && this.counter.at > since)) {
      if (Date.now() - since > 15_000) return undefined
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    return this.counter.value
  }

  async stop(): Promise<void> {
    await this.client.endAsync()
  }

  private take(topic: string, payload: Buffer): void {
    const now = Date.now()
    const { load, windows } = this.contestant
    const value = JSON.parse(payload.toString())
    if (this.watched.has(topic)) {
      this.firstAt ??= now
      this.raw++
      if (value.timestamp >= load.tick) this.ended.add(topic)
      if (this.ended.size === this.watched.size) this.rawAt ??= now
      // Where there are no windows none is waited for.
      if (windows.length === 0) this.windowsAt = this.rawAt
      return
    }
    const level = topic.slice(topic.lastIndexOf('/') + 1)
    this.windows.get(level)?.add(`${topic}@${value.window_start}`)
    if (windows.every(({ mqtt, sizeS, graceS }) => this.windows.get(mqtt)!.size >= closedWindows(load, sizeS, graceS)))
      this.windowsAt ??= now
  }
}

/** How many windows the ticks close. Only whole ones of 10 s end with the load; of longer ones the last may stay open. */
export function closedWindows(
  { base, tick, readings, sensors, hertz }: Contestant['load'],
  sizeS: number,
  graceS: number,
): number {
  const end = base + readings / sensors / hertz
  let count = 0
  for (let start = Math.floor(base / sizeS) * sizeS; start < end; start += sizeS) {
    if (start + sizeS + graceS > tick) break
    const from = Math.max(start, base)
    const inside = Math.round((Math.min(end, start + sizeS) - from) * sensors * hertz)
    count += Math.min(sensors, inside)
  }
  return count
}
