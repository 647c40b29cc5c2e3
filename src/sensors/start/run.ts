import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DashboardServer, startDashboard, usualPort } from '../../dashboard/dashboard'
import type { Topology } from '../../dsl/graph'
import { ConfigError } from '../../errors'
import { log } from '../../log'
import { logsOf, stackHome } from '../../stack/home'
import { startStack } from '../../stack/stack'
import { audit } from '../audit/audit'
import { type Observer, startObserver } from '../audit/observer'
import type { ObserverReport } from '../audit/observer-messages'
import { type AuditEnds, noteStart, type RunStart } from '../audit/run-start'
import { sensorsJob as job } from '../audit/sensors-job'
import type { FleetReport } from '../simulator/fleet'
import type { FleetPlan } from '../simulator/fleet-options'
import { startFleetProcess } from '../simulator/fleet-process'
import { drain } from './drain'
import { lagOf } from './lag'
import { Meter, type Progress } from './meter'
import { OpenWindows } from './open-windows'
import { awaitNoWorker, prepareServices, type Services, sourceTopics } from './services'
import { StatusLine } from './status-line'
import { type Told, TopologyProcess } from './topology-process'
import { type Verdict, verdictOf } from './verdict'

export interface StartOptions {
  readonly topology: Topology
  /** The file of the topology. */
  readonly file: string
  /** Stores whose former state doesn't fit the topology begin anew. */
  readonly acceptNewState?: boolean
  readonly fleet: Partial<FleetPlan>
  /** Serve the dashboard meanwhile. */
  readonly dashboard?: boolean
  readonly out: NodeJS.WriteStream
  /** Ends the fleet; what it has sent is still processed and compared. */
  readonly stop: AbortSignal
  /** Ends everything at once. */
  readonly abort: AbortSignal
}

const lagEveryMs = 1000
/** A lag that hasn't become less for so long won't. */
const lagPatienceMs = 60_000
/** The longest window, grace and idle time, and a minute for slow machines. */
const closePatienceMs = 130_000
/** What the broker has is at the subscriber soon. */
const receivePatienceMs = 5_000

/** What is at work once everything but the fleet has started. */
interface Started {
  readonly services: Services
  readonly start: RunStart
  readonly observer: Observer
  readonly topology: TopologyProcess
}

/** One run of the whole job, from the stack's start to the verdict. */
class Run {
  readonly cleanups: (() => Promise<unknown>)[] = []
  private progress: Progress = {}
  private readonly status: StatusLine
  private readonly failures: Promise<never>[] = []

  constructor(private readonly options: StartOptions) {
    const meter = new Meter()
    this.status = new StatusLine({ text: () => meter.text(this.progress), out: options.out })
    const aborted = new Promise<never>((_, reject) => {
      const fail = () => reject(new Error('stopped before the end: nothing was compared'))
      options.abort.addEventListener('abort', fail)
    })
    this.fails(aborted)
  }

  async run(): Promise<Verdict> {
    const started = await this.open()
    const { services, topology } = started
    const { cluster } = services
    const topics = await sourceTopics(cluster, this.options.topology)
    const watching = new AbortController()
    const lag = async () => {
      const lag = await lagOf(cluster, job.application, topics)
      this.note({ lag })
      return lag.total
    }
    const watch = this.watch(lag, watching.signal)
    this.status.start()
    const fleet = await this.runFleet(services)
    watching.abort()
    await watch
    const left = await this.orFail(this.settle(lag, started))
    this.note({ phase: 'comparing' })
    await topology.stop()
    return this.orFail(this.judge(fleet, left, started))
  }

  close(): void {
    this.status.stop()
  }

  private note(news: Progress): void {
    this.progress = { ...this.progress, ...news }
  }

  private say(line: string): void {
    this.status.say(line)
  }

  /** Starts everything but the fleet. */
  private async open(): Promise<Started> {
    const { options } = this
    const say = (line: string) => this.say(line)
    const stack = await startStack({ attached: true, onProgress: say, signal: options.stop })
    this.cleanups.push(() => stack.stop())
    const services = await this.orFail(prepareServices(stack.addresses, options.topology, say))
    const { cluster, config, environment } = services
    this.cleanups.push(() => cluster.disconnect())
    await this.orFail(awaitNoWorker(cluster, job.application, say))
    if (options.dashboard) await this.openDashboard(services)
    const start = await this.orFail(noteStart({ cluster }, job))
    const { mqttUrl, databaseUrl } = config
    const observer = await startObserver({ mqttUrl, filter: 'sensors/#', databaseUrl, table: job.table }, say)
    this.cleanups.push(() => observer.stop())
    this.fails(observer.failed)
    this.note({ observer })
    const logFile = join(logsOf(stackHome()), 'topology.log')
    const { file, acceptNewState = false } = options
    const onTold = ({ restoring, ends }: Told) => {
      this.note({ restoring, ends })
      if (restoring !== undefined) this.status.start()
    }
    const topology = new TopologyProcess({ file, acceptNewState, environment, logFile, onWarning: say, onTold })
    this.cleanups.push(() => topology.stop())
    this.fails(topology.failed)
    say(`topology: starting, its log is ${logFile}`)
    await this.orFail(topology.running)
    return { services, start, observer, topology }
  }

