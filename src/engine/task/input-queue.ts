import type { Input } from './input'
import { PriorityQueue } from './priority-queue'

function only(input: Input | undefined): Input | 'passed' | undefined {
  const found = input?.look()
  return found === 'record' ? input : found === 'passed' ? found : undefined
}

/**
 * Chooses a task's next input: the one whose first record is the oldest. Ties are broken as Kafka Streams' PartitionGroup does, where two
 * inputs take turns.
 */
export class InputQueue {
  private readonly queue = new PriorityQueue<Input>(input => input.head?.timestamp ?? Number.POSITIVE_INFINITY)
  private readonly queued = new Set<Input>()
  /** The input whose record was processed last: if it has another one, it is queued again before the inputs that were empty. */
  private last: Input | undefined

  constructor(private readonly inputs: readonly Input[]) {}

  /**
   * Takes the next input, its head decoded; undefined while there is none, or while an input has to be waited for; `passed` when a record was
   * passed over that isn't for the steps.
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

  /** Forgets the order: the inputs were set to other positions. */
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
