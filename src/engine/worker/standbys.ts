import type { Broker } from '../../connectors/broker'
import type { Batch, Reader, TopicPartition } from '../../connectors/source'
import { FencedError } from '../../errors'
import type { Log } from '../../log'
import { itemAt } from '../../required'
import type { KeptStore } from '../../state/store'
import type { Plan } from '../plan/plan'
import type { Clock } from '../task/clock'
import type { TaskEnvironment } from '../task/task-environment'
import { TaskState } from '../task/task-state'
import { acceptableLag } from './assignor'
import { type Changelog, changelogsOf, damageIn, fitTo } from './restorer'

/** Replays changelogs for so long, then pauses for so long, ms: the tasks of this worker need the CPU more. */
const sliceMs = 10
const pauseMs = 20
/** The pause before a changelog that couldn't be followed is tried again, ms. */
const againMs = 5_000
/** How often the group's offsets in source topics are asked for, ms. */
const askMs = 1_000

interface Standby {
  readonly state: TaskState
  readonly changelogs: readonly Changelog[]
}

/**
 * States of tasks that other workers have: their changelogs are followed, so that a task can be taken over by reading only what came
 * last (`NUM_STANDBY_REPLICAS`), or moves here once its state is complete (KIP-441's warm-ups). Only committed changes are applied.
 */
export class Standbys {
  /** Called once the last state that was to be warmed up is as good as complete. */
  onWarm: () => void = () => {}
  private readonly standbys = new Map<string, Standby>()
  /** States of tasks that left, until the next assignment says who owns them. */
  private readonly kept = new Map<string, TaskState>()
  /** Tasks whose copies on disk another process of this machine keeps up to date: nothing has to be followed for them here. */
  private readonly here = new Set<string>()
  private warming: readonly string[] = []
  /** Changelogs take turns, the first is next: none waits for a longer one. */
  private circle: Changelog[] = []
  private reader: Reader | undefined
  private timer: NodeJS.Timeout | undefined
  private asking: NodeJS.Timeout | undefined
  /** How far the tasks have processed the source topics that tables are restored from. */
  private readonly processed = new Map<string, number>()
  private readonly loading = new Set<Changelog>()
  private closed = false

