import { setTimeout as sleep } from 'node:timers/promises'
import { subjects } from '../../../schemas/subjects'
import { postgresTargetsOf } from '../../../src/app/app'
import { ConfluentRegistry } from '../../../src/codecs/schema-registry'
import { type Cluster, createCluster, ensureTopics } from '../../../src/connectors/kafka'
import { migrate } from '../../../src/connectors/postgres/migrate'
import { registerSchemas } from '../../../src/ops/schemas'
import { type Audit, audit } from '../../../src/sensors/audit/audit'
import { faultsOf } from '../../../src/sensors/audit/compare'
import { readLog } from '../../../src/sensors/audit/read-log'
import type { ReadingLog } from '../../../src/sensors/audit/reading-log'
import {
  type AuditEnds,
  committedOffsets,
  endsOf,
  noteStart,
  type RunStart,
} from '../../../src/sensors/audit/run-start'
import { sensorsJob } from '../../../src/sensors/audit/sensors-job'
import type { Fleet, FleetReport } from '../../../src/sensors/simulator/fleet'
import type { FleetOptions } from '../../../src/sensors/simulator/fleet-options'
import { startFleetProcess } from '../../../src/sensors/simulator/fleet-process'
import type { Stack } from '../../../src/stack/stack'
import sensors from '../../../topology/sensors'
import { until } from '../kafka-stack'
import { laneServices } from '../services'
import { RawSubscriber } from './raw-subscriber'
import { TopologyProcess } from './topology-process'

/** Short, so that a killed worker's tasks are soon another's. */
export const sessionTimeoutMs = 6_000
const maxFutureMs = 3_600_000

/** The services, with the job's schemas, topics and tables; workers, fleets and subscribers of one test are ended after it. */
export class World {
  readonly workers: TopologyProcess[] = []
  private readonly fleets: Fleet[] = []
  private readonly subscribers: RawSubscriber[] = []

  private constructor(
    readonly stack: Stack,
    readonly cluster: Cluster,
    readonly ends: AuditEnds,
  ) {}

  /** On the services of this file's lane, or on others. */
  static async open(given?: Stack): Promise<World> {
    const stack = given ?? (await laneServices())
    const { kafkaBrokers, registryUrl, databaseUrl } = stack.addresses
    const cluster = createCluster({ brokers: kafkaBrokers.split(','), clientId: 'scenario' })
    const registry = new ConfluentRegistry({ url: registryUrl })
    await registerSchemas(registry, subjects)
    await ensureTopics(cluster, [{ topic: sensorsJob.topic, partitions: 10 }])
    await migrate(databaseUrl, postgresTargetsOf(sensors))
    return new World(stack, cluster, { cluster, registry, databaseUrl, maxFutureMs })
  }

  get environment(): NodeJS.ProcessEnv {
    const { kafkaBrokers, registryUrl, mqttUrl, databaseUrl } = this.stack.addresses
    return {
      KAFKA_BROKERS: kafkaBrokers,
      SCHEMA_REGISTRY_URL: registryUrl,
      MQTT_URL: mqttUrl,
      DATABASE_URL: databaseUrl,
      SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
    }
  }

  startWorker(environment: NodeJS.ProcessEnv = {}): TopologyProcess {
    const worker = new TopologyProcess({ ...this.environment, ...environment })
    this.workers.push(worker)
    return worker
  }

  startFleet(options: Omit<FleetOptions, 'kafka' | 'registryUrl'>): Fleet {
    const { kafkaBrokers, registryUrl } = this.stack.addresses
    const fleet = startFleetProcess({ ...options, kafka: { brokers: kafkaBrokers.split(',') }, registryUrl })
    this.fleets.push(fleet)
    return fleet
  }

  async subscribe(): Promise<RawSubscriber> {
    const subscriber = new RawSubscriber(this.stack.addresses.mqttUrl)
    this.subscribers.push(subscriber)
    await subscriber.ready()
    return subscriber
  }

  /** Where a test begins; no worker may be at work. */
  async noteStart(): Promise<RunStart> {
    // What a failed test has left is not this one's.
    if ((await this.lag()) > 0) this.startWorker()
    await this.settle()
    return noteStart(this.ends, sensorsJob)
  }

  /** Records that the job's topics hold and no worker has committed. */
  async lag(): Promise<number> {
    return (await this.lags()).reduce((sum, { lag }) => sum + lag, 0)
  }

  /** Of every partition that lags. */
  private async lags(): Promise<{ at: string; committed: number; end: number; lag: number }[]> {
    const found = []
    for (const topic of [sensorsJob.topic, ...sensorsJob.rollups.map(rollup => rollup.topic)]) {
      const ends = await endsOf(this.cluster, topic, 10)
      const committed = await committedOffsets(this.cluster, sensorsJob.application, topic, 10)
      for (const [partition, end] of ends.entries()) {
        const lag = end - Math.max(0, committed[partition]!)
        if (lag > 0) found.push({ at: `${topic}-${partition}`, committed: committed[partition]!, end, lag })
      }
    }
    return found
  }

  /** Waits for lag 0. @throws Error with what lags, and what the workers have logged last */
  private async processed(): Promise<void> {
    let lags: unknown[] = []
    const why = () => {
      const logs = this.workers.map(({ pid, running, lines }) => [
        running ? `${pid}:` : `${pid}, ended:`,
        ...lines.slice(-40),
      ])
      return `lag 0\n${lags.map(each => JSON.stringify(each)).join('\n')}\n${logs.flat().join('\n')}`
    }
    await until(async () => {
      lags = await this.lags()
      return lags.length === 0
    }, why)
  }

  /** Waits until everything is processed, then ends all workers in order, so that nothing moves any more. */
  async settle(): Promise<void> {
    for (;;) {
      await this.processed()
      await Promise.all(this.workers.filter(worker => worker.running).map(worker => worker.stop()))
      // The idle clock may have closed windows at the last moment: their readers have to see them.
      if ((await this.lag()) === 0) return
      const worker = this.startWorker()
      await worker.working()
    }
  }

  audit(start: RunStart): Promise<Audit> {
    return audit(this.ends, sensorsJob, start)
  }

  /** What the source topic has got since the start. */
  async logs(start: RunStart): Promise<ReadingLog[]> {
    const ends = await endsOf(this.cluster, sensorsJob.topic, start.partitions)
    return Promise.all(
      ends.map((end, partition) => readLog(this.ends, sensorsJob.topic, partition, start.produced[partition]!, end)),
    )
  }

  /** Ends what a test has started. */
  async clear(): Promise<void> {
    for (const worker of this.workers.splice(0)) {
      if (!worker.running) continue
      worker.kill('SIGCONT')
      worker.kill('SIGKILL')
      await worker.exited
    }
    for (const fleet of this.fleets.splice(0)) await fleet.stop().catch(() => {})
    for (const subscriber of this.subscribers.splice(0)) await subscriber.close()
  }

  async close(): Promise<void> {
    await this.clear()
    await this.cluster.disconnect()
  }
}

/** Everything that an audit found to be wrong, in words. */
export function wrongs(found: Audit, report: FleetReport): string[] {
  return [
    ...faultsOf('raw rows', found.rows),
    ...found.rollups.flatMap(({ name, inKafka, inPostgres, inStore }) => [
      ...faultsOf(`${name} in Kafka`, inKafka),
      ...faultsOf(`${name} in Postgres`, inPostgres),
      ...faultsOf(`${name} in the store`, inStore),
    ]),
    ...(found.produced.join() === report.partitions.join()
      ? []
      : ['the log holds other records than were acknowledged']),
  ]
}

export const pause = sleep
