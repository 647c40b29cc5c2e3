/** Where the engine reads the time from: the only Date.now of the engine, replaced by virtual time in tests. */
export interface Clock {
  /** Unix time, ms. */
  now(): number
  /** Monotonic time, ms, for measuring how long something took. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
