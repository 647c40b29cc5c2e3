import { json, type KStream, type Topology, text, tumbling } from '../../../src'
import { MemoryRegistry } from '../../../src/codecs/memory-registry'
import { blameOf } from '../../../src/engine/plan/blame'
import { planOf, type SubTopology } from '../../../src/engine/plan/plan'
import { bindCodecs } from '../../../src/engine/task/codec-book'
import { noLimits } from '../../../src/engine/task/output-topics'
import { RestoringTask } from '../../../src/engine/task/restoring-task'
import type { Task } from '../../../src/engine/task/task'
import type { TaskEnvironment, TaskParts } from '../../../src/engine/task/task-environment'
import type { TaskState } from '../../../src/engine/task/task-state'
import { graphFacts } from '../../../src/operators/facts'
import { batchOf, MemoryKafka } from '../../../src/testing/memory-kafka'

/** A record as a test writes it: its key as text, its value as JSON, null for none. */
export interface Fed {
  readonly key?: string | null
  readonly value: unknown
  readonly timestamp?: number
  readonly headers?: Readonly<Record<string, Buffer>>
}

export interface LoneOptions {
  /** Which part of the topology runs: the one that reads this topic; the first unless given. */
  readonly reads?: string
  readonly partition?: number
  /** Partitions of each topic; one where nothing is said. */
  readonly partitions?: Readonly<Record<string, number>>
  /** Where inputs start, by topic. */
  readonly starts?: Readonly<Record<string, number>>
  readonly topicId?: (topic: string) => string | undefined
  readonly environment?: Partial<TaskEnvironment>
}

/** What the tasks of one part of a topology are made of, without a broker or a worker. */
export async function partsOf(topology: Topology, options: LoneOptions = {}): Promise<TaskParts> {
  const { reads, partition = 0, partitions = {}, starts = {}, topicId } = options
  const plan = planOf(topology)
  const isMeant = ({ sources }: SubTopology) => reads === undefined || sources.some(({ spec }) => spec.topic === reads)
  const part = plan.subTopologies.find(isMeant)
  if (part === undefined) throw new Error(`no part reads ${reads}`)
  const environment: TaskEnvironment = {
    application: topology.name,
    worker: 'worker',
    facts: graphFacts(plan.topology),
    blame: blameOf(plan.topology),
    codecs: await bindCodecs(plan.topology, new MemoryRegistry()),
    clock: { now: () => 1_000_000, monotonic: () => 0 },
    partitionCount: topic => partitions[topic] ?? 1,
    findTopic: topic => ({ partitions: partitions[topic] ?? 1, limits: noLimits }),
    partitioner: (key, count) => (key?.[0] ?? 0) % count,
    maxFutureMs: Number.POSITIVE_INFINITY,
    maxDeadLetterBytes: () => 100_000,
    ...options.environment,
  }
  const start = ({ topic }: { topic: string }) => starts[topic] ?? 0
  return { id: `${part.id}_${partition}`, plan: part, partition, environment, start, ...(topicId && { topicId }) }
}

/** One task alone: what it is fed, and what it has for Kafka. */
export class LoneTask {
  private readonly kafka = new MemoryKafka(1)

  constructor(
    readonly parts: TaskParts,
    readonly task: Task,
  ) {}

  static async of(topology: Topology, options: LoneOptions = {}, restore?: (state: TaskState) => unknown) {
    const parts = await partsOf(topology, options)
    const restoring = new RestoringTask(parts)
    await restore?.(restoring.state)
    return new LoneTask(parts, restoring.start())
  }

  /** Writes records to a partition of a topic, and brings them to the task; offsets begin at 0. */
  feed(topic: string, ...records: readonly Fed[]): this {
    const at = { topic, partition: this.parts.partition }
    const logged = records.map(({ key = 'k', value, timestamp = 0, headers }) =>
      this.kafka.append(at, {
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
        timestamp,
        ...(headers && { headers }),
      }),
    )
    const input = this.task.input(topic)
    if (input === undefined) throw new Error(`the task doesn't read ${topic}`)
    for (const each of this.task.inputs) each.noteCaughtUp(true)
    input.feed(batchOf(at, logged))
    return this
  }

  /** Feeds the records of a topic again, from an offset. */
  again(topic: string, from: number): this {
    const at = { topic, partition: this.parts.partition }
    this.task.input(topic)?.feed(batchOf(at, this.kafka.records(at).slice(from)))
    for (const each of this.task.inputs) each.noteCaughtUp(true)
    return this
  }

  /** Processes all that is there; gives how many. */
  run(): number {
    return this.task.process(1_000)
  }
}

/** Counts windows of 10 ms by key, each written to the topic `out` once it is closed. */
export const closedCounts = (stream: KStream<string, any>): void =>
  stream
    .groupByKey()
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
    .count({ name: 'counts' })
    .toStream()
    .map((count, { key }) => [key, count])
    .to('out', { key: text, value: json<any>() })

/** A record as `LoneTask.feed` takes it. */
export const at = (timestamp: number, key = 'k'): Fed => ({ key, value: 1, timestamp })

/** What a checkpoint now has for topics that begin with `out`. */
export const out = (lone: LoneTask): string[] =>
  written(lone.task.checkpoint().outputs).filter(line => line.startsWith('out'))

/** Records for Kafka as text: topic/partition, key and value. */
export const written = (outputs: ReturnType<Task['checkpoint']>['outputs']): string[] =>
  outputs.flatMap(({ topic, partition, records }) =>
    records.map(({ key, value }) => `${topic}/${partition} ${key} ${value}`),
  )
