import type { Clock } from './world'

/** The machine's time. What is planned doesn't keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    // A timer takes 24.8 days at most.
    const timer = setTimeout(run, Math.min(ms, 2_147_483_647))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
