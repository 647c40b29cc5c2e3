import type { Broker } from '../../connectors/broker'
import type { Batch } from '../../connectors/source'
import { StreamError, UnavailableError, UnfitError } from '../../errors'
import type { Log } from '../../log'
import { changelogTopic, timesTopic } from '../../names'
import { itemAt } from '../../required'
import type { KeptStore } from '../../state/store'
import { keepsTimes } from '../plan/plan'
import { sourceTables } from '../plan/source-tables'
import type { Clock } from '../task/clock'
import type { MissingSchema } from '../task/input'
import type { RestoringTask } from '../task/restoring-task'
import type { TaskState } from '../task/task-state'
import { RestoreProgress, type RestoreTally, type Road } from './restore-progress'

/** How many changelogs are read at once. */
const lanes = 4

/**
 * Brings tasks to the state of their last commit, from what their local state has. Returns how many records it read. Throws
 * UnavailableError soon after `isOver` becomes true.
 */
export async function restoreTasks(
  tasks: readonly RestoringTask[],
  broker: Pick<Broker, 'readPartition' | 'startOffset' | 'endOffset'>,
  clock: Clock,
  log: Log,
  isOver: () => boolean,
  tally: RestoreTally = { restored: 0 },
): Promise<number> {
  const jobs = logsOf(tasks)
  const started = clock.monotonic()
  const before = tally.restored
  const progress = new RestoreProgress([...jobs], broker, clock, log, tally)
  let kept = 0
  let lacked = 0
  let failure: unknown
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { topic, partition, to, changelogs } = job
      for (const changelog of changelogs)
        if (changelog.store !== undefined) {
          // Not `+= await`: another lane may add to it during the wait.
          const had = await fitTo(changelog, changelog.store, broker, log)
          kept += had
        }
      const from = job.done()
      if (from === 0) await checkWhole(itemAt(changelogs, 0), broker)
      for await (const batch of broker.readPartition({ topic, partition }, from, to, 'pass')) {
        for (const changelog of changelogs) {
          await applied(changelog, batch)
          if (changelog.store !== undefined) lacked += batch.count
        }
        progress.read(batch.count)
        // Reading a long changelog must not keep the heartbeat waiting.
        await new Promise(setImmediate)
        if (isOver()) throw new UnavailableError('the generation has passed while tasks were restored')
        if (failure !== undefined) return
      }
    }
  }
  const laneOf = () =>
    work().catch(error => {
      failure ??= error
      jobs.length = 0
    })
  // Waits for all, also after a failure: the next attempt uses what is half restored, and nothing may still be writing to it then.
  await Promise.all(Array.from({ length: lanes }, laneOf))
  progress.end()
  if (failure !== undefined) throw failure
  for (const { state } of tasks) state.unreadable.throwIfAny()
  const ms = Math.round(clock.monotonic() - started)
  const restored = tally.restored - before
  const had = kept === 0 ? '' : `; copies on disk had ${kept} offsets already, and lacked ${lacked} records`
  if (tasks.length > 0) log.info(`restored ${restored} records for ${tasks.length} tasks in ${ms} ms${had}`)
  return restored
}

/** A log that is read once, and the changelogs that it is: the times of all tasks of a partition are in one. */
interface ReadLog extends Road {
  readonly changelogs: readonly Changelog[]
}

function logsOf(tasks: readonly RestoringTask[]): ReadLog[] {
  const logs = new Map<string, ReadLog & { readonly changelogs: Changelog[] }>()
  for (const task of tasks)
    for (const changelog of changelogsOf(task.state)) {
      const [{ topic, of }, { partition }] = [changelog, task]
      const changelogs = logs.get(`${topic}/${partition}`)?.changelogs ?? []
      changelogs.push(changelog)
      // To the very end: a former owner's last transaction is committed a little before its markers are everywhere.
      const to = of === 'source' ? task.positionOf(topic) : Number.POSITIVE_INFINITY
      const done = () => Math.min(...changelogs.map(({ state }) => state.restoredTo.get(topic) ?? 0))
      logs.set(`${topic}/${partition}`, { topic, partition, to, done, changelogs })
    }
  return [...logs.values()]
}

