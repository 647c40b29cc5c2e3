import type { Input } from './input'
import { PriorityQueue } from './priority-queue'

/**
 * Which of a task's inputs is next: the one whose first record is the oldest. Among equals it goes as in Kafka Streams (PartitionGroup), whose
 * queue of inputs gives two of them turns.
 */
export class InputQueue {
  private readonly queue = new PriorityQueue<Input>(input => input.head?.timestamp ?? Number.POSITIVE_INFINITY)
  private readonly queued = new Set<Input>()
  /** The input whose record was processed last: if it has another it is queued again before those that had none. */
  private last: Input | undefined

  constructor(private readonly inputs: readonly Input[]) {}

  /** Takes the next input, its head decoded; undefined while there is none, or while one has to be waited for. */
  take(): Input | undefined {
    const { inputs, queue, queued, last } = this
    if (inputs.length === 1) return inputs[0]?.ready() ? inputs[0] : undefined
    this.last = undefined
    if (last?.ready()) this.offer(last)
    let isWaiting = false
    for (const input of inputs) {
      if (queued.has(input)) continue
      if (input.ready()) this.offer(input)
      else if (!input.isCaughtUp || input.missingSchema !== undefined) isWaiting = true
    }
    if (isWaiting) return undefined
    const next = queue.poll()
    if (next !== undefined) queued.delete(next)
    this.last = next
    return next
  }

  /** The inputs begin anew. */
  clear(): void {
    this.queue.clear()
    this.queued.clear()
    this.last = undefined
  }

  private offer(input: Input): void {
    this.queue.offer(input)
    this.queued.add(input)
  }
}
