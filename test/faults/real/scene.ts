import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { subjects } from '../../../schemas/subjects'
import { postgresTargetsOf } from '../../../src/app/app'
import { ConfluentRegistry } from '../../../src/codecs/schema-registry'
import { type Cluster, createCluster, ensureTopics } from '../../../src/connectors/kafka'
import { migrate } from '../../../src/connectors/postgres/migrate'
import { registerSchemas } from '../../../src/ops/schemas'
import { type AuditEnds, committedOffsets, endsOf } from '../../../src/sensors/audit/run-start'
import { sensorsJob as job } from '../../../src/sensors/audit/sensors-job'
import type { Fleet } from '../../../src/sensors/simulator/fleet'
import { startFleetProcess } from '../../../src/sensors/simulator/fleet-process'
import { resetStack, type Stack, startStack } from '../../../src/stack/stack'
import sensors from '../../../topology/sensors'
import { until } from '../../scenarios/kafka-stack'
import type { Random } from '../world/random'
import { endPlaces, unprocessed } from './audit/end-places'
import { Follower } from './audit/follower'
import { LiveWatch } from './audit/live-watch'
import { Slot, type SlotOptions } from './crew/slot'

export const PARTITIONS = 10
/** Kafka's least (`group.min.session.timeout.ms`). */
export const SESSION_MS = 6_000
/** A worker starts within, on a machine that is loaded by ten others, ms. */
export const START_MS = 180_000
/** What the fleet has sent is processed within, ms: a transaction that a killed worker has left open may hold readers up for 20 s of it. */
const SETTLE_MS = 120_000
/** A window that closes while workers stop may be left to the next ones so often. */
const MOST_STOPS = 3
const MAX_FUTURE_MS = 3_600_000
const LOOK_MS = 50
/** Whatever happens a worker stays below, MB. */
const MOST_MB = 512

export interface SceneOptions {
  readonly seed: number
  readonly random: Random
  /** Readings a second. */
  readonly rate: number
  readonly sensors: number
  /** Workers that are always there. */
  readonly workers: number
  /** The light Kafka and registry. */
  readonly light: boolean
  /** The bug that the workers have. */
  readonly planted: string | undefined
  readonly home: string
  readonly tell: (line: string) => void
}

/** The services, the fleet and the workers of a run, and those who look at what comes out. */
export class Scene {
  readonly slots: Slot[] = []
  /** What a round has met and must not have. */
  readonly wrongs: string[] = []
  private committed: number[] = []

  private constructor(
    readonly options: SceneOptions,
    readonly stack: Stack,
    readonly cluster: Cluster,
    readonly ends: AuditEnds,
    readonly fleet: Fleet,
    readonly follower: Follower,
    readonly live: LiveWatch,
  ) {}

  static async open(options: SceneOptions): Promise<Scene> {
    const { home, seed, rate, sensors: count, tell, light } = options
    await resetStack(home)
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
    const stack = await startStack({ home, ports, attached: true, onProgress: tell, light })
    const { kafkaBrokers, registryUrl, databaseUrl, mqttUrl } = stack.addresses
    const cluster = createCluster({ brokers: kafkaBrokers.split(','), clientId: 'faults' })
    const registry = new ConfluentRegistry({ url: registryUrl })
    await registerSchemas(registry, subjects)
    await ensureTopics(cluster, [{ topic: job.topic, partitions: PARTITIONS }])
    await migrate(databaseUrl, postgresTargetsOf(sensors))
    const ends = { cluster, registry, databaseUrl, maxFutureMs: MAX_FUTURE_MS }
    const kafka = { brokers: kafkaBrokers.split(',') }
    const unruly = { late: 0.01, lateByMs: 30_000, duplicates: 0.01, outOfOrder: 0.05 }
    const live = new LiveWatch(mqttUrl)
    await live.ready()
    const fleet = startFleetProcess({ kafka, registryUrl, sensors: count, rate: rate / count, seed, ...unruly })
    const scene = new Scene(options, stack, cluster, ends, fleet, new Follower(ends, PARTITIONS), live)
    for (let i = 1; i <= 4; i++) scene.slots.push(await Slot.open(`w${i}`, stack.addresses, slotOptions(i, options)))
    return scene
  }

