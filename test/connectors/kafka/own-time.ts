import { performance } from 'node:perf_hooks'
import timers from 'node:timers/promises'

/**
 * Until the mocks are restored, time stands still but while somebody sleeps: then it is that much later, once all else has been done that waits for
 * nothing.
 */
export class OwnTime {
  nowMs = 1_000
  /** How long was slept, each time. */
  readonly slept: number[] = []

  install(): this {
    jest.spyOn(performance, 'now').mockImplementation(() => this.nowMs)
    jest.spyOn(timers, 'setTimeout').mockImplementation((async (ms: number, value: unknown, { ref = true } = {}) => {
      this.slept.push(ms)
      const untilMs = this.nowMs + ms
      await new Promise(setImmediate)
      // What nobody waits for but in a race doesn't hold time up.
      if (ref) this.nowMs = Math.max(this.nowMs, untilMs)
      return value
    }) as typeof timers.setTimeout)
    return this
  }
}
