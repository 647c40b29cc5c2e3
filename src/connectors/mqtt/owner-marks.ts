import { randomUUID } from 'node:crypto'
import { connectOnce, type MqttVersion } from './mqtt-client'
import type { MqttConnection } from './mqtt-connection'
import { topicValue } from './topic-name'

export interface OwnerMarksOptions {
  readonly url: string
  readonly application: string
  readonly version?: MqttVersion | undefined
}

/**
 * Who a lost connection's task belongs to, by the broker's word. `gone`: no broker answers, or it has no mark; nothing is known then.
 */
export type Owner = 'ours' | 'another' | 'gone'

/** Marks that come within so long of the subscription count: a new owner writes its own just after it has connected, ms. */
const listenMs = 500
const connectTimeoutMs = 2_000

/**
 * The proof that a task has another owner. Brokers give a client id to its newest user and close the former one's connection; MQTT 3.1.1
 * doesn't say why, and MQTT 5's word for it can be lost with the connection. So each owner leaves a retained mark at the broker, and
 * who has lost a connection looks whose mark is there.
 */
export class OwnerMarks {
  private readonly own = new Map<string, string>()
  private reading: Promise<ReadonlyMap<string, string> | undefined> | undefined

  constructor(private readonly options: OwnerMarksOptions) {}

  /** Leaves the mark of a task's new connection. */
  async leave(task: string, connection: MqttConnection): Promise<void> {
    const mark = randomUUID()
    this.own.set(task, mark)
    await connection.publish(this.topicOf(task), mark, true)
  }

  /** Takes it back, before the connection is closed. */
  async remove(task: string, connection: MqttConnection): Promise<void> {
    if (!this.own.delete(task) || connection.error) return
    await connection.publish(this.topicOf(task), '', true)
  }

  async ownerOf(task: string): Promise<Owner> {
    const own = this.own.get(task)
    this.reading ??= this.read().finally(() => {
      this.reading = undefined
    })
    const mark = (await this.reading)?.get(this.topicOf(task))
    if (own === undefined || !mark) return 'gone'
    return mark === own ? 'ours' : 'another'
  }

  private topicOf(task: string): string {
    return `weir/${topicValue(this.options.application)}/owner/${task}`
  }

  /** All marks, by one question for all tasks that ask at the same time; undefined where the broker takes no connection. */
  private async read(): Promise<ReadonlyMap<string, string> | undefined> {
    const { url, application, version } = this.options
    const clientId = `${application}-probe-${randomUUID()}`
    try {
      const { client } = await connectOnce({ url, clientId, timeoutMs: connectTimeoutMs, version })
      const marks = new Map<string, string>()
      client.on('message', (topic, payload) => marks.set(topic, payload.toString()))
      const closed = new Promise<void>(resolve => client.once('close', () => resolve()))
      const heard = client.subscribeAsync(this.topicOf('+'), { qos: 1 }).then(() => pause(listenMs))
      await Promise.race([heard, closed])
      client.end(true)
      return marks
    } catch {
      return undefined
    }
  }
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
