import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Admin, type Kafka, type Message, Partitioners } from 'kafkajs'
import { connectAsync, type MqttClient } from 'mqtt'
import { Client } from 'pg'
import { type Cluster, ensureTopics, readPartition } from '../../src/connectors/kafka'
import type { Stack } from '../../src/stack/stack'
import { until } from '../scenarios/kafka-stack'
import { Mosquitto } from '../scenarios/world/mosquitto'
import type { Hostile } from './case'
import { namesOf } from './names'

const root = resolve(__dirname, '../..')

export interface Found {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
}

export interface Services {
  readonly stack: Stack
  readonly cluster: Cluster
  readonly kafka: Kafka
}

/** How long a case waits for what has to come out, ms: long, since a machine may be very slow, and what is right comes soon. */
const limitMs = 180_000

/** One run of one case: its topics, its workers, and all that can be seen from outside. */
export class Scene {
  readonly names
  /** Lines that its workers have logged. */
  readonly lines: string[] = []
  private readonly workers = new Set<ChildProcess>()
  private readonly stateDir = mkdtempSync(join(tmpdir(), 'weir-hostile-state-'))
  private settings: Readonly<Record<string, string>> = {}
  private mayEnd = false
  private mqtt: MqttClient | undefined
  private ownBroker: Mosquitto | undefined
  /** Messages by topic, in the order of arrival, since `subscribe`. */
  readonly messages = new Map<string, string[]>()
  /** How many they are. */
  received = 0
  peakBytes = 0
  /** Those that were replaced: their end is nobody's answer. */
  private readonly killed = new Set<ChildProcess>()
  private readonly endings: ((code: number | null) => void)[] = []
  /** The case has ended them: who replaces workers starts none. */
  private isStopped = false
  /** Workers that have been started. */
  started = 0

  constructor(
    private readonly hostile: Hostile,
    readonly services: Services,
    run: string,
  ) {
    this.names = namesOf(run)
  }

  async open(): Promise<void> {
    const specs = Object.entries(this.hostile.topics).map(([name, spec]) => ({ topic: this.topic(name), ...spec }))
    await ensureTopics(this.services.cluster, specs)
    const { broker } = this.hostile
    if (broker !== undefined) this.ownBroker = await Mosquitto.start(broker.settings, broker.rights)
    this.settings = { ...this.hostile.settings, ...(await this.hostile.before?.(this)) }
  }

  /** The MQTT broker that the case has to itself. */
  get broker(): Mosquitto {
    if (this.ownBroker === undefined) throw new Error(`case ${this.hostile.id} has no broker of its own`)
    return this.ownBroker
  }

  get mqttUrl(): string {
    return this.ownBroker?.url ?? this.services.stack.addresses.mqttUrl
  }

  topic(name: string): string {
    return this.names.topic(name)
  }

