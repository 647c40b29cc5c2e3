import { SinkError, UnavailableError } from '../../../src/errors'
import type { Kernel } from '../world/kernel'
import { WORLD } from '../world/kernel'

/** What becomes of one request to an end. */
export interface Fate {
  readonly thereMs: number
  readonly backMs: number
  /** Lost before the end has done it, or after it has: the connection breaks. */
  readonly lost?: 'before' | 'after'
}

/** How an end and the way to it are, as the weather has it. */
export interface EndWeather {
  isDown(): boolean
  /** Called once for each request, by its kind (`open`, `write`, `commit`). */
  fate(kind: string): Fate
  /** A request has arrived, or has been done and isn't answered yet: whoever sent it may be killed here. */
  reached(moment: string, client: string): void
}

/** A worker's connection to an end: what is asked is done in its order, even when who asked is no more. */
export class Line {
  private arrivesAt = 0
  private answeredAt = 0
  /** What is sent on a connection that has broken, or was under way then, isn't done any more; `open` makes a new one. */
  private connection = { isBroken: false }

  constructor(
    private readonly kernel: Kernel,
    private readonly weather: EndWeather,
    private readonly name: string,
  ) {}

  /** Rejects with what `run` throws, with UnavailableError while the end is down, with SinkError when the connection breaks. */
  ask<T>(kind: string, run: () => T): Promise<T> {
    const { kernel, weather, name } = this
    const client = kernel.owner
    if (kernel.isDead(client)) return new Promise(() => {})
    const { thereMs, backMs, lost } = weather.fate(kind)
    if (kind === 'open' && this.connection.isBroken) this.connection = { isBroken: false }
    const { connection } = this
    this.arrivesAt = Math.max(this.arrivesAt, kernel.time + thereMs)
    kernel.note(`${name} ${kind}`)
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void) => {
        this.answeredAt = Math.max(this.answeredAt, kernel.time + backMs)
        kernel.at(this.answeredAt, settle, client)
      }
      const broken = (when: string) => {
        connection.isBroken = true
        answer(() => reject(new SinkError(`${name}: the connection was lost ${when}`)))
      }
      const arrive = () => {
        if (connection.isBroken) return answer(() => reject(new SinkError(`${name}: the connection was lost`)))
        if (weather.isDown()) {
          // Else what was sent behind it would arrive without it once the server is up again.
          connection.isBroken = true
          return answer(() => reject(new UnavailableError(`${name}: connection refused`)))
        }
        weather.reached(`${name} ${kind} asked`, client)
        if (lost === 'before') return broken('before the answer')
        try {
          const result = run()
          weather.reached(`${name} ${kind} done`, client)
          if (lost === 'after') broken('before the answer')
          else answer(() => resolve(result))
        } catch (error) {
          answer(() => reject(error))
        }
      }
      kernel.at(this.arrivesAt, arrive, WORLD)
    })
  }
}
