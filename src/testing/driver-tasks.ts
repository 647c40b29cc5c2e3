import type { TopicPartition } from '../connectors/source'
import { blameOf } from '../engine/plan/blame'
import { usualDeadLetterBytes } from '../engine/plan/dead-letter'
import type { Plan } from '../engine/plan/plan'
import type { Clock } from '../engine/task/clock'
import type { CodecBook } from '../engine/task/codec-book'
import type { LocalState } from '../engine/task/local-state'
import { noLimits } from '../engine/task/output-topics'
import { RestoringTask } from '../engine/task/restoring-task'
import type { Task } from '../engine/task/task'
import type { TaskEnvironment } from '../engine/task/task-environment'
import type { Partitioner } from '../engine/task/topic-outputs'
import { everybodySilent } from '../engine/task/upstream-silence'
import type { Share } from '../engine/task/verdicts'
import { CommitRoad } from '../engine/worker/commit-road'
import type { CrashPoint } from '../engine/worker/crash-point'
import { GlobalState } from '../engine/worker/global-state'
import { Quarantine } from '../engine/worker/quarantine'
import { changelogsOf } from '../engine/worker/restorer'
import { ContentError } from '../errors'
import { graphFacts } from '../operators/facts'
import { itemAt } from '../required'
import type { CapturingSink } from './captured-targets'
import { batchOf, type MemoryKafka } from './memory-kafka'
import type { MemoryLedger } from './memory-ledger'
import type { TestCrashPoint } from './test-crash-point'
import type { Waiting } from './waiting'

export interface DriverTasksOptions {
  readonly partitioner: Partitioner
  readonly wallClockMs: () => number
  readonly maxFutureMs: number
  /** Tasks that have nothing to do are not silent by themselves: those behind a repartition wait for them. */
  readonly lag: boolean
  /** Which of the records that wait is next; absent: they go in the order of writing. */
  readonly waiting?: Waiting | undefined
  /** Where stores on disk are. */
  readonly localState: LocalState | undefined
  /** Called at every crash point; a throw there is a crash. */
  readonly reached?: ((point: TestCrashPoint) => void) | undefined
}

/** A throw at a crash point. */
class Crash extends Error {}

/**
 * All tasks of a plan as one worker would have them, on ends in memory. After a crash they are brought back from what was committed,
 * and go on from there.
 */
export class DriverTasks {
  tasks: Task[] = []
  private readonly quarantine = new Quarantine()
  private globals: GlobalState
  /** Where the next record to be fed stands in the log. */
  private next = 0

  constructor(
    private readonly plan: Plan,
    private readonly codecs: CodecBook,
    private readonly kafka: MemoryKafka,
    private readonly ledger: MemoryLedger,
    private readonly sinks: readonly CapturingSink[],
    private readonly options: DriverTasksOptions,
  ) {
    this.globals = new GlobalState(plan.topology, codecs)
  }

