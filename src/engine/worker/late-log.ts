import type { Log } from '../../log'

/** How often late records are logged, ms. */
const everyMs = 60_000

interface LateCount {
  windows: number
  mostMs: number
}

/** Says once a minute how much came too late for its windows, by step. */
export class LateLog {
  private readonly counts = new Map<string, LateCount>()
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly log: Log) {}

  /** A record missed so many windows of a step, which had closed up to `byMs` of event time before. */
  note(step: string, windows: number, byMs: number): void {
    const known = this.counts.get(step)
    if (known === undefined) this.counts.set(step, { windows, mostMs: byMs })
    else {
      known.windows += windows
      known.mostMs = Math.max(known.mostMs, byMs)
    }
    this.timer ??= setTimeout(() => this.tell(), everyMs).unref()
  }

  /** Logs what was counted since the last line. */
  close(): void {
    clearTimeout(this.timer)
    this.tell()
  }

  private tell(): void {
    this.timer = undefined
    for (const [step, { windows, mostMs }] of this.counts)
      this.log.warn(
        { step, late: windows, lateByMs: mostMs },
        `step ${step}: records came too late for ${windows} ${windows === 1 ? 'window' : 'windows'} within the last minute, ` +
          `by ${mostMs} ms at most; they are not in its results (\`late\` gives them as a stream, a longer grace waits for them)`,
      )
    this.counts.clear()
  }
}
