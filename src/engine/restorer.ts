import type { Broker } from '../connectors/broker'
import type { Batch } from '../connectors/source'
import type { Log } from '../log'
import { changelogTopic } from './changelog'
import type { Clock } from './clock'
import { timesTopic } from './plan'
import type { Task } from './task'

/** How many changelogs are read at once. */
const lanes = 4

/** Brings tasks to the state of their last commit, from where their local state stands. Returns how many records it took. */
export async function restoreTasks(
  tasks: readonly Task[],
  application: string,
  broker: Pick<Broker, 'readPartition'>,
  clock: Clock,
  log: Log,
): Promise<number> {
  const jobs = tasks.flatMap(task => changelogsOf(task, application))
  const started = clock.monotonic()
  let restored = 0
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { task, topic, apply } = job
      for await (const batch of broker.readPartition(
        { topic, partition: task.partition },
        task.restoredTo.get(topic) ?? 0,
        // To the very end: a former owner's last transaction is committed a little before its markers are everywhere.
        Number.POSITIVE_INFINITY,
      )) {
        apply(batch)
        task.restoredTo.set(topic, batch.nextOffset)
        restored += batch.count
        // Reading a long changelog must not keep the heartbeat waiting.
        await new Promise(setImmediate)
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
  const ms = Math.round(clock.monotonic() - started)
  if (jobs.length === 0 && tasks.length > 0)
    log.info(`restored ${restored} records for ${tasks.length} tasks in ${ms} ms`)
  return restored
}

/** A changelog of a task, and how its records are applied. */
export interface Changelog {
  readonly task: Task
  readonly topic: string
  readonly ofStore: boolean
  readonly apply: (batch: Batch) => void
}

/** The changelogs that make up a task's state. */
export function changelogsOf(task: Task, application: string): Changelog[] {
  if (task.plan.stores.length === 0) return []
  const stores = task.plan.stores
    .filter(spec => spec.changelog)
    .map(({ name }) => ({
      task,
      topic: changelogTopic(application, name),
      ofStore: true,
      apply: (batch: Batch) => task.state.restoreStore(name, batch),
    }))
  const times = {
    task,
    topic: timesTopic(application),
    ofStore: false,
    apply: (batch: Batch) => task.state.restoreTimes(batch),
  }
  return [times, ...stores]
}
