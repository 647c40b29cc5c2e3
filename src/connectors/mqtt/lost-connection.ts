import { ContentError, FencedError, SinkError, type StreamError, UnfitError } from '../../errors'
import type { Trial } from './idle-trial'
import { brokerAt, service } from './mqtt-client'
import type { MqttConnection } from './mqtt-connection'
import type { Ownership } from './owner-marks'

export interface LostConnectionOptions {
  readonly url: string
  readonly task: string
  readonly owner: () => Promise<Ownership>
  /** Whether an idle connection of the task's client id stays. */
  readonly tryIdle: () => Promise<Trial>
}

/** What is known of a lost connection. */
export type LostLine = Pick<MqttConnection, 'goodbye' | 'pending' | 'refused' | 'openedAtMs' | 'firstUnproven'>

/** How often a broker has to hang up at the same record before that record's message is taken for the reason. */
const mostHangUps = 3
/** For so long after that, ms, the record is being searched for, and hanging up once is enough. */
const searchedForMs = 60_000

/**
 * Finds out why a broker closed a task's connection, and believes only what is proven. Another owner: the broker says so, or its mark is there.
 * Content: the broker says so, or closes the connection at the same record again and again while the task is ours and idle connections stay open: one
 * beside it, so that the broker didn't go away, and one in its place, so that it isn't another client of the same id. All else is an outage.
 */
export class LostConnections {
  /** How often the connection was closed at each record, since the broker last proved anything or went away. */
  private readonly hangUps = new Map<string, number>()
  /** Whether the broker has taken anything yet: before that, a missing right is the reason and no record. */
  private hasProven = false
  private searchedAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: LostConnectionOptions) {}

  /** The broker has proven that it has what was written. */
  proven(): void {
    this.hasProven = true
    this.hangUps.clear()
  }

  /** Why the connection was lost, as the error that those who wait for it get. */
  async why(connection: LostLine): Promise<StreamError> {
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
    const { owner, sinceMs } = await this.options.owner()
    if (owner === 'another') return this.fenced()
    // A connection that wrote nothing wasn't closed for what it wrote.
    if (owner === 'gone' || !pending) this.hangUps.clear()
    else if (this.isHungUpOn(connection, sinceMs)) return this.onTrial(lost)
    return lost
  }

  /** Whether the broker, which has been there since `sinceMs`, has closed a connection of ours because of what was written. */
  private isHungUpOn({ openedAtMs, firstUnproven }: LostLine, sinceMs: number): boolean {
    const hasStayed = sinceMs < openedAtMs
    if (!hasStayed) this.hangUps.clear()
    const times = (this.hangUps.get(firstUnproven) ?? 0) + 1
    this.hangUps.set(firstUnproven, times)
    return times >= mostHangUps || (hasStayed && performance.now() - this.searchedAtMs <= searchedForMs)
  }

  /** Rules out the last other reason: a client of the same id that has left no mark. */
  private async onTrial(lost: SinkError): Promise<StreamError> {
    const trial = await this.options.tryIdle()
    if (trial === 'stays') {
      this.searchedAtMs = performance.now()
      return this.content(' each time, without a reason')
    }
    this.hangUps.clear()
    this.searchedAtMs = Number.NEGATIVE_INFINITY
    if (trial === 'taken') return this.fenced()
    const { task } = this.options
    return new SinkError(`${lost.message}, an idle one, too: does another client use its id?`, { task, service })
  }

  private fenced(): FencedError {
    const { url, task } = this.options
    return new FencedError(`${brokerAt(url)}: another client has taken over task ${task}`, { task })
  }

  private content(said: string): ContentError {
    const { url, task } = this.options
    this.hangUps.clear()
    return new ContentError(`${brokerAt(url)}: it closes the connection on what task ${task} writes${said}`, { task })
  }
}
