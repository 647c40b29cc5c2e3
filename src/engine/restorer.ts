import type { Broker } from '../connectors/broker'
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
  const jobs = tasks.flatMap(task => jobsOf(task, application))
  const started = clock.monotonic()
  let restored = 0
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { task, topic, apply } = job
      for await (const batch of broker.readPartition(
        { topic, partition: task.partition },
        task.restoredTo.get(topic) ?? 0,
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

function jobsOf(task: Task, application: string) {
  const stateful = task.plan.stores.length > 0
  const stores = task.plan.stores
    .filter(spec => spec.changelog || spec.sourceTopic !== undefined)
    .map(spec => ({
      task,
      topic: spec.sourceTopic ?? changelogTopic(application, spec.name),
      apply: (batch: Parameters<Task['restoreTimes']>[0]) => task.restoreStore(spec.name, batch),
    }))
  const times = {
    task,
    topic: timesTopic(application),
    apply: (batch: Parameters<Task['restoreTimes']>[0]) => task.restoreTimes(batch),
  }
  return stateful ? [times, ...stores] : []
}