  get crew(): Slot[] {
    return this.slots.slice(0, this.options.workers)
  }

  get running(): Slot[] {
    return this.slots.filter(({ running }) => running)
  }

  get kills(): number {
    return this.slots.reduce((sum, { kills }) => sum + kills, 0)
  }

  /** What a worker may have is stated by the README; the largest is told by the run. Called after each round. */
  memory(): { readonly peakMb: number; readonly wrong: string[] } {
    for (const slot of this.slots) slot.notePeak()
    const over = this.slots.filter(({ peakMb }) => peakMb > MOST_MB)
    return {
      peakMb: Math.max(...this.slots.map(({ peakMb }) => peakMb)),
      wrong: over.map(({ name, peakMb }) => `${name} had ${peakMb} MB of memory, and ${MOST_MB} are the most`),
    }
  }

  get random(): Random {
    return this.options.random
  }

  /** Starts whoever of the crew isn't there, and waits until all of them work. */
  async fill(): Promise<void> {
    for (const slot of this.crew) if (!slot.running) slot.start()
    await Promise.all(this.crew.map(({ worker }) => worker?.working(1, START_MS)))
  }

  /** Time until everything that the log holds now is committed, ms. */
  async recovered(limitMs: number): Promise<number> {
    const from = performance.now()
    let ends: number[] | undefined
    await until(
      async () => {
        await sleep(LOOK_MS)
        ends ??= await endsOf(this.cluster, job.topic, PARTITIONS).catch(() => undefined)
        const committed = await this.commits().catch(() => undefined)
        return ends !== undefined && committed?.every((offset, partition) => offset >= (ends?.[partition] ?? 0))
      },
      () => `the workers to commit what the log held; it has ${ends}, they ${this.committed}`,
      limitMs,
    )
    return performance.now() - from
  }

  /** The group's offsets, which never go back. */
  async commits(): Promise<number[]> {
    const offsets = await committedOffsets(this.cluster, job.application, job.topic, PARTITIONS)
    // -1 is none yet.
    const now = offsets.map(offset => Math.max(0, offset))
    for (const [partition, offset] of now.entries())
      if (offset < (this.committed[partition] ?? -1))
        this.wrongs.push(`partition ${partition}: the committed offset went back to ${offset}`)
    this.committed = now
    return now
  }

  /** Takes what ended by itself since the last call. */
  takeGivenUp(): string[] {
    return this.slots.flatMap(({ gaveUp }) => gaveUp.splice(0))
  }

  /** Ends the fleet and the workers once everything is processed, that of their own topics too. */
  async settle(): Promise<void> {
    await this.fleet.stop()
    for (let stops = 1; ; stops++) {
      const isProcessed = await this.processed()
      await Promise.all(this.slots.map(slot => slot.stop()))
      if (!isProcessed || stops === MOST_STOPS) return
      // The clock of a task may have closed a window when those who read of it were gone. What can't be read the look that follows tells.
      const places = await endPlaces(this.ends).catch(() => [])
      if (unprocessed(places).length === 0) return
      await this.fill()
    }
  }

  /** Whether all is processed in time; what isn't is told by where everything stands at the end. */
  private async processed(): Promise<boolean> {
    const isDone = async () => {
      await this.commits()
      return unprocessed(await endPlaces(this.ends)).length === 0
    }
    try {
      return await until(() => isDone().catch(() => false), 'the workers to process what there is', SETTLE_MS)
    } catch (error) {
      this.wrongs.push((error as Error).message)
      return false
    }
  }

  async close(): Promise<void> {
    this.live.close()
    await this.fleet.stop().catch(() => {})
    for (const slot of this.slots) await slot.close()
    await this.cluster.disconnect()
    await this.stack.stop()
    await resetStack(this.options.home)
  }
}

/** Every second worker has its state on disk, and the others in memory: they take over from one another. */
const slotOptions = (number: number, { home, planted }: SceneOptions): SlotOptions => ({
  settings: {
    ...(planted !== undefined && { WEIR_PLANTED: planted }),
    SESSION_TIMEOUT_MS: String(SESSION_MS),
    LOG_LEVEL: 'info',
  },
  stateDir: join(home, `state-${number}`),
  isOnDisk: number % 2 === 1,
})
