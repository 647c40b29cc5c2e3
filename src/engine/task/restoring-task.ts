import { Task } from './task'
import type { TaskParts } from './task-environment'
import { TaskState } from './task-state'

/**
 * A task whose state is being brought to its last commit. It processes nothing: `start` makes the task that does, over what was
 * restored.
 */
export class RestoringTask {
  readonly id: string
  readonly partition: number
  readonly state: TaskState

  /** `state`: what is restored already. */
  constructor(
    private readonly parts: TaskParts,
    state?: TaskState,
  ) {
    this.id = parts.id
    this.partition = parts.partition
    this.state = state ?? new TaskState(parts.plan, parts.partition, parts.environment)
  }

  /** The offset from which a source topic is processed next: a table that is restored from the topic has the records below. */
  positionOf(topic: string): number {
    return this.parts.start({ topic, partition: this.partition })
  }

  /** Makes the task that works on the restored state. Throws TopologyError where a step's init fails. */
  start(): Task {
    return new Task(this.parts, this.state)
  }
}
