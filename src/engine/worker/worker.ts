import { randomUUID } from 'node:crypto'
import type { Group, GroupAssignment } from '../../connectors/broker'
import type { Membership } from '../../connectors/ledger'
import { kindOf } from '../../connectors/sink'
import type { Reader } from '../../connectors/source'
import { FencedError } from '../../errors'
import type { Store } from '../../state/store'
import { readTopics } from '../plan/plan'
import { QueryServer } from '../queries/query-server'
import { type GivenTasks, givenTo, inWords, stickyAssignor } from './assignor'
import type { NextTasks } from './change-tasks'
import { Generation } from './generation'
import { GlobalFollower } from './global-follower'
import { GlobalState } from './global-state'
import { HandOver } from './hand-over'
import { LateLog } from './late-log'
import { Lifecycle, type WorkerState } from './lifecycle'
import type { Slot, WorkerParts } from './open-tasks'
import { PartitionWatch } from './partition-watch'
import { RejoinPause } from './rejoin-pause'
import { Standbys } from './standbys'
import { Tally } from './tally'
import { TopicBook } from './topic-book'
import { TopicWidths } from './topic-widths'
import { type WantedTask, wantedOf } from './wanted-task'
import { environmentOf } from './worker-environment'
import type { InputPosition, WorkerOptions } from './worker-options'

export type { WorkerState } from './lifecycle'
export type { InputPosition, WorkerOptions } from './worker-options'

/** How long the reader gathers small batches, ms: each costs a slice and a write at every end, for which other tasks wait. */
const lingerMs = 10

/** One member of the application's group from its construction on: owns tasks while a generation lasts, and starts anew with each. */
export class Worker {
  readonly tally: Tally
  readonly id = randomUUID().slice(0, 8)
  /** Rejects when the worker has to give up: a wrong topology, or ends that contradict each other. */
  readonly failed: Promise<never>
  private readonly life = new Lifecycle<Generation>()
  private readonly parts: WorkerParts
  private readonly reader: Reader
  private readonly standbys: Standbys
  private readonly globals: GlobalFollower
  private readonly queries: QueryServer
  private readonly watch: PartitionWatch
  private readonly late: LateLog
  private readonly giveUp: (error: Error) => void
  private readonly group: Group
  private healthyAtMs: number
  private readonly known = new Map<string, Slot>()
  private running: Promise<void> = Promise.resolve()
  private readonly rejoinPause: RejoinPause
  private readonly handOver = new HandOver()

  constructor(private readonly options: WorkerOptions) {
    const { plan, broker, clock, log, sinks, outages } = options
    const tally = (this.tally = new Tally(clock))
    this.healthyAtMs = clock.monotonic()
    this.rejoinPause = new RejoinPause(clock)
    let reject: (error: Error) => void = () => {}
    this.failed = new Promise((_, rejected) => {
      reject = rejected
    })
    this.failed.catch(() => undefined)
    this.giveUp = error => {
      if (this.life.fail(error)) reject(error)
    }
    this.reader = broker.createReader({ lingerMs, damage: 'pass' })
    this.reader.onReady = () => this.life.generation?.loop?.wake()
    this.reader.onError = error => this.life.generation?.loop?.fail(error)
    const globals = new GlobalState(plan.topology, options.codecs, (topic, partition, offset, error) =>
      log.warn(`global table: ${topic}/${partition} offset ${offset} passed over: ${(error as Error).message}`),
    )
    this.globals = new GlobalFollower(globals, broker, this.giveUp)
    this.watch = new PartitionWatch({ broker, clock, deliveryTimeoutMs: options.producerTimeoutMs })
    this.late = new LateLog(log)
    const widths = new TopicWidths(options, options.partitionCounts)
    const topics = new TopicBook(plan.topology.name, broker, clock, () => widths.counts)
    const environment = environmentOf(options, widths, this.id, globals.stores, tally, this.late, topics)
    this.queries = new QueryServer({ plan, broker, clock, log, worker: this.id, globals: globals.stores })
    this.standbys = new Standbys(plan, environment, broker, clock, log)
    // A worker with the whole state may be given the task.
    this.standbys.onWarm = () => this.group.rejoin()
    this.parts = {
      ...{ application: plan.topology.name, plan, broker, sinks, reader: this.reader, environment, clock, log },
      ...{ tally, traces: options.traces?.(this.id), standbys: this.standbys },
      ...{ outages, missed: new Set<string>(), widths, looks: this.watch, topics },
    }
    for (const sink of sinks) sink.onForgotten = task => this.life.generation?.forgot(task, kindOf(sink))
    this.group = this.join()
  }

