/** The most that a client is sent, on average, whatever the rate of the readings: less than 60 kB with the frames' and packets' own bytes. */
export const bytesPerSecond = 50_000
/** How far sending may be ahead of the rate, ms: so that the first picture is complete at once. */
const burstMs = 1_000
/** The names of many keys come once: what else there is waits no longer for them, ms. */
const longestDebtMs = 1_500

/** When the next message may be sent, so that all of them stay within a rate. Monotonic ms. */
export class Pace {
  private paidUntil = Number.NEGATIVE_INFINITY

  /** How long until the next message may be sent, ms; 0: now. */
  waitMs(now: number): number {
    return Math.max(0, this.paidUntil - now)
  }

  sent(bytes: number, now: number): void {
    const from = Math.max(this.paidUntil, now - burstMs)
    this.paidUntil = Math.min(from + (bytes / bytesPerSecond) * 1000, now + longestDebtMs)
  }
}
