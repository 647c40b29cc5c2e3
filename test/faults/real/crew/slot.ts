import { readFileSync } from 'node:fs'
import type { StackAddresses } from '../../../../src/stack/stack'
import { TopologyProcess } from '../../../scenarios/world/topology-process'
import { KafkaProxy } from '../links/kafka-proxy'
import { TcpLink } from '../links/tcp-link'

export const linkNames = ['kafka', 'registry', 'postgres', 'mqtt'] as const
export type LinkName = (typeof linkNames)[number]

/** What a worker is started with: the environment, without the services' addresses. */
export type Settings = Readonly<Record<string, string>>

/** A worker with a bug in it, which `WEIR_PLANTED` names. */
const PLANTED = 'test/faults/real/crew/planted-worker.ts'

/** The topology whose stores are on disk. */
const ON_DISK = 'test/faults/real/crew/sensors-on-disk.ts'

export interface SlotOptions {
  readonly settings: Settings
  /** A folder of its own, as on a machine of its own. */
  readonly stateDir: string
  readonly isOnDisk: boolean
}

/** A place for one worker: every link that it has leads through this process. */
export class Slot {
  worker: TopologyProcess | undefined
  /** Ends that nobody has asked for, with the last that the worker said. */
  readonly gaveUp: string[] = []
  kills = 0
  /** The most memory that a worker of it has ever had, MB. */
  peakMb = 0
  private isExpected = false

  private constructor(
    readonly name: string,
    readonly kafka: KafkaProxy,
    readonly links: Readonly<Record<LinkName, TcpLink>>,
    private readonly addresses: StackAddresses,
    private readonly options: SlotOptions,
  ) {}

  static async open(name: string, addresses: StackAddresses, options: SlotOptions): Promise<Slot> {
    const { kafkaBrokers, registryUrl, databaseUrl, mqttUrl } = addresses
    const kafkaPort = portOf(`kafka://${kafkaBrokers}`)
    const links = {
      kafka: await TcpLink.to(kafkaPort),
      registry: await TcpLink.to(portOf(registryUrl)),
      postgres: await TcpLink.to(portOf(databaseUrl)),
      mqtt: await TcpLink.to(portOf(mqttUrl)),
    }
    return new Slot(name, await KafkaProxy.to(links.kafka.port, kafkaPort), links, addresses, options)
  }

  get stateDir(): string {
    return this.options.stateDir
  }

  /** Whether its worker's stores are on disk. */
  get isOnDisk(): boolean {
    return this.options.isOnDisk
  }

  get postgres(): TcpLink {
    return this.links.postgres
  }

  get mqtt(): TcpLink {
    return this.links.mqtt
  }

  get running(): boolean {
    return this.worker?.running === true
  }

  start(more: Settings = {}): TopologyProcess {
    if (this.worker?.running) return this.worker
    const { registry, postgres, mqtt } = this.links
    const { registryUrl, mqttUrl, databaseUrl } = this.addresses
    const { settings, stateDir, isOnDisk } = this.options
    this.isExpected = false
    const environment = {
      ...settings,
      STATE_DIR: stateDir,
      KAFKA_BROKERS: `127.0.0.1:${this.kafka.port}`,
      SCHEMA_REGISTRY_URL: withPort(registryUrl, registry.port),
      MQTT_URL: withPort(mqttUrl, mqtt.port),
      DATABASE_URL: withPort(databaseUrl, postgres.port),
      ...more,
    }
    const program = settings.WEIR_PLANTED === undefined ? undefined : PLANTED
    const worker = new TopologyProcess(environment, isOnDisk ? [ON_DISK] : [], program)
    this.worker = worker
    void worker.exited.then(({ code, signal }) => {
      if (this.worker === worker && !this.isExpected)
        this.gaveUp.push(`${this.name} ended by itself (${signal ?? code}): ${worker.lines.slice(-3).join(' | ')}`)
    })
    return worker
  }

  /** SIGKILL, at once. */
  kill(): void {
    if (this.worker === undefined || !this.running) return
    this.isExpected = true
    this.kills++
    this.notePeak()
    this.worker.kill('SIGKILL')
  }

  /** SIGTERM; resolves with the exit code and how long it took, ms. */
  async stop(): Promise<{ code: number | null; tookMs: number }> {
    if (this.worker === undefined || !this.running) return { code: 0, tookMs: 0 }
    this.isExpected = true
    this.notePeak()
    const from = performance.now()
    const { code } = await this.worker.stop()
    return { code, tookMs: performance.now() - from }
  }

  /** Looks how much memory its worker has had. */
  notePeak(): void {
    if (this.worker !== undefined && this.running) this.peakMb = Math.max(this.peakMb, peakMbOf(this.worker.pid))
  }

  /** All its links are good again. */
  heal(): void {
    this.kafka.meddle = undefined
    for (const link of Object.values(this.links)) {
      link.watch = undefined
      link.end()
    }
    if (this.running) this.worker?.kill('SIGCONT')
  }

  async close(): Promise<void> {
    if (this.running) {
      this.worker?.kill('SIGCONT')
      this.kill()
      await this.worker?.exited
    }
    await this.kafka.close()
    for (const link of Object.values(this.links)) await link.close()
  }
}

/** The largest resident set that a process has had, MB; 0 where the system doesn't say. */
function peakMbOf(pid: number): number {
  try {
    const kb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Math.ceil(Number(kb ?? 0) / 1024)
  } catch {
    return 0
  }
}

const portOf = (url: string) => Number(new URL(url).port)
const withPort = (url: string, port: number) => url.replace(/:\d+(?=\/|$)/, `:${port}`)