  /** Brings the tasks back from the changelogs, the times and the offsets, as often as it takes. */
  async open(): Promise<void> {
    for (;;) {
      try {
        return await this.openOnce()
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
    }
  }

  /** Does something to every task, makes it durable, and lets everything happen that follows from it. */
  async each(work: (task: Task) => void): Promise<void> {
    do for (const task of this.tasks) work(task)
    while (!(await this.commit()))
    await this.drain()
  }

  /** Feeds what waits in the log, one record at a time, until nothing waits. */
  async drain(): Promise<void> {
    const { log } = this.kafka
    const { waiting } = this.options
    do {
      if (waiting !== undefined) await this.drainFrom(waiting)
      while (this.next < log.length) await this.feed(this.next++)
      if (!this.options.lag) await this.settle()
    } while (this.next < log.length)
  }

  private async drainFrom(waiting: Waiting): Promise<void> {
    const { log } = this.kafka
    for (let tasks = this.tasks; ; tasks = this.tasks) {
      while (this.next < log.length) {
        const index = this.next++
        const { topic, partition, timestamp } = itemAt(log, index)
        if (this.readerOf(itemAt(log, index)) === undefined) await this.feed(index)
        else waiting.add(`${topic}/${partition}`, { index, timestamp })
      }
      const record = waiting.next()
      if (record === undefined) return
      await this.feed(record.index)
      // After a crash the log is read again from what was committed.
      if (this.tasks !== tasks) waiting.clear()
    }
  }

  /** Nobody has to wait for a task that has nothing to do. */
  async settle(): Promise<void> {
    do for (const { time, streamTime } of this.tasks) time.pass(everybodySilent(time.upstream, streamTime))
    while (!(await this.commit()))
  }

  private async feed(index: number): Promise<void> {
    const record = itemAt(this.kafka.log, index)
    await this.globals.apply(batchOf(record, [record]))
    const task = this.readerOf(record)
    const input = task?.input(record.topic)
    if (task === undefined || input === undefined || record.offset < input.position) return
    for (const each of task.inputs) each.noteCaughtUp(true)
    input.feed(batchOf(record, [record]))
    while (task.process(1) === 0 && input.missingSchema !== undefined) await input.missingSchema.load()
    await this.commit()
  }

  private readerOf({ topic, partition }: TopicPartition): Task | undefined {
    return this.tasks.find(each => each.partition === partition && each.input(topic))
  }

  /** Commits what all tasks have. A crash is outlived: false when what they had was lost with it. */
  private async commit(): Promise<boolean> {
    let isCommitted = false
    const reached = (point: CrashPoint) => {
      isCommitted = point === 'afterLedger'
      this.reached(point)
    }
    const { sinks, ledger } = this
    const road = new CommitRoad({ sinks, ledger, partitionCount: () => this.kafka.partitionCount, reached })
    let shares: readonly Share[] = []
    try {
      for (const part of this.quarantine.partsOf(this.tasks)) {
        shares = part.filter(({ isDirty }) => isDirty).map(({ share }) => share)
        await road.commit(part)
        this.quarantine.pass(shares)
      }
      return true
    } catch (error) {
      if (error instanceof ContentError && this.quarantine.refuse(shares, error)) {
        await this.open()
        return false
      }
      if (!(error instanceof Crash)) throw error
      await this.open()
      return isCommitted
    }
  }

  private async openOnce(): Promise<void> {
    const { plan, codecs, kafka } = this
    this.tasks = []
    this.globals = new GlobalState(plan.topology, codecs)
    for (const topic of this.globals.topics)
      for (let partition = 0; partition < kafka.partitionCount; partition++)
        await this.globals.apply(batchOf({ topic, partition }, kafka.records({ topic, partition })))
    const environment = this.environment()
    for (const part of plan.subTopologies)
      for (let partition = 0; partition < kafka.partitionCount; partition++)
        this.tasks.push(await this.openTask(part, partition, environment))
    for (const sink of this.sinks) await this.openSink(sink)
    const starts = this.tasks.flatMap(task =>
      task.inputs.map(({ topic, partition, position }) => [`${topic}/${partition}`, position] as const),
    )
    const positions = new Map(starts)
    // Records that no task reads count as read; what was committed is passed over.
    this.next = kafka.log.findIndex(
      ({ topic, partition, offset }) => offset >= (positions.get(`${topic}/${partition}`) ?? Number.POSITIVE_INFINITY),
    )
    if (this.next < 0) this.next = kafka.log.length
  }

  private async openTask(
    part: Plan['subTopologies'][number],
    partition: number,
    environment: TaskEnvironment,
  ): Promise<Task> {
    const at = part.sources.map(({ spec: { topic } }) => ({ topic, partition }))
    const starts = this.ledger.starts(at)
    const start = ({ topic }: { topic: string }) => starts.find(each => each.topic === topic)?.offset ?? 0
    const task = new RestoringTask({ id: `${part.id}_${partition}`, plan: part, partition, environment, start })
    for (const { topic, of, apply, store } of changelogsOf(task.state)) {
      const from = task.state.restoredTo.get(topic) ?? 0
      const to = of === 'source' ? task.positionOf(topic) : Number.POSITIVE_INFINITY
      const records = this.kafka
        .records({ topic, partition })
        .slice(from)
        .filter(({ offset }) => offset < to)
      if (records.length === 0) continue
      const batch = batchOf({ topic, partition }, records)
      for (let missing = apply(batch); missing !== undefined; missing = apply(batch)) await missing.load()
      await store?.settled()
      this.reached('inRestore')
    }
    const started = task.start()
    started.judgeBy(this.quarantine.verdictsOf(started.id))
    return started
  }

  private async openSink(sink: CapturingSink): Promise<void> {
    for (const task of this.tasks) {
      const direct = task.plan.direct.filter(({ kind }) => kind === sink.kind)
      const { id, partition } = task
      const at = direct.map(({ topic }) => ({ task: id, topic, topicId: '', partition, offset: 0, endOffset: 0 }))
      const positions = await sink.open(at)
      for (const [i, { topic }] of direct.entries()) task.skipBelow(sink.kind, topic, itemAt(positions, i))
    }
  }

  private environment(): TaskEnvironment {
    const { wallClockMs, partitioner, maxFutureMs } = this.options
    const clock: Clock = { now: wallClockMs, monotonic: wallClockMs }
    return {
      application: this.plan.topology.name,
      worker: 'driver',
      facts: graphFacts(this.plan.topology),
      blame: blameOf(this.plan.topology),
      codecs: this.codecs,
      clock,
      partitionCount: () => this.kafka.partitionCount,
      findTopic: () => ({ partitions: this.kafka.partitionCount, limits: noLimits }),
      globals: this.globals.stores,
      localState: this.options.localState,
      partitioner,
      maxFutureMs,
      maxDeadLetterBytes: () => usualDeadLetterBytes,
    }
  }

  private reached(point: TestCrashPoint): void {
    try {
      this.options.reached?.(point)
    } catch {
      throw new Crash(point)
    }
  }
}
