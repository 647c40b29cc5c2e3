import { Kafka, logLevel, type Message, type Producer } from 'kafkajs'

const topic = 'sensor_data'
/** Sensors with an hour of past, and all of them. */
const counts = { withPast: 100, all: 400 }
const everyMs = { past: 2_500, live: 500 }
/** The last of the past comes as often as what is live, so that what is usual is known, ms. */
const denseMs = 90_000
/** Those that stand out: one falls silent, one keeps its value, one measures what can't be. */
const odd = { silent: 58, stuck: 23, implausible: 91 }
const minuteMs = 60_000

/** A number from 0 to 1 that is always the same for the same two: readings are the same in each run. */
function noise(a: number, b: number): number {
  const wave = Math.sin(a * 127.1 + b * 0.3117) * 43_758.5453
  return wave - Math.floor(wave)
}

/** Degrees Celsius: each sensor has its own level, and a slow wave, with some noise. */
function temperatureOf(sensor: number, atMs: number): number {
  const level = 21 + 16 * noise(sensor, 1)
  const slow = Math.sin(atMs / (14 * minuteMs) + 6 * noise(sensor, 2)) * 1.6
  const quick = Math.sin(atMs / (2.3 * minuteMs) + 6 * noise(sensor, 3)) * 0.5
  return Math.round((level + slow + quick + (noise(sensor, atMs / 1000) - 0.5) * 0.6) * 100) / 100
}

const reading = (sensor: number, atMs: number, temperature = temperatureOf(sensor, atMs)): Message => ({
  key: `${sensor}`,
  timestamp: `${atMs}`,
  value: JSON.stringify({ sensor_id: sensor, timestamp: atMs / 1000, temperature }),
})

const sensors = (many: number) => Array.from({ length: many }, (_, i) => i + 1)

/** A fleet with an hour behind it, three sensors of which stand out from the moment that they are told to. */
export class PlantedFleet {
  private readonly producer: Producer
  private timer: NodeJS.Timeout | undefined
  private oddSinceMs = Number.POSITIVE_INFINITY
  private sending: Promise<unknown> = Promise.resolve()

  constructor(brokers: string) {
    this.producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer()
  }

  /** Writes the last hour, in the order of time, and goes on with what is measured now. */
  async start(): Promise<void> {
    await this.producer.connect()
    const now = Date.now()
    for (let atMs = now - 60 * minuteMs; atMs < now; ) {
      const isDense = atMs >= now - denseMs
      const messages: Message[] = []
      for (; messages.length < 4_000 && atMs < now; atMs += isDense ? everyMs.live : everyMs.past)
        messages.push(...sensors(counts.withPast).map(sensor => reading(sensor, atMs)))
      await this.producer.send({ topic, messages })
    }
    this.timer = setInterval(() => this.measure(), everyMs.live)
  }

  standOut(): void {
    this.oddSinceMs = Date.now()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.sending
    await this.producer.disconnect()
  }

  private measure(): void {
    const atMs = Date.now()
    const isOdd = atMs >= this.oddSinceMs
    const messages = sensors(counts.all).flatMap(sensor => {
      if (isOdd && sensor === odd.silent) return []
      if (isOdd && sensor === odd.stuck) return reading(sensor, atMs, temperatureOf(sensor, this.oddSinceMs))
      // Again and again: it is shown for ten seconds.
      if (isOdd && sensor === odd.implausible && atMs % 5_000 < everyMs.live) return reading(sensor, atMs, -40)
      return reading(sensor, atMs)
    })
    this.sending = this.sending.then(() => this.producer.send({ topic, messages }).catch(() => undefined))
  }
}
