import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { connectOnce } from './mqtt-client'
import type { MqttVersion } from './mqtt-version'

export interface IdleWitnessOptions {
  readonly url: string
  /** Its client ids begin with it. */
  readonly application: string
  readonly version?: MqttVersion | undefined
  /** The topics whose retained messages it reads. */
  readonly filter: string
}

/** What a look has shown. */
export interface Sight {
  /** The payloads of the retained messages by their topics. */
  readonly retained: ReadonlyMap<string, string>
  /** Since when it has been connected without a break, on `performance.now()`. */
  readonly sinceMs: number
}

/** How long messages are gathered after the subscription, ms: a new owner writes its mark just after it has connected. */
const listenMs = 500
const connectTimeoutMs = 2_000
/** The connection is closed when nobody has asked for so long, ms: then there is no trouble any more. */
const restMs = 60_000

/**
 * A connection beside those that write, from the first time that one of them is lost. A broker that restarts, or a network that breaks, takes
 * this one with it; while it stays, only the other connection was closed.
 */
export class IdleWitness {
  private client: MqttClient | undefined
  private closed: Promise<void> = Promise.resolve()
  private sinceMs = 0
  private isClosed = false
  private looking: Promise<Sight | undefined> | undefined
  private rest: NodeJS.Timeout | undefined

  constructor(private readonly options: IdleWitnessOptions) {}

  /** Looks once for all who ask at the same time; undefined where the broker takes no connection, or closes it meanwhile. */
  look(): Promise<Sight | undefined> {
    this.looking ??= this.lookNow()
      .catch(() => undefined)
      .finally(() => {
        this.looking = undefined
      })
    return this.looking
  }

  close(): void {
    this.isClosed = true
    this.end()
  }

  private end(): void {
    clearTimeout(this.rest)
    this.client?.end(true)
    this.client = undefined
  }

  private async lookNow(): Promise<Sight | undefined> {
    clearTimeout(this.rest)
    this.rest = setTimeout(() => this.end(), restMs).unref()
    const client = this.client ?? (await this.connect())
    const retained = new Map<string, string>()
    const note = (topic: string, payload: Buffer) => void retained.set(topic, payload.toString())
    client.on('message', note)
    try {
      // After another subscription the broker sends what it retains again (MQTT 3.1.1, 3.8.4); that also proves that it answers.
      const heard = client.subscribeAsync(this.options.filter, { qos: 1 }).then(() => pause(listenMs))
      await Promise.race([heard, this.closed])
    } finally {
      client.off('message', note)
    }
    return this.client === client ? { retained, sinceMs: this.sinceMs } : undefined
  }

  private async connect(): Promise<MqttClient> {
    const { url, application, version } = this.options
    const clientId = `${application}-probe-${randomUUID()}`
    const { client } = await connectOnce({ url, clientId, timeoutMs: connectTimeoutMs, version })
    if (this.isClosed) client.end(true)
    else this.client = client
    this.sinceMs = performance.now()
    this.closed = new Promise(done =>
      client.once('close', () => {
        if (this.client === client) this.client = undefined
        done()
      }),
    )
    return client
  }
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
