import { Faults } from '../../../../src/sensors/audit/compare'
import { type Window, windowKey } from '../../../../src/sensors/audit/oracle'

const figures = ['end', 'count', 'sum', 'min', 'max', 'mean'] as const
/** Windows are remembered for so long, to know one that comes again, ms of event time. */
const rememberedMs = 900_000

/** The closed windows of one rollup: those that the log says there must be, against those that were found, round after round. */
export class WindowsCheck {
  /** Of the last round. */
  lost = new Faults()
  twice = new Faults()
  unequal = new Faults()
  /** Found, and not closed yet by what was recomputed: the next round has to expect them. */
  readonly ahead = new Map<string, Window>()
  private readonly seen = new Map<string, Window>()
  private newestEnd = 0

  constructor(private readonly name: string) {}

  /** `found` is as far as the log was read at least, and may be further. */
  round(expected: ReadonlyMap<string, Window>, found: readonly Window[]): void {
    this.lost = new Faults()
    this.twice = new Faults()
    this.unequal = new Faults()
    for (const window of found) {
      const key = windowKey(window)
      if (this.seen.has(key)) this.twice.add(this.words(window))
      this.seen.set(key, window)
      this.ahead.set(key, window)
      this.newestEnd = Math.max(this.newestEnd, window.end)
    }
    for (const [key, window] of expected) {
      const there = this.ahead.get(key)
      if (there === undefined) this.lost.add(this.words(window))
      else {
        const wrong = figures.find(figure => !Object.is(there[figure], window[figure]))
        if (wrong) this.unequal.add(`${this.words(window)} has ${wrong} ${there[wrong]} and not ${window[wrong]}`)
      }
      this.ahead.delete(key)
    }
    for (const [key, { end }] of this.seen) if (end < this.newestEnd - rememberedMs) this.seen.delete(key)
  }

  /** The window of each sensor that ends last. */
  newest(): Map<number, Window> {
    const newest = new Map<number, Window>()
    for (const window of this.seen.values())
      if (window.end > (newest.get(window.sensor)?.end ?? 0)) newest.set(window.sensor, window)
    return newest
  }

  private words({ sensor, start }: Window): string {
    return `${this.name}: sensor ${sensor} from ${new Date(start).toISOString()}`
  }
}