  /** What the worker is doing, for health and status. */
  get state(): WorkerState {
    return this.life.now.state
  }

  /** Why the worker waits or gave up, or which end holds its commits up. */
  get lastError(): Error | undefined {
    return 'error' in this.life.now ? this.life.now.error : this.life.generation?.loop?.outage
  }

  /** Monotonic time (ms) of the last commit that went well, or of the last check that found nothing to commit. */
  get lastHealthyAtMs(): number {
    return this.healthyAtMs
  }

  /** This worker's copy of a global table, by its store's name; undefined where the topology has no such table. */
  globalStore<S extends Store = Store>(name: string): S | undefined {
    return this.globals.store(name) as S | undefined
  }

  /** The tasks that run now. */
  get slots(): ReadonlyMap<string, Slot> {
    return this.life.generation?.slots ?? new Map()
  }

  /** The tasks that are this worker's, at work or waiting for a service. */
  get wanted(): readonly WantedTask[] {
    return this.life.generation?.wanted ?? []
  }

  /** Tasks of others whose state is followed here, and how many changelog records each lacks. */
  get standbyLags(): Readonly<Record<string, number>> {
    return this.standbys.lags
  }

  /** Whether an end has refused something of the task, and it isn't found yet. */
  isSearched(task: string): boolean {
    return this.life.generation?.isSearched(task) ?? false
  }

  /** How far the inputs of all running tasks have been processed. */
  inputs(): InputPosition[] {
    return [...this.slots.values()].flatMap(({ task: { id: task, inputs } }) =>
      inputs.map(input => {
        const { topic, partition, position, lastRecordMs } = input
        const nextRecordMs = input.nextRecordMs ?? this.reader.peek(input)?.timestamps[0]
        return { task, topic, partition, position, end: this.reader.end(input), nextRecordMs, lastRecordMs }
      }),
    )
  }

  /** Monotonic time (ms) of the last turn of the processing loop and of the last commit; undefined while there is no loop. */
  get pulse(): { readonly turnAt: number; readonly committedAt: number } | undefined {
    const loop = this.life.generation?.loop
    return loop && { turnAt: loop.turnAt, committedAt: loop.committedAt }
  }

  /** Hands its tasks over, drains, commits, leaves the group. */
  async stop(): Promise<void> {
    const hasTasks = this.state === 'running' && this.slots.size > 0
    await this.handOver.begin(hasTasks && !this.options.isStatic ? () => this.group.rejoin(true) : undefined)
    await this.revoke()
    await this.group.leave()
    this.life.to({ state: 'stopped' })
    this.watch.close()
    this.late.close()
    await Promise.allSettled([this.reader, this.standbys, this.globals, this.queries].map(each => each.close()))
    await Promise.allSettled(this.options.sinks.map(sink => sink.close()))
  }

  private join(): Group {
    const { plan, broker, standbyReplicas } = this.options
    // Global tables are assigned to nobody; the group watches their topics for new partitions too.
    const topics = [...new Set([...readTopics(plan), ...this.globals.topics])]
    return broker.joinGroup({
      topics: () => topics,
      assignor: stickyAssignor(plan, standbyReplicas, () => ({
        active: Object.fromEntries([...this.known].map(([id, { task }]) => [id, task.state.entries])),
        standby: this.standbyLags,
        owned: this.life.generation?.isHeld ? [...this.slots.keys()] : [],
        ...{ rack: this.options.clientRack, isLeaving: this.handOver.isUnderWay || undefined },
      })),
      onAssigned: (assignment, membership) => this.assigned(assignment, membership),
      onRevoke: () => this.rebalance(),
      onLost: () => this.evicted(),
      onFailed: error => this.giveUp(error),
    })
  }

