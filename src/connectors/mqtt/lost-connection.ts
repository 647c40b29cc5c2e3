import { ContentError, FencedError, SinkError, type StreamError, UnfitError } from '../../errors'
import { brokerAt, service } from './mqtt-client'
import type { MqttConnection } from './mqtt-connection'
import type { Owner } from './owner-marks'

export interface LostConnectionOptions {
  readonly url: string
  readonly task: string
  readonly owner: () => Promise<Owner>
}

/** So often in a row a broker that is there hangs up on what a task writes before that is taken for the reason. */
const mostHangUps = 3
/** What it hangs up on is being searched for so long after that, ms: one time is enough then. */
const searchedForMs = 60_000

/**
 * Finds out why a broker closes a task's connection, and believes only what is proven: another owner by its word or its mark, content by its
 * word, or by closing the connection again and again while it is there and the task is ours. Everything else is an outage.
 */
export class LostConnections {
  private hangUps = 0
  /** Whether the broker has taken anything yet: else it is a right that is missing, no record's fault. */
  private hasProven = false
  private searchedAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: LostConnectionOptions) {}

  /** The broker has proven to have what was written. */
  proven(): void {
    this.hasProven = true
    this.hangUps = 0
  }

  /** Why the connection was lost, as the error that those who wait for it get. */
  async why(connection: MqttConnection): Promise<StreamError> {
    const { url, task } = this.options
    const { goodbye, pending } = connection
    // mosquitto 2.0.11 whose queues have no limit closes the connection right behind a PUBACK that says no.
    const refused = connection.refused()
    if (refused !== undefined) return refused
    const said = goodbye === undefined ? '' : `: ${goodbye.text}`
    const lost = new SinkError(`${brokerAt(url)}: the connection of task ${task} was lost${said}`, { task, service })
    if (goodbye?.blame === 'owner') return this.fenced()
    if (goodbye?.blame === 'passing') return lost
    if (pending && goodbye?.blame === 'content') return this.content(said)
    if (pending && goodbye?.blame === 'rights') {
      if (this.hasProven) return this.content(said)
      const text = `${brokerAt(url)}: it closes the connection of task ${task}${said}; give the user of MQTT_URL the rights`
      return new UnfitError(`${text} to publish to the topology's topics and to weir/#`, { task, service })
    }
    const owner = await this.options.owner()
    if (owner === 'another') return this.fenced()
    if (owner === 'gone' || !pending) return lost
    this.hangUps++
    const now = performance.now()
    if (this.hangUps < mostHangUps && now - this.searchedAtMs > searchedForMs) return lost
    this.searchedAtMs = now
    return this.content(' each time, without a reason')
  }

  private fenced(): FencedError {
    const { url, task } = this.options
    return new FencedError(`${brokerAt(url)}: another client has taken over task ${task}`, { task })
  }

  private content(said: string): ContentError {
    const { url, task } = this.options
    this.hangUps = 0
    return new ContentError(`${brokerAt(url)}: it closes the connection on what task ${task} writes${said}`, { task })
  }
}
