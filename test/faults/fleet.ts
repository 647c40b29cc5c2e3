import { type App, startApp } from '../../src/app/app'
import type { Config } from '../../src/config'
import type { Topology } from '../../src/dsl/graph'
import type { Log } from '../../src/log'
import type { Weather } from './weather/weather'
import { type Kernel, type Owner, WORLD } from './world/kernel'
import type { VirtualNetwork } from './world/virtual-network'

interface Life {
  readonly owner: Owner
  app: App | undefined
  isStopping: boolean
}

interface FleetOptions {
  readonly kernel: Kernel
  readonly network: VirtualNetwork
  readonly weather: Weather
  readonly topology: Topology
  readonly config: Config
}

/** After so long a worker that is told to stop should have, ms. */
const MOST_STOP_MS = 120_000

/** The workers of a simulation, each life of one with the real engine in it. */
export class Fleet {
  /** What a worker may never do: give up, or not stop. */
  readonly faults: string[] = []
  kills = 0
  /** Tasks that went on while the group rebalanced. */
  carriedOver = 0
  private readonly lives = new Map<string, Life>()
  private readonly counts = new Map<string, number>()
  private readonly wanted = new Set<string>()

  constructor(private readonly options: FleetOptions) {}

  get names(): string[] {
    return [...this.lives.keys()]
  }

  /** Starts the worker; killed, it comes back by itself. */
  start(name: string): void {
    this.wanted.add(name)
    if (this.lives.has(name)) return
    const { kernel, weather } = this.options
    const count = (this.counts.get(name) ?? 0) + 1
    this.counts.set(name, count)
    const life: Life = { owner: `${name}.${count}`, app: undefined, isStopping: false }
    this.lives.set(name, life)
    weather.tell(`${life.owner} starts`)
    if (weather.strikes('clockSkew', 0.5)) kernel.skew(life.owner, weather.random('skews').whole(-30_000, 30_000))
    kernel.after(0, () => void this.run(life), life.owner)
  }

  ownerOf(name: string): Owner | undefined {
    return this.lives.get(name)?.owner
  }

  /** Ends a life at once. `isSilent`: with its machine, so that its connections stay open at the brokers. */
  kill(owner: Owner, why: string, isSilent = false): void {
    const found = [...this.lives].find(([, life]) => life.owner === owner)
    if (found === undefined) return
    const [name] = found
    this.kills++
    this.options.weather.tell(`${owner} is killed ${why}`)
    this.leave(name, owner, isSilent)
    const rest = this.options.weather.random('rests').about(1_500)
    this.options.kernel.after(rest, () => this.wanted.has(name) && this.start(name), WORLD)
  }

  /** Stops the worker in good order, and starts it again where it is wanted. */
  stop(name: string, isForGood: boolean): void {
    const life = this.lives.get(name)
    if (isForGood) this.wanted.delete(name)
    if (life === undefined || life.isStopping) return
    life.isStopping = true
    const { kernel, weather } = this.options
    weather.tell(`${life.owner} is told to stop`)
    kernel.after(0, () => void this.end(name, life), life.owner)
    const late = () => {
      if (this.lives.get(name) === life)
        this.fault(`${life.owner} had not stopped ${MOST_STOP_MS / 1000} s after it was told to`)
    }
    kernel.after(MOST_STOP_MS, late, WORLD)
  }

  private async run(life: Life): Promise<void> {
    const { topology, config } = this.options
    const signal = new AbortController().signal
    try {
      const app = await startApp(topology, { config, log: this.logOf(life), signal })
      life.app = app
      await app.failed
    } catch (error) {
      if (this.options.kernel.isDead(life.owner)) return
      this.fault(`${life.owner} gave up: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      this.kill(life.owner, 'since it gave up')
    }
  }

  private async end(name: string, life: Life): Promise<void> {
    try {
      await life.app?.stop()
    } catch (error) {
      this.fault(`${life.owner} could not stop: ${String(error)}`)
    }
    if (this.lives.get(name) !== life) return
    this.options.weather.tell(`${life.owner} has stopped`)
    this.leave(name, life.owner, false)
    const rest = this.options.weather.random('rests').about(500)
    this.options.kernel.after(rest, () => this.wanted.has(name) && this.start(name), WORLD)
  }

  private leave(name: string, owner: Owner, isSilent: boolean): void {
    const { kernel, network } = this.options
    kernel.kill(owner)
    network.drop(owner, isSilent)
    this.lives.delete(name)
  }

  private fault(what: string): void {
    this.faults.push(what)
    this.options.weather.tell(what)
  }

  private logOf({ owner }: Life): Log {
    const { weather } = this.options
    const tell = (level: string) => (first: unknown, second?: unknown) => {
      const err: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'err') : undefined
      const words =
        typeof first === 'string' ? first : `${String(second)}${err === undefined ? '' : `: ${String(err)}`}`
      weather.tell(`${owner} ${level}: ${words}`)
    }
    const debug = (line: unknown) => {
      this.carriedOver += Number(/^generation \d+: (\d+) tasks go on$/.exec(String(line))?.[1] ?? 0)
    }
    return { debug, info: tell('info'), warn: tell('warn'), error: tell('error') }
  }
}
