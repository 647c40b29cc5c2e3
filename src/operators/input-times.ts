import type { OperatorTime } from './operator-time'

/** A cogroup's input may lag this far behind the foremost one; what lies further back is closed for it too. */
const leastLagMs = 24 * 60 * 60 * 1000

/**
 * The times of an aggregation, one for each input: in a cogroup each stream is late or not by its own time, as in Kafka Streams, and a
 * window has closed when it has for all of them. An input that has fallen silent holds the others up for a day (`retentionMs` where
 * that is longer), so that what is kept stays bounded.
 */
export class InputTimes {
  /** The time of the one input; undefined where there are several. */
  private readonly only: OperatorTime | undefined
  private readonly lagMs: number

  constructor(
    private readonly times: readonly OperatorTime[],
    retentionMs: number | undefined,
  ) {
    this.only = times.length === 1 ? times[0] : undefined
    this.lagMs = Math.max(leastLagMs, retentionMs ?? 0)
  }

  /** What counts as the time of an input, ms; -1 before the first record. */
  of(input: OperatorTime): number {
    return this.only === undefined ? Math.max(input.value, this.foremost - this.lagMs) : input.value
  }

  /** The time that all inputs have reached. */
  get slowest(): number {
    if (this.only !== undefined) return this.only.value
    let slowest = Number.POSITIVE_INFINITY
    for (const { value } of this.times) if (value < slowest) slowest = value
    return Math.max(slowest, this.foremost - this.lagMs, -1)
  }

  /** Time advances without a record (idle clock), for all inputs. Says whether it did. */
  advance(timeMs: number): boolean {
    let moved = false
    for (const time of this.times) if (time.advance(timeMs)) moved = true
    return moved
  }

  private get foremost(): number {
    let foremost = -1
    for (const { value } of this.times) if (value > foremost) foremost = value
    return foremost
  }
}
