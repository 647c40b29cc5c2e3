import type { Topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { createMemorySink } from '../../src/connectors/memory/memory-sink'
import type { End, Target } from '../../src/connectors/sink'
import type { TopicPartition } from '../../src/connectors/source'
import { isKind } from '../../src/dsl/graph'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'
import { systemClock } from '../../src/engine/task/clock'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { Worker, type WorkerOptions } from '../../src/engine/worker/worker'
import { Outages } from '../../src/outages'
import type { LoggedRecord, MemoryKafka } from '../../src/testing/memory-kafka'
import type { MemoryLedger } from '../../src/testing/memory-ledger'
import { MemoryBroker } from '../connectors/memory-broker'

export interface MemoryWorkerOptions {
  /** Partitions of the topics that are there before. */
  readonly topics: Readonly<Record<string, number>>
  /** What memory targets write to, by what it guarantees. */
  readonly ends: Readonly<Record<'exactly_once' | 'at_least_once', MemoryEnd>>
  readonly traces?: WorkerOptions['traces']
  readonly ledgerOf?: (kafka: MemoryKafka) => MemoryLedger
}

/** A whole worker at work, with all that it does by itself, on a Kafka and ends in memory. */
export class MemoryWorker {
  private constructor(
    /** What it logs: `warn: …`. */
    readonly lines: readonly string[],
    readonly broker: MemoryBroker,
    readonly worker: Worker,
    private readonly sources: readonly TopicPartition[],
    readonly outages: Outages,
  ) {}

  /** `prepare` writes what is there before the first turn. */
  static async start(
    topology: Topology,
    { topics, ends, traces, ledgerOf }: MemoryWorkerOptions,
    prepare: (broker: MemoryBroker) => void,
  ): Promise<MemoryWorker> {
    const plan = planOf(topology)
    const broker = new MemoryBroker(topics, ledgerOf)
    const { counts, needs } = await planTopics(plan, broker)
    await broker.ensureTopics(needs)
    const lines: string[] = []
    const say = (level: string) => (first: unknown, text?: string) => void lines.push(`${level}: ${text ?? first}`)
    const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
    const outages = new Outages({ log })
    const targets = new Map<End, Set<Target>>()
    for (const node of plan.topology.nodes) {
      if (!isKind(node, 'sink')) continue
      const { target } = node.spec
      targets.set(target.end, (targets.get(target.end) ?? new Set()).add(target))
    }
    prepare(broker)
    const worker = new Worker({
      ...{ plan, broker, log, outages, partitionCounts: counts, clock: systemClock },
      sinks: [...targets].map(([{ guarantee }, each]) =>
        createMemorySink([...each], ends[guarantee as keyof typeof ends]),
      ),
      codecs: await bindCodecs(plan.topology, new MemoryRegistry()),
      ...{ commitIntervalMs: 10, maxTaskIdleMs: 0, maxFutureMs: Number.POSITIVE_INFINITY },
      ...{ standbyReplicas: 0, producerTimeoutMs: 1_000, traces },
    })
    const names = new Set(plan.subTopologies.flatMap(part => part.sources.map(({ spec }) => spec.topic)))
    const sources = [...names].flatMap(topic =>
      Array.from({ length: counts.get(topic)! }, (_, partition) => ({ topic, partition })),
    )
    return new MemoryWorker(lines, broker, worker, sources, outages)
  }

  /** Resolves once `what` holds; rejects with what the worker has given up for. */
  async until(what: () => boolean): Promise<void> {
    let failure: Error | undefined
    this.worker.failed.catch(error => {
      failure = error
    })
    while (!what()) {
      await new Promise(resolve => setTimeout(resolve, 1))
      if (failure !== undefined) throw failure
    }
  }

  /** Resolves once everything that was written has been processed and committed. */
  async settled(): Promise<void> {
    const { broker, sources } = this
    await this.until(() => sources.every(at => (broker.ledger.committed(at)?.offset ?? 0) === broker.log(at).length))
  }

  /** All records of a topic. */
  read(topic: string): LoggedRecord[] {
    return this.broker.kafka.log.filter(record => record.topic === topic)
  }

  async stop(): Promise<void> {
    await this.worker.stop()
    this.outages.close()
  }
}
