import { subscribe } from '../../connectors/mqtt/subscriber'
import { Histogram } from './histogram'
import type {
  Latency,
  ObserverAnswer,
  ObserverCommand,
  ObserverReport,
  ObserverStart,
  ObserverStatus,
} from './observer-messages'
import { ReadingMessage } from './reading-message'
import { ReadingSet } from './reading-set'
import { probeRows } from './row-prober'

/** The other half of `startObserver`: a process of its own, so that watching costs the others no turn of their loop. */
const statusEveryMs = 500
const sample = 16
const probeEveryMs = 25
const slash = 0x2f
/** `sensors/7`; a rollup's topic has one more. */
const rawLevels = 2

const tell = (message: ObserverAnswer) => process.connected && process.send?.(message)
const startedAtMs = performance.timeOrigin
const nowMs = () => performance.timeOrigin + performance.now()

function latencyOf(histogram: Histogram): Latency {
  const { count, max } = histogram
  return { count, p50: histogram.quantile(0.5), p99: histogram.quantile(0.99), max }
}

/** How many levels a topic has. */
function levelsOf(bytes: Buffer, start: number, end: number): number {
  let levels = 1
  for (let at = start; at < end; at++) if (bytes[at] === slash) levels++
  return levels
}

/** When a rollup's window ends, ms. */
function endOf(bytes: Buffer, start: number, end: number): number {
  try {
    return JSON.parse(bytes.toString('utf8', start, end)).window_end * 1000
  } catch {
    return -1
  }
}

class Observer {
  private readonly readings = new ReadingSet()
  private readonly toSubscriber = new Histogram()
  private readonly toSelect = new Histogram()
  private recent = new Histogram()
  private readonly message = new ReadingMessage()
  private foreign = 0
  private windows = 0
  private outages = 0

  start({ mqttUrl, filter, databaseUrl, table }: ObserverStart): void {
    subscribe({
      url: mqttUrl,
      filter,
      onPublish: (bytes, topicStart, topicEnd, start, end, retained) => {
        if (levelsOf(bytes, topicStart, topicEnd) === rawLevels) this.receive(bytes, start, end)
        else if (!retained && endOf(bytes, start, end) > startedAtMs) this.windows++
      },
      onSubscribed: () => tell({ subscribed: true }),
      onLost: warning => {
        this.outages++
        tell({ warning })
      },
    })
    const onRow = (timestamp: number) => this.toSelect.add(nowMs() - timestamp / 1000)
    probeRows({ databaseUrl, table, sample, everyMs: probeEveryMs, onRow })
    setInterval(() => {
      tell({ status: this.status() })
      this.recent = new Histogram()
    }, statusEveryMs)
  }

  report(): ObserverReport {
    return {
      ...this.status(),
      toSubscriber: latencyOf(this.toSubscriber),
      toSelect: latencyOf(this.toSelect),
      sensors: this.readings.summary(),
    }
  }

  private status(): ObserverStatus {
    const { distinct, duplicates } = this.readings
    const { foreign, windows, outages } = this
    return { distinct, duplicates, foreign, windows, outages, recent: latencyOf(this.recent) }
  }

  private receive(bytes: Buffer, start: number, end: number): void {
    const { message } = this
    if (!message.read(bytes, start, end)) {
      this.foreign++
      return
    }
    const latency = nowMs() - message.timestamp / 1000
    this.toSubscriber.add(latency)
    this.recent.add(latency)
    this.readings.add(message.sensor, message.timestamp)
  }
}

const observer = new Observer()
process.on('message', ({ start, report }: ObserverCommand) => {
  if (start) observer.start(start)
  if (report) tell({ report: observer.report() })
})
// Without a parent nobody would ask any more.
process.on('disconnect', () => process.exit(0))
// A Ctrl-C reaches the whole process group; when to end is the parent's decision.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
