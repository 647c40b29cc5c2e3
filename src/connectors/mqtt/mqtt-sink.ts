import { setTimeout as sleep } from 'node:timers/promises'
import { ContentError, SinkError, type StreamError, UnavailableError, UnfitError } from '../../errors'
import type { Outages } from '../../outages'
import type { Chunk, Sink, SinkTask, Target } from '../sink'
import type { FrameChunk } from './frame-encoder'
import { GrowingPause } from './growing-pause'
import { tryIdle } from './idle-trial'
import { shortcomings } from './inspect-broker'
import { LostConnections } from './lost-connection'
import { brokerAt, type ConnectOptions, connectOnce, type Link, service } from './mqtt-client'
import { MqttConnection } from './mqtt-connection'
import type { MqttTarget } from './mqtt-target'
import type { MqttVersion } from './mqtt-version'
import { OwnerMarks } from './owner-marks'
import { topicValue } from './topic-name'

export interface MqttSinkOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password where the broker wants them. */
  readonly url: string
  /** The application id: client ids and the topics of barriers and marks begin with it. */
  readonly application: string
  readonly outages?: Outages
  /** How long the broker may take to answer. Default 30 s; to a connection 10 s at most. */
  readonly timeoutMs?: number
  /** The newest version of MQTT to speak: 5, or 4 for 3.1.1. Default 5. */
  readonly version?: MqttVersion
  /** The most bytes of a packet, for brokers that don't say it (MQTT 3.1.1). */
  readonly mostBytes?: number | undefined
}

const connectTimeoutMs = 10_000
const firstPauseMs = 250
const longestPauseMs = 5000
/** How long a release waits for the broker to delete the owner's mark. A mark that stays behind does no harm: the next owner writes its own over it. */
const partingMs = 1000

/** A task's connection, and what is known of the broker by it. */
interface Line {
  connection: MqttConnection | undefined
  connecting: Promise<void> | undefined
  readonly lost: LostConnections
  /** Grows with every connection that was lost before the broker had acknowledged a barrier. */
  readonly pause: GrowingPause
  /** How long to wait before the next connection, ms. */
  pauseMs: number
  /** The engine was asked to write the retained values again, and no barrier behind them has been acknowledged yet. */
  awaitsRetained: boolean
  /** Aborts once the task is released: from then on nothing connects for it. */
  readonly over: AbortController
}

/** One connection per task, shared by all targets. Its client id is the task's: a broker closes the former owner's connection when the new owner connects. */
export function createMqttSink(targets: readonly MqttTarget[], options: MqttSinkOptions): Sink {
  return new MqttSink(targets, options)
}

class MqttSink implements Sink {
  onForgotten?: (task: string) => void
  private readonly lines = new Map<string, Line>()
  private readonly marks: OwnerMarks
  private readonly timeoutMs: number
  /** What `write` and `commit` throw until the next `open`. */
  private broken: StreamError | undefined
  private closed = false

