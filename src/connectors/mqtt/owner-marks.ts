import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { IdleWitness } from './idle-witness'
import type { MqttConnection } from './mqtt-connection'
import type { MqttVersion } from './mqtt-version'
import { topicValue } from './topic-name'

export interface OwnerMarksOptions {
  readonly url: string
  readonly application: string
  readonly version?: MqttVersion | undefined
}

/** Who owns a lost connection's task, as the broker says. */
export interface Ownership {
  /** `gone`: no broker answers, or it has no mark; nothing is known then. */
  readonly owner: 'ours' | 'another' | 'gone'
  /** The broker has not gone away since then, on `performance.now()`; infinite where it isn't known. */
  readonly sinceMs: number
}

const unknown: Ownership = { owner: 'gone', sinceMs: Number.POSITIVE_INFINITY }

/**
 * The proof that a task has another owner. Brokers give a client id to its newest user and close the former one's connection; MQTT 3.1.1
 * doesn't say why, and MQTT 5's reason can be lost with the connection. So each owner leaves a retained mark at the broker, and
 * a worker that has lost a connection reads whose mark is there.
 */
export class OwnerMarks {
  private readonly own = new Map<string, string>()
  private readonly witness: IdleWitness

  constructor(private readonly options: OwnerMarksOptions) {
    this.witness = new IdleWitness({ ...options, filter: this.topicOf('+') })
  }

  /** Leaves the mark of a task's new connection. */
  async leave(task: string, connection: MqttConnection): Promise<void> {
    const mark = randomUUID()
    this.own.set(task, mark)
    await connection.publish(this.topicOf(task), mark, true)
  }

  /** Takes it back, before the connection is closed; waits no longer than so for the broker. */
  async remove(task: string, connection: MqttConnection, forMs: number): Promise<void> {
    if (!this.own.delete(task) || connection.error) return
    const over = new AbortController()
    const removed = connection.publish(this.topicOf(task), '', true)
    // After the wait, its failure is nobody's.
    await Promise.race([removed, sleep(forMs, undefined, { signal: over.signal, ref: false })]).finally(() =>
      over.abort(),
    )
    removed.catch(() => undefined)
  }

  async ownerOf(task: string): Promise<Ownership> {
    const own = this.own.get(task)
    const sight = await this.witness.look()
    const mark = sight?.retained.get(this.topicOf(task))
    if (sight === undefined || own === undefined || !mark) return unknown
    return { owner: mark === own ? 'ours' : 'another', sinceMs: sight.sinceMs }
  }

  close(): void {
    this.witness.close()
  }

  private topicOf(task: string): string {
    return `weir/${topicValue(this.options.application)}/owner/${task}`
  }
}