  /** A page that can't be served is no reason to end the run. */
  private async openDashboard({ config: { kafka, registryUrl, databaseUrl } }: Services): Promise<void> {
    const at = (port: number): Promise<DashboardServer> =>
      startDashboard({ kafka, registryUrl, databaseUrl, port, log })
    try {
      // Another dashboard may have the usual port.
      const dashboard = await at(usualPort).catch(error => {
        if (error instanceof ConfigError) return at(0)
        throw error
      })
      this.cleanups.push(() => dashboard.close())
      this.say(`dashboard: ${dashboard.url}`)
    } catch (error) {
      this.say(`dashboard: ${(error as Error).message}`)
    }
  }

  /** Keeps the lag that is shown up to date. */
  private async watch(lag: () => Promise<number>, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await lag().catch(() => undefined)
      await sleep(lagEveryMs, undefined, { signal: until }).catch(() => undefined)
    }
  }

  /** Until its duration is over or somebody stops it. */
  private async runFleet({ config }: Services): Promise<FleetReport> {
    const { fleet: plan, stop } = this.options
    const { kafka, registryUrl } = config
    const fleet = startFleetProcess({ ...plan, kafka, registryUrl })
    this.note({ fleet })
    this.cleanups.push(() => fleet.stop().catch(() => undefined))
    const end = () => void fleet.stop().catch(() => undefined)
    stop.addEventListener('abort', end)
    if (stop.aborted) end()
    return this.orFail(fleet.done)
  }

  /** Waits until all is processed, and with a duration until the idle clock has closed every window; returns the lag. */
  private async settle(lag: () => Promise<number>, { services, start }: Started): Promise<number> {
    const signal = this.options.abort
    this.note({ phase: 'draining' })
    const left = await drain({ left: lag, patienceMs: lagPatienceMs, signal })
    if (left > 0 || !this.closesAll) return left
    const windows = new OpenWindows(services.cluster, job, start)
    const open = async () => {
      const count = await windows.count()
      await lag()
      this.note({ phase: `waiting for ${count.toLocaleString('en-US')} open windows` })
      return count
    }
    await drain({ left: open, patienceMs: closePatienceMs, signal })
    this.note({ phase: 'draining' })
    return drain({ left: lag, patienceMs: lagPatienceMs, signal })
  }

  private get closesAll(): boolean {
    return this.options.fleet.durationMs !== undefined && !this.options.stop.aborted
  }

  private async judge(
    fleet: FleetReport,
    lag: number,
    { topology, services, start, observer }: Started,
  ): Promise<Verdict> {
    const { cluster, registry, config } = services
    const ends: AuditEnds = { cluster, registry, databaseUrl: config.databaseUrl, maxFutureMs: config.maxFutureMs }
    const audited = await audit(ends, job, start)
    const observed = await this.received(observer, audited.set.distinct)
    const { restarts, warnings } = topology
    return verdictOf({
      ...{ audit: audited, fleet, observed, lag, restarts },
      allClosed: this.closesAll,
      disturbed: restarts + warnings + observed.outages > 0,
    })
  }

  /** What the subscriber has, once it has all or nothing more comes. */
  private async received(observer: Observer, expected: number): Promise<ObserverReport> {
    const left = async () => Math.max(0, expected - observer.status.distinct)
    await drain({ left, patienceMs: receivePatienceMs, signal: this.options.abort })
    return observer.report()
  }

  private fails(failure: Promise<never>): void {
    failure.catch(() => undefined)
    this.failures.push(failure)
  }

  private orFail<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined)
    return Promise.race([work, ...this.failures])
  }
}

/** Runs the whole job on the local stack and compares what it has left behind. Whatever it started is gone when it returns. */
export async function runStart(options: StartOptions): Promise<Verdict> {
  const run = new Run(options)
  try {
    return await run.run()
  } finally {
    run.close()
    for (const cleanup of run.cleanups.reverse()) await cleanup().catch(() => undefined)
  }
}
