import { randomUUID } from 'node:crypto'
import type { Group, GroupAssignment } from '../../connectors/broker'
import type { Membership } from '../../connectors/ledger'
import { kindOf } from '../../connectors/sink'
import type { Reader } from '../../connectors/source'
import {
  DecodeError,
  FencedError,
  ProcessError,
  SinkError,
  StreamError,
  TopologyError,
  UnavailableError,
  UnfitError,
} from '../../errors'
import type { Store } from '../../state/store'
import { QueryServer } from '../queries/query-server'
import { type GivenTasks, givenTo, inWords, stickyAssignor } from './assignor'
import { type Opened, openTasks, type Slot, type Surroundings } from './generation'
import { GlobalFollower } from './global-follower'
import { GlobalState } from './global-state'
import { ProcessLoop } from './process-loop'
import { Standbys } from './standbys'
import { Tally } from './tally'
import { environmentOf } from './worker-environment'
import type { InputPosition, WorkerOptions, WorkerState } from './worker-options'

export type { InputPosition, WorkerOptions, WorkerState } from './worker-options'

/** Small batches gather so long: each costs a slice and a write at every end, and what these cost makes others wait. */
const lingerMs = 10
const firstPauseMs = 100
const longestPauseMs = 5_000
/** A commit that fails so soon after the reader lost Kafka fails for that, and needs no line of its own. */
const toldMs = 15_000
/** A service that comes and goes faster than this is one outage, ms. */
const quietMs = 10_000

/** One member of the application's group: owns tasks while a generation lasts, and starts anew with each. */
export class Worker {
  readonly tally = new Tally()
  /** Monotonic time (ms) at which a commit, or the look whether there is one to make, last went well. */
  wellAt: number
  /** What the worker waits for, or gave up on. */
  lastError: Error | undefined
  state: WorkerState = 'joining'
  readonly id = randomUUID().slice(0, 8)
  private told: { readonly who: string | undefined; readonly atMs: number } = { who: undefined, atMs: 0 }
  private readonly reader: Reader
  private readonly around: Surroundings
  private group: Group | undefined
  private known = new Map<string, Slot>()
  private loop: ProcessLoop | undefined
  private opened: Opened | undefined
  private running: Promise<void> = Promise.resolve()
  private membership: Membership | undefined
  private fail!: (error: unknown) => void
  private readonly standbys: Standbys
  private readonly globals: GlobalFollower
  private readonly queries: QueryServer
  private globalsReady = false
  /** Tasks whose retained values an end has lost before they were open. */
  private readonly forgotten: { task: string; kind: string }[] = []
  /** Rejects when the worker has to give up: a wrong topology, a contradiction between the ends. */
  readonly failed: Promise<never>

  constructor(private readonly options: WorkerOptions) {
    const { plan, broker, clock, log, sinks } = options
    const { tally } = this
    this.wellAt = clock.monotonic()
    this.failed = new Promise((_, reject) => {
      this.fail = error => {
        this.state = 'failed'
        this.lastError = error as Error
        reject(error)
      }
    })
    this.failed.catch(() => undefined)
    this.reader = broker.createReader({ lingerMs })
    this.reader.onReady = () => this.loop?.wake()
    this.reader.onError = error => this.loop?.fail(error)
    const globals = new GlobalState(plan.topology, options.codecs, (topic, partition, offset, error) =>
      log.warn(`global table: ${topic}/${partition} offset ${offset} passed over: ${(error as Error).message}`),
    )
    this.globals = new GlobalFollower(globals, broker, error => this.fail(error))
    const environment = environmentOf(options, this.id, globals.stores, tally)
    this.queries = new QueryServer({ plan, broker, clock, log, worker: this.id, globals: globals.stores })
    this.standbys = new Standbys(plan, environment, broker, clock, log)
    // With a complete state the task itself may come.
    this.standbys.onWarm = () => this.group?.rejoin()
    this.around = {
      standbys: this.standbys,
      application: plan.topology.name,
      plan,
      broker,
      sinks,
      reader: this.reader,
      environment,
      clock,
      log,
      tally,
    }
    for (const sink of sinks) sink.onForgotten = task => this.forgot(task, kindOf(sink))
  }

