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
    const again = last?.look()
    if (again === 'passed') return again
    // While it alone has records, which is usual, it needn't be queued to be the first.
    let lone = again === 'record' && queued.size === 0 ? last : undefined
    if (lone === undefined) this.requeue(again === 'record')
    let isWaiting = false
    for (const input of inputs) {
      if (input === lone || queued.has(input)) continue
      const found = input.look()
      if (found === 'passed') return found
      if (found === 'record') {
        if (lone !== undefined) this.requeue(true)
        lone = undefined
        this.offer(input)
      } else if (!input.isCaughtUp || input.missingSchema !== undefined) isWaiting = true
    }
    if (isWaiting) return undefined
    if (lone !== undefined) return lone
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

  private requeue(hasRecord: boolean): void {
    if (this.last !== undefined && hasRecord) this.offer(this.last)
    this.last = undefined
  }

  private offer(input: Input): void {
    this.queue.offer(input)
    this.queued.add(input)
  }
}
