import { randomUUID } from 'node:crypto'
import { FencedError, SinkError, type StreamError, UnavailableError } from '../../errors'
import type { Outages } from '../../outages'
import type { Chunk, Sink, SinkTask, Target } from '../sink'
import type { FrameChunk } from './frame-encoder'
import { addressOf, connectOnce, MqttConnection } from './mqtt-connection'
import type { MqttTarget } from './mqtt-target'
import { topicValue } from './topic-template'

export interface MqttSinkOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  /** The application id: client ids and the barriers' topics begin with it. */
  readonly application: string
  readonly outages?: Outages
  /** How long the broker may take to answer. Default 30 s; to a connection 10 s at most. */
  readonly timeoutMs?: number
}

/** How outages name it. */
const service = 'MQTT broker'
const connectTimeoutMs = 10_000
const firstPauseMs = 250
const longestPauseMs = 5000

/** One connection per task, shared by all targets; its client id is the task's, so that a new owner ends a former one's. */
export function createMqttSink(targets: readonly MqttTarget[], options: MqttSinkOptions): Sink {
  return new MqttSink(targets, options)
}

class MqttSink implements Sink {
  onForgotten?: (task: string) => void
  private readonly connections = new Map<string, MqttConnection>()
  private readonly connecting = new Map<string, Promise<void>>()
  private readonly timeoutMs: number
  private readonly retains: boolean
  private readonly address: string
  /** What `write` and `commit` go on throwing until the next `open`. */
  private broken: StreamError | undefined
  private probing: Promise<boolean> | undefined
  private closed = false

  constructor(
    readonly targets: readonly MqttTarget[],
    private readonly options: MqttSinkOptions,
  ) {
    this.timeoutMs = options.timeoutMs ?? 30_000
    this.retains = targets.some(target => target.retain)
    this.address = addressOf(options.url)
  }

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    this.broken = undefined
    const names = [...new Set(tasks.map(({ task }) => task))]
    await Promise.all(names.map(task => this.connect(task)))
    return tasks.map(() => 0)
  }

  async write(task: string, _target: Target, chunk: Chunk): Promise<void> {
    await this.guarded(() => this.connectionOf(task).write(chunk as FrameChunk))
  }

  async commit(): Promise<void> {
    await this.guarded(async () => {
      const connections = [...this.connections.values()]
      const failed = connections.find(connection => connection.error && connection.pending)
      if (failed) throw failed.error
      await Promise.all(connections.map(connection => connection.prove()))
    })
  }

  /** What was published can't be taken back. */
  async abort(): Promise<void> {}

  async release(tasks: readonly string[]): Promise<void> {
    await Promise.all(
      tasks.map(async task => {
        await this.connecting.get(task)?.catch(() => undefined)
        const connection = this.connections.get(task)
        this.connections.delete(task)
        await connection?.close()
      }),
    )
  }

  async close(): Promise<void> {
    this.closed = true
    await this.release([...new Set([...this.connections.keys(), ...this.connecting.keys()])])
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    if (this.broken) throw this.broken
    try {
      await work()
    } catch (error) {
      this.broken = error as StreamError
      throw error
    }
  }

  private connectionOf(task: string): MqttConnection {
    const connection = this.connections.get(task)
    if (!connection) throw new SinkError(`MQTT broker ${this.address}: task ${task} was not opened`, { service })
    return connection
  }

  private connect(task: string): Promise<void> {
    const underWay = this.connecting.get(task)
    if (underWay) return underWay
    const current = this.connections.get(task)
    if (current && !current.error) return Promise.resolve()
    const attempt = this.connectNow(task).finally(() => this.connecting.delete(task))
    this.connecting.set(task, attempt)
    return attempt
  }

  private async connectNow(task: string): Promise<void> {
    const { url, application } = this.options
    const clientId = `${application}-${task}`
    const timeoutMs = Math.min(this.timeoutMs, connectTimeoutMs)
    const client = await connectOnce({ url, clientId, timeoutMs })
    const barrierTopic = `weir/${topicValue(application)}/barrier/${task}`
    const connection = new MqttConnection(
      client,
      { url, clientId, timeoutMs: this.timeoutMs, barrierTopic },
      lost => void this.onLost(task, lost),
    )
    this.connections.set(task, connection)
    this.options.outages?.back(service)
    // What the broker retained may have gone with it, and nobody tells: an owner writes its last values at every connection.
    if (this.retains) this.onForgotten?.(task)
  }

  /**
   * Tells a broker that went away from one that gave this client id to another owner, which MQTT 3.1.1 doesn't say: in the
   * second case it answers at once. A broker that restarts faster than that costs a needless rebalance and nothing else.
   */
  private async onLost(task: string, connection: MqttConnection): Promise<void> {
    if (await this.answers()) {
      connection.fail(new FencedError(`MQTT broker ${this.address}: another client took over task ${task}`, { task }))
      return
    }
    connection.fail(
      new SinkError(`MQTT broker ${this.address}: the connection of task ${task} was lost`, { task, service }),
    )
    // With nothing under way there is nobody to tell, and retained values have to come back without being asked for.
    if (!connection.pending && !this.closed) await this.reconnect(task, connection)
  }

  private async reconnect(task: string, lost: MqttConnection): Promise<void> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      await new Promise(resolve => setTimeout(resolve, pauseMs).unref())
      if (this.closed || this.connections.get(task) !== lost) return
      try {
        await this.connect(task)
        return
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error
        this.options.outages?.lost(service, error)
      }
    }
  }

  /** True when the broker takes a new connection right now; one question for all that ask at the same time. */
  private answers(): Promise<boolean> {
    const { url, application } = this.options
    const clientId = `${application}-probe-${randomUUID()}`
    this.probing ??= connectOnce({ url, clientId, timeoutMs: 2000 })
      .then(client => {
        client.end(true)
        return true
      })
      .catch(() => false)
      .finally(() => {
        this.probing = undefined
      })
    return this.probing
  }
}