  /** This worker's copy of a global table, by its store's name; undefined where the topology has no such table. */
  globalStore<S extends Store = Store>(name: string): S | undefined {
    return this.globals.store(name) as S | undefined
  }

  /** Joins the group; tasks come by assignment. */
  start(): void {
    const { plan, broker, standbyReplicas } = this.options
    const topics = [...new Set(plan.subTopologies.flatMap(part => part.sources.map(source => source.spec.topic)))]
    this.group = broker.joinGroup({
      topics: () => topics,
      assignor: stickyAssignor(plan, standbyReplicas, () => ({
        active: Object.fromEntries([...this.known].map(([id, { task }]) => [id, task.state.entries])),
        standby: this.standbyLags,
      })),
      onAssigned: (assignment, membership) => this.assigned(assignment, membership),
      onRevoke: () => this.revoke(),
      onLost: () => this.drop(),
    })
  }

  /** The tasks that run now. */
  get slots(): ReadonlyMap<string, Slot> {
    return this.opened?.slots ?? new Map()
  }

  /** Tasks of others whose state is followed here, and how many changelog records each lacks. */
  get standbyLags(): Readonly<Record<string, number>> {
    return this.standbys.lags
  }

  /** Where the inputs of all running tasks stand. */
  inputs(): InputPosition[] {
    return [...this.slots.values()].flatMap(({ task: { id: task, inputs } }) =>
      inputs.map(({ topic, partition, position }) => {
        const end = this.reader.end({ topic, partition })
        return { task, topic, partition, position, end }
      }),
    )
  }

  /** Monotonic time (ms) of the last turn of the processing loop and of the last commit. */
  get pulse(): { turnAt: number; committedAt: number } | undefined {
    return this.loop && { turnAt: this.loop.turnAt, committedAt: this.loop.committedAt }
  }

  /** Drains, commits, leaves the group. */
  async stop(): Promise<void> {
    await this.revoke()
    await this.group?.leave()
    this.state = 'stopped'
    await Promise.allSettled([this.reader, this.standbys, this.globals, this.queries].map(each => each.close()))
    await Promise.allSettled(this.options.sinks.map(sink => sink.close()))
  }

  private assigned(assignment: GroupAssignment, membership: Membership): void {
    this.membership = membership
    this.tally.generations++
    const { plan } = this.options
    const given = givenTo(assignment.userData)
    const wanted = given.active.map(id => {
      const [part, partition] = id.split('_').map(Number) as [number, number]
      return { id, part: plan.subTopologies[part]!, partition }
    })
    this.options.log.info(`generation ${membership.generationId}: ${inWords(given)}`)
    this.running = this.running.then(() => this.run(wanted, given, membership)).catch(this.fail)
  }

  /** An end has lost what it retained of a task: it is written again, now or as soon as the task is open. */
  private forgot(task: string, kind: string): void {
    const slot = this.loop && this.slots.get(task)
    if (slot === undefined) this.forgotten.push({ task, kind })
    else slot.task.writeRetained(kind)
    this.loop?.wake()
  }

