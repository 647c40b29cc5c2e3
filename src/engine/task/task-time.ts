import { isKind } from '../../dsl/graph'
import { itemAt } from '../../required'
import type { Cell } from '../../state/cell'
import type { SubTopology } from '../plan/plan'
import type { TimeMark } from './checkpoint'
import type { Clock } from './clock'
import type { Input } from './input'
import type { TaskContext } from './task-context'
import type { TaskState } from './task-state'
import { isSameReport, type TimeReport, type Times } from './time-report'
import type { PartitionCount, TopicOutputs } from './topic-outputs'
import type { Passed } from './upstream-silence'
import { UpstreamTimes } from './upstream-times'

/** What a task knows of those upstream of it, from its restored state. */
export function upstreamTimes(plan: SubTopology, partitionCount: PartitionCount, state: TaskState): UpstreamTimes {
  const upstreams = plan.upstreams.map(({ topic, misplaced, sources }) => ({
    topic,
    misplaced,
    width: Math.max(0, ...sources.map(partitionCount)),
  }))
  return new UpstreamTimes(upstreams, plan.nodes, state.journal, name => state.times.get(name), plan.timesName)
}

/** What time has to know of its task. */
export interface TimedTask {
  readonly plan: SubTopology
  readonly partition: number
  readonly inputs: readonly Input[]
  readonly state: TaskState
  readonly streamTime: number
}

/** Advances a task's time apart from its records: the idle clock, punctuators, and the times of the tasks upstream of it. */
export class TaskTime {
  /** Inputs except topics that the task itself writes: a record there has the time of the task that sent it. */
  private readonly ownInputs: readonly Input[]
  /** Those of them in which nobody upstream says its time: what they bring is known from their logs alone. */
  private readonly sourceInputs: readonly Input[]
  /** Stream time of the own inputs, where there are others. */
  private readonly ownTime: Cell | undefined
  /** The only task of its sub-topology: nobody waits for its time. */
  private readonly isAlone: boolean
  /** The times that were last sent into the task's internal topics. */
  private readonly marked = new Map<string, TimeReport>()

  constructor(
    private readonly task: TimedTask,
    private readonly context: TaskContext,
    readonly upstream: UpstreamTimes,
    private readonly outputs: TopicOutputs,
    private readonly clock: Clock,
    partitionCount: PartitionCount,
  ) {
    const { plan, inputs } = task
    const own = inputs.filter(({ topic }) => !plan.repartitions.includes(topic))
    this.ownInputs = own.length < inputs.length ? own : inputs
    if (own.length < inputs.length) this.ownTime = context.cell(itemAt(plan.sources, 0), 'own-time', -1)
    this.sourceInputs = own.filter(({ topic }) => !upstream.topics.some(each => each.upstream.topic === topic))
    this.isAlone = task.plan.sources.every(({ spec }) => partitionCount(spec.topic) <= 1)
  }

  /** A record is about to be processed. */
  observe(input: Input, timestamp: number): void {
    const { ownTime } = this
    if (ownTime !== undefined && !this.ownInputs.includes(input)) {
      this.upstream.begin(input.topic)
      return
    }
    if (ownTime !== undefined && timestamp > ownTime.value) ownTime.value = timestamp
  }

  /** Timestamp of what the task logs, ms: never ahead of the clock, since a broker takes no record that is far ahead. */
  get logTime(): number {
    return Math.max(0, Math.min(Math.floor(this.context.streamTime.value), this.clock.now()))
  }