/** Applies a batch, and waits until it is there. Throws StreamError for what can't be read of it. */
async function applied(changelog: Changelog, batch: Batch): Promise<void> {
  const { state, topic, apply, store } = changelog
  const damage = damageIn(changelog, batch)
  if (damage !== undefined) throw damage
  for (let missing = apply(batch); missing !== undefined; missing = apply(batch)) await missing.load()
  await store?.settled()
  state.restoredTo.set(topic, batch.nextOffset)
}

/** Throws UnfitError for a changelog whose first records are gone: compaction never moves a log's start, so that somebody has deleted them. */
export async function checkWhole(
  { state: { partition }, topic, of }: Changelog,
  broker: Pick<Broker, 'startOffset'>,
): Promise<void> {
  const start = of === 'source' ? 0 : await broker.startOffset({ topic, partition })
  if (start === 0) return
  throw new UnfitError(
    `changelog ${topic}/${partition} begins at offset ${start}: what was before it was deleted, and state would be missing: begin anew with \`weir topology reset\``,
    { service: 'Kafka' },
  )
}

/** Empties a copy on disk that its changelog can't bring up to date; returns the offset that the copy has reached. */
export async function fitTo(
  { state, topic }: Changelog,
  store: KeptStore,
  broker: Pick<Broker, 'startOffset' | 'endOffset'>,
  log: Log,
): Promise<number> {
  const { partition } = state
  // A write that a former owner of this state began.
  await store.settled()
  const { position } = store
  let unfit = position === 0 ? store.emptied : undefined
  if (position > 0) {
    const at = { topic, partition }
    const [start, end] = await Promise.all([broker.startOffset(at), broker.endOffset(at)])
    if (position > end) unfit = `it is at offset ${position} of a log that ends at ${end}`
    if (position < start) unfit = `it is at offset ${position} of a log that begins at ${start}`
  }
  if (unfit !== undefined) {
    log.warn(`store ${store.name}, partition ${partition}: the copy on disk is of no use, ${unfit}; restored in full`)
    if (position > 0) store.clear()
  }
  if (store.position > 0) state.restoredTo.set(topic, store.position)
  else state.restoredTo.delete(topic)
  return store.position
}

/** A topic that a part of a task's state is restored from, and how its records are applied. */
export interface Changelog {
  readonly state: TaskState
  readonly topic: string
  /** A source topic may be read up to its committed offset only: the rest is still to be processed. */
  readonly of: 'times' | 'store' | 'source'
  /** Set where the store has a copy on disk: a batch is there once the store is settled. */
  readonly store?: KeptStore | undefined
  /** Applies a batch; or gives the schema that has to be loaded first, with nothing applied. */
  readonly apply: (batch: Batch) => MissingSchema | undefined
}

/**
 * Why a batch of a changelog can't be applied: what can't be read of it is state that would be missing. Undefined where all of it can
 * be read. A source topic is another matter: what can't be read there was a dead letter when it was processed.
 */
export function damageIn(
  { of }: Pick<Changelog, 'of'>,
  { topic, partition, damaged = [] }: Batch,
): StreamError | undefined {
  const [first] = damaged
  if (of === 'source' || first === undefined) return undefined
  return new StreamError(
    `changelog ${topic}/${partition}, offsets ${first.firstOffset} to ${first.lastOffset}, can't be read (${first.reason}), and state would be missing: ` +
      'mend the log, or begin the store anew with `weir topology reset`',
  )
}

/** The topics that make up a task's state. */
export function changelogsOf(state: TaskState): Changelog[] {
  const { plan, application } = state
  if (!keepsTimes(plan)) return []
  const logged = (of: 'times' | 'store', topic: string, restore: (batch: Batch) => unknown): Changelog => ({
    state,
    topic,
    of,
    apply: batch => {
      restore(batch)
      return undefined
    },
  })
  return [
    logged('times', timesTopic(application), batch => state.restoreTimes(batch)),
    ...plan.stores
      .filter(spec => spec.changelog)
      .map(({ name }) => ({
        ...logged('store', changelogTopic(application, name), batch => state.restoreStore(name, batch)),
        store: state.kept.find(store => store.name === name),
      })),
    ...sourceTables(plan).map(
      ({ source: { spec } }): Changelog => ({
        state,
        topic: spec.topic,
        of: 'source',
        apply: batch => state.restoreSource(spec.topic, batch),
      }),
    ),
  ]
}
