import type { Input } from './input'
import { PriorityQueue } from './priority-queue'

function only(input: Input | undefined): Input | 'passed' | undefined {
  const found = input?.look()
  return found === 'record' ? input : found === 'passed' ? found : undefined
}

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

  /**
   * Takes the next input, its head decoded; undefined while there is none, or while one has to be waited for; `passed` when one was found that
   * is no record for the task.
   */
  take(): Input | 'passed' | undefined {
    const { inputs, queue, queued, last } = this
    if (inputs.length === 1) return only(inputs[0])
    if (last !== undefined) {
      const found = last.look()
      if (found === 'passed') return found
      if (found === 'record') this.offer(last)
      this.last = undefined
    }
    let isWaiting = false
    for (const input of inputs) {
      if (queued.has(input)) continue
      const found = input.look()
      if (found === 'passed') return found
      if (found === 'record') this.offer(input)
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
