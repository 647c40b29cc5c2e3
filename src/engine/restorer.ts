import type { Broker } from '../connectors/broker'
import type { Batch } from '../connectors/source'
import { UnavailableError } from '../errors'
import type { Log } from '../log'
import { changelogTopic } from './changelog'
import type { Clock } from './clock'
import { timesTopic } from './plan'
import type { Task } from './task'
import type { TaskState } from './task-state'

/** How many changelogs are read at once. */
const lanes = 4

/**
 * Brings tasks to the state of their last commit, from where their local state stands. Returns how many records it took. Once
 * `isOver`, it ends by an error where it stands.
 */
export async function restoreTasks(
  tasks: readonly Task[],
  broker: Pick<Broker, 'readPartition'>,
  clock: Clock,
  log: Log,
  isOver: () => boolean,
): Promise<number> {
  const jobs = tasks.flatMap(task => changelogsOf(task.state))
  const started = clock.monotonic()
  let restored = 0
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { state, topic, apply } = job
      for await (const batch of broker.readPartition(
        { topic, partition: state.partition },
        state.restoredTo.get(topic) ?? 0,
        // To the very end: a former owner's last transaction is committed a little before its markers are everywhere.
        Number.POSITIVE_INFINITY,
      )) {
        apply(batch)
        state.restoredTo.set(topic, batch.nextOffset)
        restored += batch.count
        // Reading a long changelog must not keep the heartbeat waiting.
        await new Promise(setImmediate)
        if (isOver()) throw new UnavailableError('the generation has passed while tasks were restored')
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
  const ms = Math.round(clock.monotonic() - started)
  if (jobs.length === 0 && tasks.length > 0)
    log.info(`restored ${restored} records for ${tasks.length} tasks in ${ms} ms`)
  return restored
}

/** A changelog of a task's state, and how its records are applied. */
export interface Changelog {
  readonly state: TaskState
  readonly topic: string
  readonly ofStore: boolean
  readonly apply: (batch: Batch) => void
}

/** The changelogs that make up a task's state. */
export function changelogsOf(state: TaskState): Changelog[] {
  const { plan, application } = state
  if (plan.stores.length === 0) return []
  const stores = plan.stores
    .filter(spec => spec.changelog)
    .map(({ name }) => ({
      state,
      topic: changelogTopic(application, name),
      ofStore: true,
      apply: (batch: Batch) => state.restoreStore(name, batch),
    }))
  const times = {
    state,
    topic: timesTopic(application),
    ofStore: false,
    apply: (batch: Batch) => state.restoreTimes(batch),
  }
  return [times, ...stores]
}