  /** From which stream time on the idle clock would have an effect; undefined while nothing is open. */
  get nextAdvance(): number | undefined {
    const times = this.context.advances.flatMap(({ next }) => next() ?? [])
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /**
   * Advances stream time to `timeMs` without a record (idle clock): steps close what that closes. The decision, with the offsets at
   * which it fell, is part of the times changelog, so that a recomputation from the log can follow it.
   */
  advance(timeMs: number): void {
    const { context, task } = this
    this.begin()
    const offsets = Object.fromEntries(task.inputs.map(({ topic, position }) => [topic, position]))
    task.state.writeTime(`${task.plan.timesName}/idle`, { time: timeMs, offsets }, this.logTime, this.outputs)
    if (timeMs > context.streamTime.value) context.streamTime.value = timeMs
    for (const { advance } of context.advances) advance(timeMs)
    context.punctuations.run('streamTime', context.streamTime.value)
    context.throwFailure('the idle clock')
  }

  /** The next time (unix ms) that a wall-clock punctuation is due. */
  get nextWallClock(): number | undefined {
    return this.context.punctuations.nextWallClock()
  }

  /** Calls the wall-clock punctuations that are due. */
  punctuateWallClock(): void {
    const now = this.clock.now()
    if (!this.context.punctuations.isDue('wallClock', now)) return
    this.begin()
    this.context.punctuations.run('wallClock', now)
    this.context.throwFailure('a wall-clock punctuator')
  }

  /** Upstream's times have advanced: steps that they held back look again. */
  takeUpstream(topic: string, times: Times): void {
    this.begin()
    if (this.upstream.take(topic, times)) this.lookAgain()
  }

  /** The silence of upstream tasks was waited for: what they held back is released. */
  pass(silent: readonly Passed[]): void {
    if (silent.length === 0) return
    this.begin()
    let isLater = false
    for (const { topic, partition, timeMs } of silent) if (this.upstream.pass(topic, partition, timeMs)) isLater = true
    if (isLater) this.lookAgain()
  }

  /** Whether there is something of time to commit: marks, or a schedule that a takeover would otherwise begin anew. */
  get isDirty(): boolean {
    return this.hasNewSchedule || this.marks().length > 0
  }

  /** The task's times that its internal topics don't hold yet; from now on they count as sent. */
  takeMarks(): TimeMark[] {
    const marks = this.marks()
    for (const { topic, report } of marks) this.marked.set(topic, report)
    return marks
  }

  /** After a rollback: times that were sent may not have been committed, and are sent again. */
  forgetMarks(): void {
    this.marked.clear()
  }

  private lookAgain(): void {
    for (const { advance } of this.context.advances) advance(-1)
    this.context.throwFailure('an upstream time')
  }

  private begin(): void {
    this.context.startWithoutRecord()
    this.task.state.journal.begin()
  }

  private marks(): TimeMark[] {
    const { upstream } = this
    const { plan, partition } = this.task
    if (this.isAlone) return []
    return plan.repartitions.flatMap(topic => {
      const isOn = upstream.isOn(topic) || !plan.upstreams.some(each => each.topic === topic && each.misplaced)
      const report = isOn ? this.reportTo(topic) : undefined
      return report === undefined || isSameReport(this.marked.get(topic), report) ? [] : [{ topic, partition, report }]
    })
  }

  /**
   * The time below which the task sends no more records to a topic: its own, and no later than what the tasks upstream of it report,
   * since their records pass through it. A task without sources of its own has nothing else to say. Undefined: nothing is known yet.
   */
  private reportTo(topic: string): TimeReport | undefined {
    const { plan, streamTime } = this.task
    let quiet = Number.POSITIVE_INFINITY
    for (const node of plan.nodes)
      if (isKind(node, 'repartition') && node.spec.topic === topic) quiet = Math.min(quiet, this.upstream.limit(node))
    const at: Record<string, number> = {}
    for (const input of this.sourceInputs) at[input.topic] = input.position
    if (this.sourceInputs.length === 0) return quiet < 0 ? undefined : { time: quiet, quiet, at }
    return { time: Math.min(this.ownTime?.value ?? streamTime, quiet), quiet, at }
  }

  private get hasNewSchedule(): boolean {
    const { plan, state } = this.task
    if (plan.stores.length === 0 || this.context.punctuations.nextWallClock() === undefined) return false
    for (const name of this.context.cells.keys())
      if (name.includes('/punctuation-') && !state.isWritten(name)) return true
    return false
  }
}
