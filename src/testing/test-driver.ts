import type { Codec } from '../codecs/codec'
import { MemoryRegistry } from '../codecs/memory-registry'
import { partitionOf } from '../connectors/kafka/partitioner'
import { isKind, type Topology } from '../dsl/graph'
import type { Clock } from '../engine/clock'
import { bindCodecs, type CodecBook } from '../engine/codec-book'
import { CommitRoad, type CrashPoint } from '../engine/commit-road'
import { GlobalState } from '../engine/global-state'
import { type Plan, planOf } from '../engine/plan'
import { changelogsOf } from '../engine/restorer'
import { Task, type TaskEnvironment } from '../engine/task'
import { TopologyError } from '../errors'
import { graphFacts } from '../operators/facts'
import type { Headers } from '../record'
import type { Store } from '../state/store'
import { type CapturingSink, captureTargets, type WrittenRecord } from './captured-targets'
import { batchOf, MemoryKafka } from './memory-kafka'
import { MemoryLedger } from './memory-ledger'

export interface TestDriverOptions {
  /** The wall clock at the start, ms; it moves only by `advanceWallClock`. */
  readonly wallClockMs?: number
  /** Partitions of every topic. With one (the default) the whole topology is one task, as in Kafka Streams' own test driver. */
  readonly partitions?: number
  /** A record further ahead of its Kafka timestamp than this is a bad one, ms; no limit unless given. */
  readonly maxFutureMs?: number
  /** Called at every crash point of every commit; a throw there is a crash. */
  readonly reached?: (point: CrashPoint) => void
}

export interface TestRecord {
  readonly key: unknown
  readonly value: unknown
  /** ms; the Kafka timestamp. */
  readonly timestamp: number
  readonly partition?: number
  readonly headers?: Headers
}

export interface TestOutput {
  readonly key: any
  readonly value: any
  readonly timestamp: number
  readonly partition: number
}

/**
 * Runs a topology without any service: the real tasks and the real commit road, on ends in memory and virtual time. Each record is
 * processed and committed before the next, with all that it causes in internal topics, first in, first out.
 */
export class TopologyTestDriver {
  readonly kafka: MemoryKafka
  private tasks: Task[] = []
  private globals!: GlobalState
  private wall: number
  private next = 0
  private readonly readFrom = new Map<string, number>()
  private readonly ledger: MemoryLedger

  private constructor(
    private readonly plan: Plan,
    private readonly codecs: CodecBook,
    private readonly options: TestDriverOptions,
    private readonly sinks: readonly CapturingSink[],
  ) {
    this.kafka = new MemoryKafka(options.partitions ?? 1)
    this.ledger = new MemoryLedger(this.kafka)
    this.wall = options.wallClockMs ?? 0
  }

  static async create(topology: Topology, options: TestDriverOptions = {}): Promise<TopologyTestDriver> {
    const captured = captureTargets(topology)
    const plan = planOf(captured.topology, { whole: (options.partitions ?? 1) === 1 })
    const codecs = await bindCodecs(plan.topology, new MemoryRegistry(), { pipes: true })
    const driver = new TopologyTestDriver(plan, codecs, options, captured.sinks)
    await driver.open()
    return driver
  }

  /** Writes a record to a source topic and lets everything happen that follows from it. */
  async pipe(topic: string, { key, value, timestamp, partition, headers }: TestRecord): Promise<void> {
    const source = this.plan.topology.nodes.find(
      node => node.parents.length === 0 && 'topic' in node.spec && node.spec.topic === topic,
    )
    if (source === undefined) throw new TopologyError(`no step reads topic ${topic}`)
    const codecs = this.codecs.get(source.id)!
    const keyBytes = codecs.key.encode(key)
    const at = { topic, partition: partition ?? this.environment.partitioner(keyBytes, this.kafka.partitionCount) }
    this.kafka.append(at, { key: keyBytes, value: codecs.value.encode(value), timestamp, ...(headers && { headers }) })
    await this.drain()
  }

  /** What was written to a topic since the last read of it. */
  read(topic: string): TestOutput[] {
    const codecs = this.codecsOf(topic)
    const from = this.readFrom.get(topic) ?? 0
    const records = this.kafka.log.filter(record => record.topic === topic)
    this.readFrom.set(topic, records.length)
    const decode = (codec: Codec<any>, bytes: Buffer | null) =>
      bytes === null ? null : codec.decode(bytes, 0, bytes.length)
    return records.slice(from).map(({ key, value, timestamp, partition }) => ({
      key: decode(codecs.key, key),
      value: decode(codecs.value, value),
      timestamp,
      partition,
    }))
  }

  /** What an end outside Kafka holds: the records given to the target of that name, in order. */
  written(target: string): readonly WrittenRecord[] {
    const sink = this.sinks.find(({ targets }) => targets.some(({ name }) => name === target))
    if (sink === undefined) throw new TopologyError(`no step writes to a target "${target}"`)
    return sink.written(target)
  }

  /** Moves the wall clock on; punctuators that come due are called. */
  async advanceWallClock(ms: number): Promise<void> {
    this.wall += ms
    for (const task of this.tasks) task.time.punctuateWallClock()
    await this.commit()
    await this.drain()
  }

