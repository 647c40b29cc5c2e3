import { hostname } from 'node:os'
import type { Broker } from '../../connectors/broker'
import type { Outages } from '../../outages'
import type { ProcessTally, SamplesVitals, Tally, TopologyVitals, WorkerStateName } from '../../vitals/format'
import type { Plan } from '../plan/plan'
import type { Clock } from '../task/clock'
import type { Worker } from '../worker/worker'
import { endTallies } from './end-tallies'
import { NodeTallies } from './node-tallies'
import { Rates } from './rates'
import { TaskTallies } from './task-tallies'

export interface GathererOptions {
  readonly plan: Plan
  readonly topology: TopologyVitals
  readonly worker: Worker
  readonly broker: Pick<Broker, 'partitionStates'>
  readonly outages: Pick<Outages, 'away'>
  readonly clock: Clock
}

/** How often tallies are gathered, ms. */
export const everyMs = 1_000

/** Reads how a worker is from counters that are there anyway: nothing on a record's way knows of it. */
export class Gatherer {
  private readonly tasks: TaskTallies
  private readonly nodes = new NodeTallies()
  private readonly rates = new Rates()
  private readonly startedAtMs: number
  private state: WorkerStateName = 'starting'
  private stateSinceMs: number
  private cpu = process.cpuUsage()
  private cpuAtMs: number
  private gathered: Tally

  constructor(private readonly options: GathererOptions) {
    const { broker, clock } = options
    this.tasks = new TaskTallies(broker, clock)
    this.startedAtMs = Math.round(clock.now() - process.uptime() * 1000)
    this.stateSinceMs = clock.now()
    this.cpuAtMs = clock.monotonic()
    this.gathered = this.gather()
  }

  /** What was gathered last. */
  get last(): Tally {
    return this.gathered
  }

  gather(): Tally {
    const { plan, topology, worker, outages, clock } = this.options
    const { application, epoch, version } = topology
    const now = Math.round(clock.now())
    if (worker.state !== this.state) this.stateSinceMs = now
    this.state = worker.state
    this.look()
    this.gathered = {
      ...{ v: 1, kind: 'tally', application, worker: worker.id, epoch, version },
      ...{ host: hostname(), pid: process.pid, startedAtMs: this.startedAtMs, atMs: now, everyMs },
      ...{ state: this.state, stateSinceMs: Math.round(this.stateSinceMs) },
      ...(worker.tally.restoring && { restoring: worker.tally.restoring }),
      ...(worker.lastError && { reason: worker.lastError.message }),
      outages: outages.away.map(({ service, forMs, reason }) => ({
        ...{ service, reason, sinceMs: Math.round(now - forMs) },
      })),
      tasks: this.tasks.of(worker, this.rates),
      standbys: Object.entries(worker.standbyLags).map(([task, lag]) => ({ task, lag })),
      nodes: this.nodes.of(worker.tally, this.rates),
      ends: endTallies(plan, worker, this.rates),
      commits: this.commits(now),
      process: this.usage(),
    }
    return this.gathered
  }

  /** Some of the records that went out of each step since the last call; undefined where there were none. */
  samples(): SamplesVitals | undefined {
    const { worker, topology, clock } = this.options
    const atMs = Math.round(clock.now())
    const nodes = this.nodes.samples(worker, atMs)
    const { application } = topology
    return nodes.length === 0 ? undefined : { v: 1, kind: 'samples', application, worker: worker.id, atMs, nodes }
  }

  private look(): void {
    const { worker, clock } = this.options
    this.nodes.look(worker)
    const { processed, sinkRecords } = worker.tally
    this.rates.look(clock.monotonic(), { end: sinkRecords, step: this.nodes.passed, task: processed })
  }

  private commits(now: number): Tally['commits'] {
    const { clock, worker } = this.options
    const { commits: count, rollbacks, lastCommitAtMs: lastAtMs, committingSinceMs, commitMs } = worker.tally
    const ms = commitMs.quantiles
    return {
      ...{ count, rollbacks },
      ...(lastAtMs !== undefined && { lastAtMs }),
      ...(ms && { ms }),
      ...(committingSinceMs !== undefined && {
        underWaySinceMs: Math.round(now - (clock.monotonic() - committingSinceMs)),
      }),
    }
  }

  private usage(): ProcessTally {
    const now = this.options.clock.monotonic()
    const { user, system } = process.cpuUsage(this.cpu)
    const cpu = (user + system) / 1000 / Math.max(1, now - this.cpuAtMs)
    this.cpu = process.cpuUsage()
    this.cpuAtMs = now
    const { rss, heapUsed } = process.memoryUsage()
    return { rssBytes: rss, heapBytes: heapUsed, cpu: Math.round(cpu * 1000) / 1000 }
  }
}
