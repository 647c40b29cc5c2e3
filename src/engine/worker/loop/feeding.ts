import type { Reader } from '../../../connectors/source'
import type { Task } from '../../task/task'
import type { CommitTraces } from '../commit-traces'
import type { InputWaiting } from './input-waiting'

/** Batches that wait in a task beyond the one in hand; the reader holds more. */
const batchesAhead = 1

/** Hands tasks what was read for them. */
export class Feeding {
  constructor(
    private readonly reader: Pick<Reader, 'take' | 'peek'>,
    private readonly waiting: Pick<InputWaiting, 'isOver'>,
    private readonly traces: CommitTraces | undefined,
  ) {}

  /** Gives how many bytes the task was fed. */
  feed({ inputs }: Task): number {
    let bytes = 0
    for (const input of inputs) {
      while (input.queued < batchesAhead) {
        const batch = this.reader.take(input)
        if (batch === undefined) break
        input.feed(batch)
        this.traces?.fed(batch)
        bytes += batch.bytes
      }
      if (inputs.length > 1) input.noteCaughtUp(this.waiting.isOver(input))
    }
    return bytes
  }

  hasMore({ inputs }: Task): boolean {
    return inputs.some(input => input.queued > 0 || this.reader.peek(input) !== undefined)
  }
}
