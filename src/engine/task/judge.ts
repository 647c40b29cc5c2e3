import { offsetOf } from '../../connectors/batch'
import type { Batch } from '../../connectors/source'
import type { GraphNode } from '../../dsl/graph'
import { DecodeError, type Position, ProcessError, TopologyError } from '../../errors'
import { deadLetterTopic } from '../../names'
import { entryOf } from '../../required'
import { DamagedCopyError } from '../../state/disk/local-copy'
import { deadLetter, type Fault, resultLetter } from '../plan/dead-letter'
import type { Input } from './input'
import { UnknownTopic } from './output-topics'
import type { TaskEnvironment } from './task-environment'
import type { TaskState } from './task-state'
import type { TopicOutputs } from './topic-outputs'
import type { Dropped, LeftOut, Share, Verdicts } from './verdicts'

/** A result that no single record has caused. */
export interface Result {
  readonly key: unknown
  /** The result before it was turned into the record that is sent on; undefined where there was none. */
  readonly value: unknown
}

/** The policy 'fail' has been applied to a result: the task stops, whatever record is in hand. */
class ResultError extends ProcessError {}

/** Errors that aren't about one record: the task stops, or is rolled back. */
const isTasksMatter = (error: unknown): error is TopologyError | ResultError | UnknownTopic | DamagedCopyError =>
  error instanceof TopologyError ||
  error instanceof ResultError ||
  error instanceof UnknownTopic ||
  error instanceof DamagedCopyError

/** Decides what becomes of records and results that can't be processed or were refused by an end: their source's policy. */
export class Judge {
  private verdicts: Verdicts | undefined
  private leftOut: LeftOut = {}
  private stop: Error | undefined
  private letters = 0
  private dropped: Dropped[] = []

  constructor(
    private readonly task: string,
    private readonly partition: number,
    private readonly environment: TaskEnvironment,
    private readonly outputs: TopicOutputs,
  ) {}

  /** What ends have refused; undefined: nothing that is known. */
  judgeBy(verdicts: Verdicts | undefined): void {
    this.verdicts = verdicts
    this.outputs.judgeBy(verdicts)
    this.leftOut = verdicts?.leftOut ?? {}
  }

  /** Whether any record has to be asked for. */
  get hasVerdicts(): boolean {
    return this.verdicts !== undefined
  }

  refusalOf(at: Position): Error | undefined {
    return this.verdicts?.refusalOf(at)
  }

  /** A changelog that has refused an entry does so again: the record in hand, which makes it, is to blame. */
  refusedChange(node: GraphNode, state: TaskState): { node: GraphNode; error: Error } | undefined {
    const { verdicts } = this
    const error = verdicts && state.refusedChange((changelog, entry) => verdicts.refusedOutput(changelog, entry))
    return error && { node, error }
  }

  /** Set where an end has refused the task's results. */
  get refusedResults(): Error | undefined {
    return this.leftOut.results
  }

  /** Whether a retained value that came of the record `at` isn't written again. */
  leavesOutRetained(at: Position): boolean {
    const refusal = this.leftOut.retained
    if (refusal === undefined) return this.refusalOf(at) !== undefined
    if (this.dropped.every(({ topic }) => topic !== undefined))
      this.dropped.push({
        line: `task ${this.task}: its retained values are not written again, each comes back with its next record: ${refusal.message}`,
      })
    return true
  }

  /** Dead letters since the last checkpoint, and what was dropped. */
  get share(): Pick<Share, 'letters' | 'dropped'> {
    const { letters, dropped } = this
    return { letters, dropped }
  }

  /** A commit ends: verdicts that aren't about single records applied to that commit only. */
  startShare(): void {
    this.letters = 0
    this.dropped = []
    this.leftOut = {}
  }

  /** The task is rolled back: what stopped it may be over, else it is reported again. */
  rollback(): void {
    this.stop = undefined
    this.verdicts = undefined
    this.outputs.judgeBy(undefined)
  }

  /** Throws what the task has to stop for. */
  throwIfStopped(): void {
    if (this.stop !== undefined) throw this.stop
  }

  /** A record can't be decoded, was refused by a step or by an end; its effects are undone. */
  record(input: Input, batch: Batch, index: number, step: string, error: unknown): void {
    if (isTasksMatter(error)) {
      this.stop ??= error
      return
    }
    const { environment, task } = this
    const at = { topic: input.topic, partition: input.partition, offset: offsetOf(batch, index) }
    const { policy, topic = at.topic } = entryOf(environment.blame, input.node.id)
    if (policy === 'fail') {
      const message = `${at.topic}/${at.partition} offset ${at.offset}, step ${step}: ${reasonOf(error)}`
      const detail = { cause: error, task, position: at }
      this.stop ??= error instanceof DecodeError ? new DecodeError(message, detail) : new ProcessError(message, detail)
      return
    }
    environment.onBadRecord?.(task, step, at, error)
    if (policy === 'deadLetter')
      this.write(topic, `${at.topic}/${at.partition} offset ${at.offset}`, step, maxBytes =>
        deadLetter(batch, index, this.fault(step, error), maxBytes),
      )
  }

  /** A result failed; its effects are undone. Returns the error that the task has to stop with, if any. */
  result(node: GraphNode, step: string, result: Result, timestamp: number, error: unknown): Error | undefined {
    if (isTasksMatter(error)) return error
    const { environment, task } = this
    const { policy, topic = '' } = entryOf(environment.blame, node.id)
    if (policy === 'fail')
      return new ResultError(`task ${task}, step ${step}: a result failed: ${reasonOf(error)}`, { cause: error, task })
    environment.onBadRecord?.(task, step, { topic, partition: this.partition, offset: -1 }, error)
    if (policy === 'deadLetter')
      this.write(topic, `a result at ${timestamp}`, step, maxBytes =>
        resultLetter(result, timestamp, this.fault(step, error), maxBytes),
      )
    return undefined
  }

  private fault(step: string, error: unknown): Fault {
    return { application: this.environment.application, task: this.task, step, error }
  }

  /** `what`: whose letter it is. */
  private write(
    topic: string,
    what: string,
    step: string,
    letter: (maxBytes: number) => Parameters<TopicOutputs['add']>[2],
  ): void {
    const to = deadLetterTopic(topic)
    const record = letter(this.environment.maxDeadLetterBytes(topic))
    const refusal = this.leftOut.letters ?? this.verdicts?.refusedOutput(to, record)
    if (refusal !== undefined) {
      this.dropped.push({
        topic: to,
        line: `the dead letter of ${what}, step ${step}, was refused too, and is dropped: ${refusal.message}; raise max.message.bytes of topic ${to}, or its message.timestamp limits`,
      })
      return
    }
    this.letters++
    // An internal topic may have more partitions than its source.
    const count = this.environment.partitionCount(to)
    this.outputs.add(to, count > 0 ? this.partition % count : this.partition, record)
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