  constructor(
    private readonly plan: Plan,
    private readonly environment: TaskEnvironment,
    private readonly broker: Pick<Broker, 'createReader' | 'startOffset' | 'endOffset' | 'committedOffsets'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The tasks that are followed, and how many records of their changelogs are still to be read. */
  get lags(): Record<string, number> {
    const followed = [...this.standbys].map(([id, standby]) => [id, this.lagOf(standby)] as const)
    return Object.fromEntries([...followed, ...[...this.here].map(id => [id, 0] as const)])
  }

  /** Follows exactly these tasks from now on; `onWarm` is called when those of `warmUps` are complete. */
  assign(ids: readonly string[], warmUps: readonly string[]): void {
    for (const id of this.standbys.keys()) if (!ids.includes(id)) this.discard(this.take(id))
    this.here.clear()
    for (const id of ids) if (!this.standbys.has(id)) this.begin(id)
    for (const state of this.kept.values()) this.discard(state)
    this.kept.clear()
    this.warming = warmUps
    if (warmUps.length > 0) this.later()
  }

  /** Keeps the state of a task that left this worker, as of its last commit: the next assignment may make it a standby, or bring the task back. */
  keep(id: string, state: TaskState): void {
    this.kept.set(id, state)
  }

  /** Ends following a task and hands over what was restored; batches that wait are read again by who takes it. */
  take(id: string): TaskState | undefined {
    const kept = this.kept.get(id)
    this.kept.delete(id)
    const standby = this.standbys.get(id)
    if (standby === undefined) return kept
    this.standbys.delete(id)
    this.circle = this.circle.filter(({ state }) => state !== standby.state)
    for (const { topic } of standby.changelogs) this.reader?.remove({ topic, partition: standby.state.partition })
    return standby.state
  }

  /** Releases a state that this worker no longer needs. */
  private discard(state: TaskState | undefined): void {
    state?.release().catch(error => this.log.debug(`standbys: ${error.message}`))
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    clearTimeout(this.asking)
    const states = [...this.standbys.values()].map(({ state }) => state)
    await Promise.allSettled(states.flatMap(({ kept }) => kept.map(store => store.settled())))
    this.standbys.clear()
    this.kept.clear()
    await this.reader?.close()
  }

  private fresh(id: string): TaskState {
    const [part, partition] = id.split('_').map(Number) as [number, number]
    return new TaskState(itemAt(this.plan.subTopologies, part), partition, this.environment)
  }

  private begin(id: string): void {
    const kept = this.kept.get(id)
    this.kept.delete(id)
    const [part, partition] = id.split('_').map(Number) as [number, number]
    const { stores } = itemAt(this.plan.subTopologies, part)
    if (kept?.isOwner) this.follow(id, kept)
    else if (this.environment.localState?.isHeldElsewhere(stores, partition)) this.here.add(id)
    else this.follow(id, this.fresh(id))
  }

  private follow(id: string, state: TaskState): void {
    // The times are few and shared by all tasks of a partition: they are read at the takeover.
    const changelogs = changelogsOf(state).filter(({ of }) => of !== 'times')
    const standby = { state, changelogs }
    this.standbys.set(id, standby)
    this.circle.push(...changelogs)
    if (changelogs.some(({ of }) => of === 'source')) this.ask()
    this.seek(id, standby).catch(error => this.tryAgain(id, standby, error))
  }

  private async seek(id: string, standby: Standby): Promise<void> {
    const reader = this.openReader()
    for (const changelog of standby.changelogs) {
      const { state, topic, store } = changelog
      if (store !== undefined) await fitTo(changelog, store, this.broker, this.log)
      const at = { topic, partition: state.partition }
      const from = state.restoredTo.get(topic) ?? (await this.broker.startOffset(at))
      // Its first records are gone: what is left is no state, which a takeover says.
      if (changelog.of !== 'source' && from > 0 && !state.restoredTo.has(topic)) continue
      if (this.standbys.get(id) !== standby || this.closed) return
      reader.seek(at, from)
    }
  }

  private openReader(): Reader {
    if (this.reader !== undefined) return this.reader
    this.reader = this.broker.createReader({ damage: 'pass' })
    this.reader.onReady = () => this.later()
    this.reader.onError = (error, at) => {
      const found = [...this.standbys].find(([, { changelogs }]) => changelogs.some(each => isOf(each, at)))
      if (found !== undefined) this.tryAgain(...found, error)
    }
    return this.reader
  }

  /** Starts a standby over that can't be followed (its records were deleted): at worst a takeover costs a full restore. */
  private tryAgain(id: string, standby: Standby, error: Error): void {
    if (this.standbys.get(id) !== standby || this.closed) return
    this.log.warn(`standby ${id}: ${error.message}; following it anew from the start in ${againMs / 1_000} s`)
    this.take(id)
    const renewed = { state: this.fresh(id), changelogs: [] }
    this.standbys.set(id, renewed)
    setTimeout(() => {
      if (this.standbys.get(id) === renewed && !this.closed) this.follow(id, renewed.state)
    }, againMs).unref()
  }

  private later(): void {
    // A write that the end waited for is followed by none.
    if (this.closed) return
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      if (this.turn()) this.later()
      if (this.warming.length > 0 && this.warming.every(id => this.isWarm(id))) {
        this.warming = []
        this.onWarm()
      }
    }, pauseMs)
  }

  /** Applies what waits, for a slice of time; true when there may be more. */
  private turn(): boolean {
    const until = this.clock.monotonic() + sliceMs
    for (let idle = 0; idle < this.circle.length; idle++) {
      if (this.clock.monotonic() >= until) return true
      const changelog = this.circle.shift()
      if (changelog === undefined) return false
      this.circle.push(changelog)
      if (this.applyNext(changelog)) idle = -1
    }
    return false
  }

  private applyNext(changelog: Changelog): boolean {
    const { state, topic, apply } = changelog
    const at = { topic, partition: state.partition }
    const batch = this.openReader().peek(at)
    if (batch === undefined || batch.nextOffset > this.limitOf(changelog) || this.loading.has(changelog)) return false
    const damage = damageIn(changelog, batch)
    if (damage !== undefined) {
      const standby = this.standbyOf(state)
      if (standby !== undefined) this.tryAgain(...standby, damage)
      // It has left the circle, and whoever is in it still has a look in this turn.
      return true
    }
    if (changelog.store !== undefined) {
      this.load(changelog, changelog.store, batch)
      return false
    }
    const missing = apply(batch)
    if (missing !== undefined) {
      this.loading.add(changelog)
      // While the registry is down, it is asked again with each turn.
      void missing
        .load()
        .catch(error => this.log.debug(`standby, schema ${missing.id}: ${error.message}`))
        .finally(() => this.loading.delete(changelog))
      return false
    }
    this.openReader().take(at)
    state.restoredTo.set(topic, batch.nextOffset)
    return true
  }

  /** Writes a batch to the disk; the next one is taken when that is done. */
  private load(changelog: Changelog, store: KeptStore, batch: Batch): void {
    const { state, topic, apply } = changelog
    const standby = this.standbyOf(state)
    this.loading.add(changelog)
    this.openReader().take({ topic, partition: state.partition })
    apply(batch)
    store
      .settled()
      .then(() => state.restoredTo.set(topic, batch.nextOffset))
      .catch(error => {
        if (standby === undefined || this.standbys.get(standby[0]) !== standby[1]) return
        // Another process of this machine has taken the copy over.
        if (!(error instanceof FencedError)) return this.tryAgain(...standby, error)
        this.take(standby[0])
        this.here.add(standby[0])
      })
      .finally(() => {
        this.loading.delete(changelog)
        this.later()
      })
  }

  private standbyOf(state: TaskState): [id: string, standby: Standby] | undefined {
    return [...this.standbys].find(([, standby]) => standby.state === state)
  }

  /** A source topic is followed only as far as its task has processed it. */
  private limitOf({ of, topic, state }: Changelog): number {
    return of === 'source' ? (this.processed.get(`${topic}/${state.partition}`) ?? 0) : Number.POSITIVE_INFINITY
  }

  private ask(): void {
    this.asking ??= setTimeout(async () => {
      const at = this.circle
        .filter(({ of }) => of === 'source')
        .map(({ topic, state }) => ({ topic, partition: state.partition }))
      try {
        const offsets = await this.broker.committedOffsets(at)
        for (const [i, { topic, partition }] of at.entries())
          this.processed.set(`${topic}/${partition}`, itemAt(offsets, i))
      } catch (error) {
        this.log.debug(`standbys: ${(error as Error).message}`)
      }
      this.asking = undefined
      if (at.length === 0 || this.closed) return
      this.ask()
      this.later()
    }, askMs)
  }

  private isWarm(id: string): boolean {
    const standby = this.standbys.get(id)
    return standby === undefined || this.lagOf(standby) <= acceptableLag
  }

  private lagOf({ changelogs }: Standby): number {
    // A standby that starts over has no changelogs yet.
    if (changelogs.length === 0) return Number.MAX_SAFE_INTEGER
    let lag = 0
    for (const changelog of changelogs) {
      const { state, topic } = changelog
      const end = this.reader?.end({ topic, partition: state.partition })
      if (end === undefined) return Number.MAX_SAFE_INTEGER
      const last = Math.min(end.endOffset, this.limitOf(changelog))
      lag += Math.max(0, last - (state.restoredTo.get(topic) ?? 0))
    }
    return lag
  }
}

const isOf = ({ topic, state }: Changelog, at: TopicPartition) => topic === at.topic && state.partition === at.partition