  constructor(
    readonly targets: readonly MqttTarget[],
    private readonly options: MqttSinkOptions,
  ) {
    this.timeoutMs = options.timeoutMs ?? 30_000
    this.marks = new OwnerMarks(options)
  }

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    this.broken = undefined
    const names = [...new Set(tasks.map(({ task }) => task))]
    await Promise.all(
      names.map(async task => {
        const line = this.lineOf(task)
        const { connection } = line
        await connection?.renew()
        await this.connect(task)
        // The engine's rollback may have discarded the retained values that it was asked for.
        if (line.connection === connection && line.awaitsRetained) this.onForgotten?.(task)
      }),
    )
    return tasks.map(() => 0)
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    await this.guarded(() => this.connectionOf(task).write(target as MqttTarget, chunk as FrameChunk))
  }

  async commit(): Promise<void> {
    await this.guarded(async () => {
      const lines = [...this.lines.values()]
      const failed = lines.find(({ connection }) => connection?.error && connection.pending)
      if (failed?.connection?.error) throw failed.connection.error
      await Promise.all(lines.map(line => this.prove(line)))
    })
  }

  /** What was published can't be taken back. */
  async abort(): Promise<void> {}

  async release(tasks: readonly string[]): Promise<void> {
    await Promise.all(
      tasks.map(async task => {
        const line = this.lines.get(task)
        this.lines.delete(task)
        line?.over.abort()
        await line?.connecting?.catch(() => undefined)
        if (line?.connection === undefined) return
        const { connection } = line
        await this.marks.remove(task, connection, partingMs).catch(() => undefined)
        await connection.close()
      }),
    )
  }

  async close(): Promise<void> {
    this.closed = true
    await this.release([...this.lines.keys()])
    this.marks.close()
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

  private async prove(line: Line): Promise<void> {
    const { connection, lost, pause } = line
    if (connection === undefined) return
    const wasPending = connection.pending
    await connection.prove()
    if (!wasPending) return
    line.awaitsRetained = false
    lost.proven()
    pause.reset()
  }

  private connectionOf(task: string): MqttConnection {
    const connection = this.lines.get(task)?.connection
    if (connection) return connection
    throw new SinkError(`${brokerAt(this.options.url)}: task ${task} was not opened`, { service })
  }

  private lineOf(task: string): Line {
    const known = this.lines.get(task)
    if (known !== undefined) return known
    const line: Line = {
      connection: undefined,
      connecting: undefined,
      lost: new LostConnections({
        ...{ url: this.options.url, task },
        owner: () => this.marks.ownerOf(task),
        // A connection under the task's client id ends its owner's: never make one for a task that was released.
        tryIdle: async () => (this.lines.get(task) === line ? tryIdle(this.connectOptions(task)) : 'closed'),
      }),
      pause: new GrowingPause(firstPauseMs, longestPauseMs),
      pauseMs: 0,
      awaitsRetained: false,
      over: new AbortController(),
    }
    this.lines.set(task, line)
    return line
  }

  private connectOptions(task: string): ConnectOptions {
    const { url, application, version } = this.options
    return { url, version, clientId: `${application}-${task}`, timeoutMs: Math.min(this.timeoutMs, connectTimeoutMs) }
  }

  private connect(task: string): Promise<void> {
    const line = this.lineOf(task)
    if (line.connecting) return line.connecting
    if (line.connection && !line.connection.error) return Promise.resolve()
    line.connecting = this.connectNow(task, line).finally(() => {
      line.connecting = undefined
    })
    return line.connecting
  }

  private async connectNow(task: string, line: Line): Promise<void> {
    const { url, application } = this.options
    const { signal } = line.over
    if (line.pauseMs > 0) await sleep(line.pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    // A connection under the task's client id ends its owner's: never make one for a task that was released.
    if (this.lines.get(task) !== line) throw new SinkError(`${brokerAt(url)}: task ${task} was released`, { service })
    line.pauseMs = 0
    const link = await connectOnce({ ...this.connectOptions(task), signal })
    this.learn(link)
    const barrierTopic = `weir/${topicValue(application)}/barrier/${task}`
    const connection = new MqttConnection(
      link,
      { url, timeoutMs: this.timeoutMs, task, barrierTopic },
      lost => void this.onLost(task, line, lost),
    )
    line.connection = connection
    if (link.retains) await this.leaveMark(task, connection, signal)
    this.options.outages?.back(service)
    // A broker that restarts may lose what it retained, and doesn't say so: the retained values are written again at every connection.
    line.awaitsRetained = this.targets.some(({ retain }) => retain)
    if (line.awaitsRetained) this.onForgotten?.(task)
  }

  /** Writes the owner's mark; gives up as soon as the task is released. */
  private async leaveMark(task: string, connection: MqttConnection, signal: AbortSignal): Promise<void> {
    const giveUp = () =>
      connection.fail(new SinkError(`${brokerAt(this.options.url)}: task ${task} was released`, { service }))
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      if (signal.aborted) giveUp()
      await this.marks.leave(task, connection)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Tells the encoders what this broker takes. Throws UnfitError where it can't serve the targets. */
  private learn({ client, version, mostBytes, retains, mostQos }: Link): void {
    const { url, mostBytes: configured = Number.POSITIVE_INFINITY } = this.options
    const [fault] = shortcomings({ retains, mostQos }, this.targets)
    if (fault !== undefined) {
      client.end(true)
      throw new UnfitError(`${brokerAt(url)}: it ${fault}`, { service })
    }
    for (const { rules } of this.targets) rules.learn(version, Math.min(mostBytes, configured))
  }

  private async onLost(task: string, line: Line, connection: MqttConnection): Promise<void> {
    const { pending } = connection
    const error = await line.lost.why(connection)
    // The search for a refused record needs no pause: it ends after a bounded number of attempts.
    if (error instanceof ContentError) line.pause.reset()
    line.pauseMs = error instanceof ContentError ? 0 : line.pause.next()
    connection.fail(error)
    // With nothing under way no `write` or `commit` fails, so that nobody would open the sink again and restore the retained values.
    const isOutage = error instanceof SinkError || error instanceof UnavailableError
    if (isOutage && !pending && !connection.pending && !this.closed) await this.reconnect(task, line, connection)
  }

  private async reconnect(task: string, line: Line, lost: MqttConnection): Promise<void> {
    while (!this.closed && this.lines.get(task) === line && line.connection === lost) {
      try {
        await this.connect(task)
      } catch (error) {
        if (!(error instanceof UnavailableError)) return
        this.options.outages?.lost(service, error)
        line.pauseMs = line.pause.next()
      }
    }
  }
}
