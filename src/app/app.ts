import { ConfluentRegistry } from '../codecs/schema-registry'
import type { Config } from '../config'
import type { Broker } from '../connectors/broker'
import { createBroker } from '../connectors/kafka/kafka-broker'
import { isMqtt } from '../connectors/mqtt/mqtt-end'
import { postgresTargets } from '../connectors/postgres/postgres-end'
import type { PostgresTarget } from '../connectors/postgres/postgres-target'
import type { EndSettings } from '../connectors/sink'
import type { Topology } from '../dsl/graph'
import { topologyVitals } from '../engine/observe/topology-vitals'
import { CommitSpans } from '../engine/observe/traces/commit-spans'
import { Vitals } from '../engine/observe/vitals'
import { deadLetterLimits } from '../engine/plan/dead-letter'
import { checkSourceTables } from '../engine/plan/lasting-topics'
import type { Plan } from '../engine/plan/plan'
import { checkState } from '../engine/plan/state-manifest'
import { targetsOf } from '../engine/plan/targets'
import { planTopics } from '../engine/plan/topic-needs'
import { Asker } from '../engine/queries/asker'
import { systemClock } from '../engine/task/clock'
import { bindCodecs } from '../engine/task/codec-book'
import { LocalState } from '../engine/task/local-state'
import { patiently } from '../engine/worker/patience'
import { Worker, type WorkerOptions } from '../engine/worker/worker'
import type { Log } from '../log'
import { Outages } from '../outages'
import { version } from '../version'
import { startMqttGateway } from './mqtt-gateway'
import { openTracer } from './open-telemetry'
import { passPreflight } from './preflight/pass'

export interface AppOptions {
  readonly config: Config
  readonly log: Log
  /** The topology's file, for commands that mend what is missing. */
  readonly file?: string
  /** Begin stores anew whose former state doesn't fit the topology any more, instead of refusing to start. */
  readonly acceptNewState?: boolean
  /** Reports which services are away; a new one unless given. */
  readonly outages?: Outages
  /** Ends the waiting for services at the start. */
  readonly signal: AbortSignal
  onBadRecord?: WorkerOptions['onBadRecord']
}

/** A topology at work in this process. */
export interface App {
  readonly plan: Plan
  readonly worker: Worker
  readonly vitals: Vitals
  /** Rejects as `worker.failed` does, once the vitals have its last words. */
  readonly failed: Promise<never>
  /** Drains, commits and leaves the group. */
  stop(): Promise<void>
}

/**
 * Starts one worker of a topology: waits for its services, makes its internal topics, joins the group. Throws TopologyError
 * for what only the services can tell to be wrong, before the first record.
 */
