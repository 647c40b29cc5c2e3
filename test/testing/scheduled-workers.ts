import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { partitionOf } from '../../src/connectors/kafka/write/partitioner'
import type { TopicPartition } from '../../src/connectors/source'
import type { Topology } from '../../src/dsl/graph'
import { blameOf } from '../../src/engine/plan/blame'
import { usualDeadLetterBytes } from '../../src/engine/plan/dead-letter'
import { type Plan, planOf, type SubTopology } from '../../src/engine/plan/plan'
import { bindCodecs, type CodecBook } from '../../src/engine/task/codec-book'
import { type IdleClock, idleClockOf } from '../../src/engine/task/idle-clock'
import type { Input } from '../../src/engine/task/input'
import type { Look, Looks } from '../../src/engine/task/looks'
import { noLimits } from '../../src/engine/task/output-topics'
import { RestoringTask } from '../../src/engine/task/restoring-task'
import type { Task } from '../../src/engine/task/task'
import type { TaskEnvironment } from '../../src/engine/task/task-environment'
import { CommitRoad } from '../../src/engine/worker/commit-road'
import { changelogsOf } from '../../src/engine/worker/restorer'
import { graphFacts } from '../../src/operators/facts'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'
import { MemoryLedger } from '../../src/testing/memory-ledger'

interface Owned {
  readonly task: Task
  readonly idle: IdleClock | undefined
  /** What was fetched: the ends as the last fetch saw them. */
  readonly ends: Map<Input, { offset: number; seenAtMs: number }>
  readonly fedTo: Map<Input, number>
}

/** A record of a source topic and when it comes to its partition. */
export interface Arrival {
  readonly atMs: number
  readonly partition: number
  readonly key: string
  readonly timestamp: number
}

/** Looks at the cluster once a second, as a worker's `PartitionWatch` makes them. */
class ScheduledLooks implements Looks {
  private readonly asked = new Map<string, { at: TopicPartition; look?: Look }>()
  private lookedAt = Number.NEGATIVE_INFINITY

  constructor(private readonly stateOf: (at: TopicPartition) => Pick<Look, 'highWatermark' | 'committed'>) {}

  look(at: TopicPartition): Look | undefined {
    const key = `${at.topic}/${at.partition}`
    if (!this.asked.has(key)) this.asked.set(key, { at })
    return this.asked.get(key)!.look
  }

  refresh(now: number): void {
    if (now - this.lookedAt < 1_000) return
    const isUnbroken = now - this.lookedAt <= 2_500
    this.lookedAt = now
    for (const asked of this.asked.values()) {
      const provenSinceMs = isUnbroken ? (asked.look?.provenSinceMs ?? now) : now
      asked.look = { ...this.stateOf(asked.at), seenAtMs: now, provenSinceMs }
    }
  }
}

/** The tasks of a topology on several workers, each with a pace of its own, on ends in memory and a clock that is set by hand. */
export class ScheduledWorkers {
  readonly kafka: MemoryKafka
  nowMs = 0
  /** Records that came after their windows had closed. */
  late = 0
  private readonly ledger: MemoryLedger
  private readonly plan: Plan
  private readonly owned = new Map<string, Owned>()
  private readonly looks: ScheduledLooks[] = []

  private constructor(
    private readonly topology: Topology,
    private readonly codecs: CodecBook,
    private readonly partitions: number,
  ) {
    this.plan = planOf(topology)
    this.kafka = new MemoryKafka(partitions)
    this.ledger = new MemoryLedger(this.kafka)
  }

  static async create(topology: Topology, partitions: number): Promise<ScheduledWorkers> {
    const codecs = await bindCodecs(planOf(topology).topology, new MemoryRegistry(), { pipes: true })
    const workers = new ScheduledWorkers(topology, codecs, partitions)
    for (const part of workers.plan.subTopologies)
      for (let partition = 0; partition < partitions; partition++) await workers.open(part, partition)
    return workers
  }

  get taskIds(): string[] {
    return [...this.owned.keys()]
  }

  arrive({ partition, key, timestamp }: Arrival): void {
    this.kafka.append({ topic: 'in', partition }, { key: Buffer.from(key), value: Buffer.from('1'), timestamp })
  }

  /** Sees what is new in the partitions of a task. */
  fetch(id: string): void {
    const { ends, task } = this.owned.get(id)!
    for (const input of task.inputs) ends.set(input, { offset: this.kafka.records(input).length, seenAtMs: this.nowMs })
  }

