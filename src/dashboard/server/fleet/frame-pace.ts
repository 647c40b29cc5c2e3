/** What a client is sent at most, whatever the rate of the readings. */
export const bytesPerSecond = 55_000
/** So much may be sent ahead, ms: a first picture is whole at once. */
const burstMs = 500
/** The names of many keys come once: what else there is waits no longer for them, ms. */
const longestDebtMs = 1_500

/** When the next frame may be sent, so that all of them stay within a rate. Monotonic ms. */
export class FramePace {
  private paidUntil = Number.NEGATIVE_INFINITY

  mayRun(now: number): boolean {
    return now >= this.paidUntil
  }

  sent(bytes: number, now: number): void {
    const from = Math.max(this.paidUntil, now - burstMs)
    this.paidUntil = Math.min(from + (bytes / bytesPerSecond) * 1000, now + longestDebtMs)
  }
}