  /** Opens and processes until the generation ends, over outages of whatever service. */
  private async run(wanted: Parameters<typeof openTasks>[0], given: GivenTasks, membership: Membership): Promise<void> {
    let pause = 0
    while (this.membership === membership) {
      try {
        this.state = 'opening'
        if (!this.globalsReady) await this.globals.start()
        this.globalsReady = true
        const isOver = () => this.membership !== membership
        const opened = await openTasks(wanted, this.known, membership, this.around, isOver)
        this.opened = opened
        this.settle(opened.slots, given)
        this.queries.serve(opened.slots)
        if (this.membership !== membership) break
        for (const { task, kind } of this.forgotten.splice(0)) opened.slots.get(task)?.task.writeRetained(kind)
        if (pause > 0) this.options.log.info('all services answer: going on')
        const loop = new ProcessLoop(opened, { ...this.options, ...this.around })
        this.loop = loop
        this.state = 'running'
        await loop.run(() => {
          pause = 0
          this.lastError = undefined
          this.wellAt = this.options.clock.monotonic()
        })
        break
      } catch (error) {
        if (this.membership !== membership) break
        if (isFatal(error)) throw error
        this.lastError = error as Error
        this.tally.rollbacks++
        if (error instanceof FencedError) {
          await this.release()
          this.options.log.warn(`${error.message}; what was not committed is dropped, joining again`)
          this.group?.rejoin()
          break
        }
        await this.letGo()
        this.state = 'waiting'
        this.tell(error as Error, pause === 0)
        pause = Math.min(longestPauseMs, Math.max(firstPauseMs, pause * 2))
        await new Promise(resolve => setTimeout(resolve, pause))
      }
    }
    this.loop = undefined
  }

  /** What the worker no longer has is gone on with as a standby, where it stays in reach. */
  private settle(slots: Map<string, Slot>, { standby, warmUp }: GivenTasks): void {
    for (const [id, { task }] of this.known) {
      if (!slots.has(id)) this.standbys.keep(id, task.sealedState)
    }
    this.known = slots
    this.standbys.assign(standby, warmUp)
  }

  /** One line for an outage, and one for each other service that turns out to be away in it. */
  private tell(error: Error, isNew: boolean): void {
    const { log, clock } = this.options
    const now = clock.monotonic()
    const { lostAtMs = Number.NEGATIVE_INFINITY } = this.reader
    const isTold =
      (error instanceof StreamError && error.told) || (error instanceof UnavailableError && now - lostAtMs < toldMs)
    // Messages begin with the service. What somebody has to mend is another matter than the service's being away.
    const who = error instanceof UnfitError ? error.message : error.message.split(' ', 1)[0]
    const text = `${error.message}; rolled back, trying again until it is well`
    if (!(error instanceof StreamError)) log.error({ err: error }, text)
    else if (!isTold && (who !== this.told.who || (isNew && now - this.told.atMs > quietMs))) log.warn(text)
    else log.debug(text)
    this.told = { who, atMs: now }
  }

  /** Ends what a failed attempt holds; the tasks keep their sealed state for the next one. */
  private async letGo(): Promise<void> {
    const { opened } = this
    this.opened = undefined
    this.loop = undefined
    for (const { task } of opened?.slots.values() ?? []) for (const input of task.inputs) this.reader.remove(input)
    await Promise.allSettled([...this.options.sinks.map(sink => sink.abort()), opened?.ledger.close()])
  }

  /** A rebalance: finish what is in hand, commit it, let go. What is committed may be gone on with if it comes back. */
  private async revoke(): Promise<void> {
    const { loop, membership } = this
    this.membership = undefined
    try {
      await loop?.drain()
    } catch (error) {
      this.options.log.warn(
        `the last commit before the rebalance failed, it will be done again: ${(error as Error).message}`,
      )
    }
    await this.running.catch(() => undefined)
    if (membership !== undefined) await this.release()
  }

  /** Evicted: another owns the tasks, nothing more may be written. */
  private drop(): void {
    this.membership = undefined
    this.loop?.stop()
    this.running = this.running.catch(() => undefined).then(() => this.release())
  }

  /** Gives the tasks up, those of an attempt that failed too: an end that held on to one would fail for it ever after. */
  private async release(): Promise<void> {
    const tasks = [...this.known.keys()]
    this.queries.serve(new Map())
    await this.letGo()
    await Promise.allSettled(this.options.sinks.map(sink => sink.release(tasks)))
  }
}

function isFatal(error: unknown): boolean {
  if (error instanceof TopologyError || error instanceof ProcessError || error instanceof DecodeError) return true
  return error instanceof SinkError && error.fatal
}