  startWorker(settings: Readonly<Record<string, string>> = {}): ChildProcess {
    const { kafkaBrokers, registryUrl, databaseUrl } = this.services.stack.addresses
    const where = {
      KAFKA_BROKERS: kafkaBrokers,
      SCHEMA_REGISTRY_URL: registryUrl,
      MQTT_URL: this.mqttUrl,
      DATABASE_URL: databaseUrl,
      STATE_DIR: this.stateDir,
    }
    const env = { ...process.env, ...where, SESSION_TIMEOUT_MS: '6000', ...this.settings, ...settings }
    const worker = spawn(process.execPath, ['bin/run.mjs', 'test/hostile/worker.ts', this.hostile.id, this.names.run], {
      cwd: root,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.workers.add(worker)
    this.isStopped = false
    this.started++
    worker.once('exit', code => {
      this.workers.delete(worker)
      if (!this.killed.has(worker)) for (const resolve of this.endings.splice(0)) resolve(code)
    })
    createInterface({ input: worker.stderr! }).on('line', line => this.lines.push(line))
    return worker
  }

  /** Ends the workers in order. From now on one may end by itself: the case looks at how it ends. */
  async stopWorkers(): Promise<void> {
    this.mayEnd = this.isStopped = true
    await this.endAll('SIGTERM')
    // A killed member stays in the group until its session has ended.
    if (this.killed.size > 0) await this.until(() => this.isGroupEmpty(), 'the group to be empty')
  }

  private async isGroupEmpty(): Promise<boolean> {
    const { groups } = await this.admin(client => client.describeGroups([this.names.run]))
    return groups.every(({ members }) => members.length === 0)
  }

  /** Resolves with the exit code of the first worker that ends by itself from now on, as it should. */
  ended(): Promise<number | null> {
    this.mayEnd = true
    return new Promise(resolve => this.endings.push(resolve))
  }

  private async endAll(signal: NodeJS.Signals): Promise<void> {
    await Promise.all([...this.workers].map(worker => ended(worker, signal)))
  }

  /** Kills a worker and starts another in its place. */
  async replaceWorker(): Promise<void> {
    const [worker] = [...this.workers].sort(() => Math.random() - 0.5)
    if (worker === undefined) return
    this.killed.add(worker)
    await ended(worker, 'SIGKILL')
    if (!this.isStopped) this.startWorker()
  }

  /** How often workers were given tasks. */
  get assigned(): number {
    return this.lines.filter(line => /generation \d+:/.test(line)).length
  }

  /** Waits until a worker processes its tasks. */
  working(nth = 1): Promise<unknown> {
    return this.until(
      () => this.lines.filter(line => /restored \d+ records/.test(line)).length >= nth,
      'the worker to process its tasks',
    )
  }

  async until<T>(check: () => T | Promise<T>, what: string, limit = limitMs): Promise<NonNullable<T>> {
    return until(
      async () => {
        this.measure()
        if (!this.mayEnd && this.workers.size === 0 && this.lines.length > 0)
          throw new Error(`the worker has ended; ${this.tail()}`)
        return check()
      },
      () => `${what}; ${this.tail()}`,
      limit,
    )
  }

  private tail(): string {
    const words = this.lines.slice(-12).map(line => {
      try {
        return JSON.parse(line).msg as string
      } catch {
        return line
      }
    })
    return `the worker has logged: ${words.join(' | ').slice(0, 2_000)}`
  }

  private measure(): void {
    for (const { pid } of this.workers)
      try {
        const resident = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
        this.peakBytes = Math.max(this.peakBytes, Number(resident?.[1] ?? 0) * 1024)
      } catch {
        // It has just ended, or this system has no /proc.
      }
  }

  async send(name: string, messages: readonly Message[], options: { transactional?: boolean } = {}): Promise<void> {
    const producer = this.services.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      ...(options.transactional && {
        transactionalId: `${this.names.run}-producer`,
        maxInFlightRequests: 1,
        idempotent: true,
      }),
    })
    await producer.connect()
    try {
      for (let i = 0; i < messages.length; i += 1_000)
        await producer.send({ topic: this.topic(name), messages: messages.slice(i, i + 1_000) })
    } finally {
      await producer.disconnect()
    }
  }

  /** All records of a topic, committed ones only, partition by partition; none where it isn't there yet. */
  async read(name: string, full = this.topic(name)): Promise<Found[]> {
    const [metadata] = await this.services.cluster.metadata([full])
    const found: Found[] = []
    for (const { partition } of metadata?.errorCode === 0 ? metadata.partitions : [])
      for await (const batch of readPartition({ cluster: this.services.cluster }, { topic: full, partition }))
        for (let i = 0; i < batch.count; i++) {
          const text = (start: number, end: number) => (start < 0 ? null : batch.buffer.toString('utf8', start, end))
          const headers = Object.entries(batch.headers(i) ?? {}).map(([header, value]) => [header, String(value)])
          found.push({
            ...{ partition, offset: batch.offsets[i]!, timestamp: batch.timestamps[i]! },
            key: text(batch.keyStart[i]!, batch.keyEnd[i]!),
            value: text(batch.valueStart[i]!, batch.valueEnd[i]!),
            headers: Object.fromEntries(headers),
          })
        }
    return found
  }

