import type { Position } from '../../errors'
import type { Log } from '../../log'
import { authorsLines } from '../plan/authors-lines'
import type { Clock } from '../task/clock'

/** The least time between two lines about one kind of fault, ms. */
const everyMs = 60_000

interface Kind {
  /** Monotonic time of its last line, ms. */
  toldAtMs: number
  /** Faults of the kind since that line. */
  count: number
}

/** Logs what becomes a dead letter, or is skipped: one line a minute for each step and class of error, with how many there were. */
export class FaultLog {
  private readonly kinds = new Map<string, Kind>()

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  note(step: string, at: Position, error: unknown): void {
    const name = error instanceof Error ? error.name : typeof error
    const id = `${step} ${name}`
    const now = this.clock.monotonic()
    const kind = this.kinds.get(id)
    if (kind !== undefined && now - kind.toldAtMs < everyMs) {
      kind.count++
      return
    }
    const more = kind === undefined || kind.count === 0 ? '' : `; ${kind.count} more of this kind since the last line`
    this.kinds.set(id, { toldAtMs: now, count: 0 })
    const where =
      at.offset < 0 ? `partition ${at.partition}, a result` : `${at.topic}/${at.partition} offset ${at.offset}`
    const why = error instanceof Error ? error.message : String(error)
    this.log.warn({ at: authorsLines(error)[0] }, `step ${step}, ${where} is left out: ${name}: ${why}${more}`)
  }
}
