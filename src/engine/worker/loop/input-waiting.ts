import type { Reader } from '../../../connectors/source'
import type { Clock } from '../../task/clock'
import type { Input } from '../../task/input'

/**
 * How long records of a task's other inputs wait for an empty one, so that records are processed in the order of time (KIP-353, KIP-695):
 * `maxTaskIdleMs` from when it was found empty.
 */
export class InputWaiting {
  /** Monotonic time (ms) since which an input has had nothing. */
  private readonly emptySince = new Map<Input, number>()

  constructor(
    private readonly reader: Pick<Reader, 'end' | 'peek'>,
    private readonly clock: Clock,
    private readonly maxTaskIdleMs: number,
  ) {}

  /** Whether an input is empty and has been waited for long enough. */
  isOver(input: Input): boolean {
    const { reader, emptySince } = this
    const end = reader.end(input)
    const isEmpty = end !== undefined && reader.peek(input) === undefined && input.position >= end.endOffset
    if (!isEmpty) {
      emptySince.delete(input)
      return false
    }
    const now = this.clock.monotonic()
    const since = emptySince.get(input) ?? now
    emptySince.set(input, since)
    return now - since >= this.maxTaskIdleMs
  }
}