  /** Waits for dead letters of a topic, and for no more than these. */
  async letters(name: string, count: number): Promise<Found[]> {
    const topic = `${this.topic(name)}_dead_letters`
    const found = () => this.read('', topic)
    await this.until(async () => (await found()).length >= count, `${count} dead letters of ${name}`)
    const all = await found()
    if (all.length !== count)
      throw new Error(
        `${all.length} dead letters instead of ${count}: ${all.map(each => each.headers['weir.error.message']).join(' | ')}`,
      )
    return all
  }

  /** Waits until a topic's values are these, each once, whatever the order between partitions. */
  async holds(name: string, values: readonly string[]): Promise<void> {
    const wanted = [...values].sort()
    const read = async () => (await this.read(name)).map(({ value }) => String(value)).sort()
    await this.until(async () => (await read()).length >= wanted.length, `${wanted.length} records of ${name}`)
    same(name, await read(), wanted)
  }

  /** What producers and consumers have no request for: topics, groups and their offsets. */
  async admin<T>(act: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.services.kafka.admin()
    await admin.connect()
    try {
      return await act(admin)
    } finally {
      await admin.disconnect()
    }
  }

  async sql<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.services.stack.addresses.databaseUrl })
    await client.connect()
    try {
      return (await client.query(text, values)).rows as Row[]
    } finally {
      await client.end()
    }
  }

  /** Gathers what is published below a topic from now on. */
  async subscribe(filter: string): Promise<void> {
    this.mqtt = await connectAsync(this.mqttUrl, { protocolVersion: 4 })
    this.mqtt.on('message', (topic, payload) => {
      this.received++
      const known = this.messages.get(topic) ?? []
      known.push(payload.toString())
      this.messages.set(topic, known)
    })
    await this.mqtt.subscribeAsync(filter, { qos: 1 })
  }

  /** All payloads that have come since `subscribe`. */
  get payloads(): string[] {
    return [...this.messages.values()].flat()
  }

  /** What the broker retains below a topic now. */
  async retained(filter: string): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    const client = await connectAsync(this.mqttUrl, { protocolVersion: 4 })
    const last = `${this.names.run}-retained/${randomUUID()}`
    try {
      const all = new Promise<void>(done =>
        client.on('message', (topic, payload, { retain }) => {
          if (topic === last) done()
          else if (retain) found.set(topic, payload.toString())
        }),
      )
      await client.subscribeAsync([last, filter], { qos: 1 })
      // It comes behind what was retained.
      await client.publishAsync(last, '', { qos: 1 })
      await all
    } finally {
      await client.endAsync(true)
    }
    return found
  }

  async close(): Promise<void> {
    await this.endAll('SIGKILL')
    await this.mqtt?.endAsync(true)
    await this.ownBroker?.stop()
    rmSync(this.stateDir, { recursive: true, force: true })
  }
}

async function ended(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise(done => worker.once('exit', done))
  worker.kill(signal)
  await gone
}

/** @throws Error that names the first difference */
export function same(what: string, found: readonly string[], wanted: readonly string[]): void {
  const extra = [...found]
  const missing = wanted.filter(each => {
    const at = extra.indexOf(each)
    if (at < 0) return true
    extra.splice(at, 1)
    return false
  })
  if (missing.length + extra.length === 0) return
  const shown = (list: string[]) =>
    list
      .slice(0, 3)
      .map(each => each.slice(0, 200))
      .join(', ')
  throw new Error(
    `${what}: ${missing.length} missing (${shown(missing)}), ${extra.length} too many (${shown(extra)}) of ${wanted.length}`,
  )
}