  private assigned(assignment: GroupAssignment, membership: Membership): void {
    const [current, given] = [this.life.generation, givenTo(assignment.userData)]
    if (current === undefined ? this.state !== 'joining' || this.handOver.takesNothing() : !current.isHeld) return
    if (given.active.length > 0 || this.slots.size === 0) this.handOver.end()
    this.tally.generations++
    this.rejoinPause.begin()
    this.options.log.info(`generation ${membership.generationId}: ${inWords(given)}`)
    // Others hear of the next round with a heartbeat: those who wait for their tasks should wait no longer than that.
    if (given.isToBeContinued) this.group.expectRebalance()
    const next = { ...this.next(assignment, given), membership }
    if (current !== undefined) {
      current.change(next)
      return
    }
    const generation = new Generation({
      ...this.options,
      ...this.parts,
      ...{ life: this.life, known: this.known, first: next },
      left: () => (this.handOver.isUnderWay ? this.handOver.end() : this.group.rejoin(true)),
      healthy: () => {
        this.healthyAtMs = this.options.clock.monotonic()
      },
    })
    this.life.to({ state: 'opening', generation })
    this.running = this.running.then(() => this.run(generation))
  }

  private next({ partitions }: GroupAssignment, given: GivenTasks): Omit<NextTasks, 'membership'> {
    return {
      wanted: wantedOf(this.options.plan, given.active),
      prepare: async () => {
        await this.parts.widths.renew(partitions)
        await this.globals.start()
        await this.parts.topics.look()
      },
      opened: slots => this.settle(slots, given),
    }
  }

  /** Never rejects. */
  private async run(generation: Generation): Promise<void> {
    try {
      await generation.run()
    } catch (error) {
      if (error instanceof FencedError) await this.joinAgain(generation, error)
      else {
        this.giveUp(error as Error)
        await generation.release()
      }
    }
  }

  private async joinAgain(generation: Generation, error: FencedError): Promise<void> {
    this.life.continue({ state: 'waiting', generation, error })
    this.tally.rollbacks++
    await this.release(generation)
    this.options.log.warn(`${error.message}; what was not committed is dropped, joining again`)
    await generation.pause(this.rejoinPause.next())
    if (!generation.isOver) this.group.rejoin()
  }

  /** Tasks that went to others become standbys where the assignment says so, from the state that is here already. */
  private settle(slots: Map<string, Slot>, { standby, warmUp }: GivenTasks): void {
    for (const [id, { task }] of this.known) {
      if (slots.has(id)) continue
      this.standbys.keep(id, task.sealedState)
      this.known.delete(id)
    }
    this.standbys.assign(standby, warmUp)
    this.queries.serve(slots)
  }

  /** A rebalance begins: tasks at work are kept until it says which of them others are to have (KIP-429); else all are given up. */
  private async rebalance(): Promise<void> {
    const { generation } = this.life
    if (this.state === 'running' && (await generation?.hold())) return
    // Evicted meanwhile, it may have been given tasks that this rebalance has nothing to do with.
    if (this.life.generation === generation) await this.revoke()
  }

  /** Finishes and commits what was begun, and releases the tasks. Their committed state is used again if they come back. */
  private async revoke(): Promise<void> {
    const { generation } = this.life
    if (generation === undefined) return
    if (this.state === 'running') {
      this.life.to({ state: 'draining', generation })
      try {
        await generation.drain()
      } catch (error) {
        this.options.log.warn(
          `the last commit before the rebalance failed, it will be done again: ${(error as Error).message}`,
        )
      }
    }
    await this.leaveBehind(generation)
  }

  /** Evicted: another owns the tasks, nothing more may be written. */
  private evicted(): void {
    const { generation } = this.life
    if (generation === undefined) return
    // The next assignment waits for this.
    this.running = this.leaveBehind(generation)
  }

  private async leaveBehind(generation: Generation): Promise<void> {
    generation.end()
    if (this.life.generation === generation) this.life.to({ state: 'joining' })
    await this.running
    await this.release(generation)
  }

  private async release(generation: Generation): Promise<void> {
    this.queries.serve(new Map())
    await generation.release()
  }
}