export async function startApp(topology: Topology, options: AppOptions): Promise<App> {
  const { config, log, signal } = options
  const { commitIntervalMs, maxTaskIdleMs, producerTimeoutMs, maxFutureMs } = config
  const outages = options.outages ?? new Outages({ log })
  const tracer = await openTracer({ application: topology.name, log })
  const broker = createBroker({ ...config.kafka, ...config, application: topology.name, outages })
  try {
    const { plan, grown, manifest } = await passPreflight(topology, { ...options, broker, outages })
    const registry = new ConfluentRegistry({ url: config.registryUrl })
    const ofKafka = <T>(ask: () => Promise<T>) => patiently('Kafka', outages, signal, ask)
    const [codecs, [deadLetterBytes, clusterId]] = await together(signal, over => [
      patiently('the schema registry', outages, over, () => bindCodecs(plan.topology, registry)),
      patiently('Kafka', outages, over, () => askKafka(plan, broker)),
    ])
    const { counts, needs } = await ofKafka(() => planTopics(plan, broker, deadLetterBytes))
    const localState = new LocalState({ folder: config.stateDir, application: topology.name, clock: systemClock })
    const { dropped, topics: formerTopics } = await ofKafka(() =>
      checkState(plan, broker, options.acceptNewState ?? false, counts, manifest),
    )
    for (const store of dropped) localState.forget(store)
    await ofKafka(() => broker.ensureTopics(needs))
    const ends = connectEnds(plan.topology, { config, clusterId, log, outages })
    const maintainers = ends.flatMap(({ maintain }) => maintain() ?? [])
    const worker = new Worker({
      ...{ plan, broker, codecs, deadLetterBytes, localState, log, outages, clock: systemClock },
      ...{ partitionCounts: counts, formerTopics, grownTopics: grown },
      sinks: ends.map(({ sink }) => sink),
      ...membershipOf(config),
      ...{ commitIntervalMs, maxTaskIdleMs, producerTimeoutMs, maxFutureMs },
      ...(options.onBadRecord && { onBadRecord: options.onBadRecord }),
      ...(tracer && { traces: id => new CommitSpans({ plan, tracer, worker: id, clock: systemClock }) }),
    })
    const vitals = new Vitals({
      ...{ plan, worker, broker, outages, log, clock: systemClock },
      topology: topologyVitals(plan, counts, { version, atMs: systemClock.now() }),
    })
    const gateway = startMqttGateway({
      ...{ topology, log, outages, url: config.mqttUrl, targets: targetsOf(plan.topology) },
      open: () => Asker.open({ topology, broker, registry, nowMs: () => systemClock.now() }),
    })
    const stop = async () => {
      for (const maintainer of maintainers) void maintainer.stop()
      await gateway?.close()
      await worker.stop()
      await Promise.all([vitals.stop(), tracer?.close()])
      await localState.close()
      await broker.close()
      outages.close()
    }
    const failed = worker.failed.catch(async error => {
      await Promise.all([vitals.stop(), tracer?.close()])
      throw error
    })
    failed.catch(() => undefined)
    return { plan, worker, vitals, failed, stop }
  } catch (error) {
    await Promise.all([broker.close().catch(() => undefined), tracer?.close()])
    throw error
  }
}

const askKafka = (plan: Plan, broker: Broker) =>
  Promise.all([deadLetterLimits(plan, broker), broker.clusterId(), checkSourceTables(plan, broker)])

const membershipOf = ({ standbyReplicas, clientRack, groupInstanceId }: Config) => ({
  ...{ standbyReplicas, clientRack },
  isStatic: groupInstanceId !== undefined,
})

/** What is begun side by side ends with the first that fails. */
async function together<T extends readonly unknown[]>(
  signal: AbortSignal,
  begin: (over: AbortSignal) => { [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  const failed = new AbortController()
  try {
    return (await Promise.all(begin(AbortSignal.any([signal, failed.signal])))) as unknown as T
  } finally {
    failed.abort()
  }
}

/** Targets that have tables. */
export const postgresTargetsOf = (topology: Topology): PostgresTarget[] => postgresTargets(targetsOf(topology))

interface ConnectOptions extends Pick<EndSettings, 'clusterId' | 'log' | 'outages'> {
  readonly config: Config
}

/** A sink for each kind of end that a topology writes to, and what runs beside it. */
function connectEnds(topology: Topology, { config, ...rest }: ConnectOptions) {
  /** Where the configuration says that ends are, by kind; others know by themselves. */
  const urls: Readonly<Record<string, string>> = { postgres: config.databaseUrl }
  const targets = targetsOf(topology)
  return [...new Set(targets.map(({ end }) => end))].map(end => {
    const own = targets.filter(target => target.end === end)
    const url = isMqtt(end) ? config.mqttUrl : urls[end.kind]
    const mostBytes = isMqtt(end) ? config.mqttMaxPacketBytes : undefined
    const settings: EndSettings = {
      ...{ application: topology.name, ...rest },
      ...(url !== undefined && { url }),
      ...(mostBytes !== undefined && { mostBytes }),
    }
    return { sink: end.connect(own, settings), maintain: () => end.maintain?.(own, settings) }
  })
}
