import type { PartitionEnd, Reader } from '../../../connectors/source'
import type { Clock } from '../../task/clock'
import type { IdleView } from '../../task/idle-clock'
import type { Input } from '../../task/input'
import type { Looks } from '../../task/looks'
import type { Slot } from '../open-tasks'

/** How often the idle clock and wall-clock punctuators are looked at, ms. */
export const lookMs = 50

/** What moves tasks without a record: their idle clocks and wall-clock punctuators. */
export class TaskClocks {
  private lookedAt = 0

  constructor(
    private readonly reader: Pick<Reader, 'end' | 'peek'>,
    private readonly clock: Clock,
    private readonly looks: Looks,
  ) {}

  look(slots: Iterable<Slot>): void {
    const now = this.clock.monotonic()
    if (now - this.lookedAt < lookMs) return
    this.lookedAt = now
    const view: IdleView = { nowMs: now, endsOf: inputs => this.endsOf(inputs), looks: this.looks }
    for (const { task, idle } of slots) {
      const due = task.time.nextWallClock
      if (due !== undefined && due <= this.clock.now()) task.time.punctuateWallClock()
      const time = idle?.look(view)
      if (time !== undefined) task.time.advance(time)
    }
  }

  /** The ends of inputs; undefined unless each of them has been read to its end. */
  private endsOf(inputs: readonly Input[]): PartitionEnd[] | undefined {
    const ends: PartitionEnd[] = []
    for (const input of inputs) {
      const end = this.reader.end(input)
      if (end === undefined || input.position < end.highWatermark || this.reader.peek(input) !== undefined)
        return undefined
      ends.push(end)
    }
    return ends
  }
}