  /** Processes at most so many of the records that were fetched. */
  process(id: string, max: number): void {
    const { task, ends, fedTo } = this.owned.get(id)!
    for (const input of task.inputs) {
      const from = fedTo.get(input) ?? input.position
      const records = this.kafka.records(input).slice(from, ends.get(input)?.offset ?? 0)
      if (records.length > 0) input.feed(batchOf(input, records))
      fedTo.set(input, from + records.length)
    }
    task.process(max)
  }

  /** Looks at the idle clock; `worker`: whose looks at the cluster it goes by. */
  look(id: string, worker: number): void {
    const { task, idle, ends } = this.owned.get(id)!
    this.looks[worker] ??= new ScheduledLooks(at => ({
      highWatermark: this.kafka.records(at).length,
      committed: this.committed(at),
    }))
    const looks = this.looks[worker]
    looks.refresh(this.nowMs)
    const endsOf = (inputs: readonly Input[]) => {
      const seen = inputs.map(input => ({ input, end: ends.get(input) }))
      if (seen.some(({ input, end }) => end === undefined || input.position < end.offset)) return undefined
      return seen.map(({ end }) => ({ endOffset: end!.offset, highWatermark: end!.offset, seenAtMs: end!.seenAtMs }))
    }
    const time = idle?.look({ nowMs: this.nowMs, endsOf, looks })
    if (time !== undefined) task.time.advance(time)
  }

  async commit(...ids: readonly string[]): Promise<void> {
    const road = new CommitRoad({ sinks: [], ledger: this.ledger, partitionCount: () => this.partitions })
    await road.commit(ids.map(id => this.owned.get(id)!.task))
  }

  /** Another worker takes the task over from what was committed. */
  async takeOver(id: string): Promise<void> {
    const { plan, partition } = this.owned.get(id)!.task
    await this.open(plan, partition)
  }

  /** All that a worker does in one turn of its loop. */
  async turn(worker: number, ids: readonly string[], max = 1_000): Promise<void> {
    for (const id of ids) {
      this.fetch(id)
      this.process(id, max)
      this.look(id, worker)
    }
    await this.commit(...ids)
  }

  /** Closes everything that is open. */
  async close(): Promise<void> {
    for (let length = -1; length < this.kafka.log.length; ) {
      length = this.kafka.log.length
      for (const id of this.taskIds) {
        this.fetch(id)
        this.process(id, 100_000)
      }
      await this.commit(...this.taskIds)
    }
    for (const { task } of this.owned.values()) task.time.advance(Number.MAX_SAFE_INTEGER / 2)
    await this.commit(...this.taskIds)
  }

  /** What was written to a topic, as text. */
  read(topic: string): [key: string, value: string][] {
    return this.kafka.log.filter(record => record.topic === topic).map(({ key, value }) => [String(key), String(value)])
  }

  private committed({ topic, partition }: TopicPartition): number {
    return this.ledger.committed({ topic, partition })?.offset ?? 0
  }

  private async open(part: SubTopology, partition: number): Promise<void> {
    const start = ({ topic }: { topic: string }) => this.committed({ topic, partition })
    const id = `${part.id}_${partition}`
    const restoring = new RestoringTask({ id, plan: part, partition, environment: this.environment(), start })
    for (const { topic, apply } of changelogsOf(restoring.state)) {
      const records = this.kafka.records({ topic, partition })
      if (records.length > 0) apply(batchOf({ topic, partition }, records))
    }
    const task = restoring.start()
    this.owned.set(id, { task, idle: idleClockOf(task, () => this.partitions), ends: new Map(), fedTo: new Map() })
  }

  private environment(): TaskEnvironment {
    const now = () => this.nowMs
    return {
      application: this.topology.name,
      worker: 'scheduled',
      facts: graphFacts(this.plan.topology),
      blame: blameOf(this.plan.topology),
      codecs: this.codecs,
      clock: { now, monotonic: now },
      partitionCount: () => this.partitions,
      findTopic: () => ({ partitions: this.partitions, limits: noLimits }),
      partitioner: (key, count) => (key === null ? 0 : partitionOf(key, count)),
      maxFutureMs: Number.POSITIVE_INFINITY,
      maxDeadLetterBytes: () => usualDeadLetterBytes,
      onCount: (what, _step, count) => {
        if (what === 'late') this.late += count
      },
    }
  }
}