  /** Moves stream time on without a record, as the idle clock does. */
  async advanceStreamTime(timeMs: number): Promise<void> {
    for (const task of this.tasks) {
      task.time.advance(timeMs)
    }
    await this.commit()
    await this.drain()
  }

  /** A store, of the task of that partition. */
  store<S extends Store = any>(name: string, partition = 0): S {
    const task = this.tasks.find(each => each.partition === partition && each.stores.has(name))
    if (task === undefined) throw new TopologyError(`no step has a store "${name}"`)
    return task.stores.get(name) as S
  }

  /** Kills the tasks and brings them back from what was committed: the changelogs, the times, the offsets. */
  async crash(): Promise<void> {
    this.tasks = []
    await this.open()
    await this.drain()
  }

  private get environment(): TaskEnvironment {
    const clock: Clock = { now: () => this.wall, monotonic: () => this.wall }
    return {
      application: this.plan.topology.name,
      worker: 'driver',
      facts: graphFacts(this.plan.topology),
      codecs: this.codecs,
      clock,
      partitionCount: () => this.kafka.partitionCount,
      globals: this.globals.stores,
      partitioner: (key, count) => (count === 1 || key === null ? 0 : partitionOf(key, count)),
      maxFutureMs: this.options.maxFutureMs ?? Number.POSITIVE_INFINITY,
      maxDeadLetterBytes: 1024 * 1024,
    }
  }

  private async open(): Promise<void> {
    this.globals = new GlobalState(this.plan.topology, this.codecs)
    for (const topic of this.globals.topics)
      for (let partition = 0; partition < this.kafka.partitionCount; partition++)
        await this.globals.apply(batchOf({ topic, partition }, this.kafka.records({ topic, partition })))
    const { environment } = this
    for (const part of this.plan.subTopologies) {
      for (let partition = 0; partition < this.kafka.partitionCount; partition++) {
        const at = part.sources.map(({ spec: { topic } }) => ({ topic, partition }))
        const starts = await this.ledger.open(
          { groupId: environment.application, memberId: 'driver', generationId: 1 },
          at,
        )
        const task = new Task(
          `${part.id}_${partition}`,
          part,
          partition,
          environment,
          ({ topic }) => starts.find(start => start.topic === topic)?.offset ?? 0,
        )
        this.restore(task)
        task.start()
        this.tasks.push(task)
      }
    }
    for (const sink of this.sinks) await this.openSink(sink)
    const starts = this.tasks.flatMap(task =>
      task.inputs.map(({ topic, partition, position }) => [`${topic}/${partition}`, position] as const),
    )
    const positions = new Map(starts)
    // Records that no task reads count as read; what was committed is passed over.
    this.next = this.kafka.log.findIndex(
      ({ topic, partition, offset }) => offset >= (positions.get(`${topic}/${partition}`) ?? Number.POSITIVE_INFINITY),
    )
    if (this.next < 0) this.next = this.kafka.log.length
  }

  private async openSink(sink: CapturingSink): Promise<void> {
    for (const task of this.tasks) {
      const direct = task.plan.direct.filter(({ kind }) => kind === sink.kind)
      const at = direct.map(({ topic }) => ({
        task: task.id,
        topic,
        partition: task.partition,
        offset: 0,
        endOffset: 0,
      }))
      const positions = await sink.open(at)
      for (const [i, { topic }] of direct.entries()) task.skipBelow(sink.kind, topic, positions[i]!)
    }
  }

  private restore(task: Task): void {
    for (const { topic, apply } of changelogsOf(task, this.plan.topology.name)) {
      const at = { topic, partition: task.partition }
      apply(batchOf(at, this.kafka.records(at)))
    }
  }

  /** Feeds what waits in the log, one record at a time in the order of writing, until nothing waits. */
  private async drain(): Promise<void> {
    for (; this.next < this.kafka.log.length; this.next++) {
      const record = this.kafka.log[this.next]!
      await this.globals.apply(batchOf(record, [record]))
      for (const task of this.tasks) {
        const input = task.input(record.topic)
        if (input === undefined || task.partition !== record.partition || record.offset < input.position) continue
        for (const each of task.inputs) each.caughtUp = true
        input.feed(batchOf(record, [record]))
        while (task.process(1) === 0 && input.missingSchema !== undefined) await input.missingSchema.load()
        await this.commit()
      }
    }
  }

  private async commit(): Promise<void> {
    const { reached } = this.options
    const road = new CommitRoad({
      sinks: this.sinks,
      ledger: this.ledger,
      partitionCount: () => this.kafka.partitionCount,
      ...(reached && { reached }),
    })
    await road.commit(this.tasks)
  }

  private codecsOf(topic: string) {
    const writer = this.plan.topology.nodes.find(
      node => (isKind(node, 'to') || isKind(node, 'repartition')) && node.spec.topic === topic,
    )
    const node = writer ?? this.plan.topology.nodes.find(each => 'topic' in each.spec && each.spec.topic === topic)
    if (node === undefined) throw new TopologyError(`no step writes topic ${topic}`)
    return this.codecs.get(node.id)!
  }
}
