import type { Broker } from '../../connectors/broker'
import type { Ledger } from '../../connectors/ledger'
import { kindOf, type Sink, type SinkTask } from '../../connectors/sink'
import type { TopicPartition } from '../../connectors/source'
import { SinkError } from '../../errors'
import { itemAt } from '../../required'
import { heldOffset } from '../task/held-record'
import type { Task } from '../task/task'
import { opening } from './of-end'

/** How often a sink is opened with ends of logs that have grown meanwhile. */
const MOST_OPENINGS = 3

/** What a sink is opened with, and the task of each. */
interface SinkOpening {
  readonly sink: Sink
  readonly at: readonly SinkTask[]
  readonly tasks: readonly Task[]
}

interface Committed {
  readonly from: number
  readonly metadata: string
}

/** Where a task is committed up to, and with which mark. */
type CommittedOf = (at: TopicPartition) => Committed | Promise<Committed>

/** What each sink is opened with for these tasks, without those that have nothing for it. */
export async function sinkTasksOf(
  slots: readonly { readonly task: Task }[],
  sinks: readonly Sink[],
  broker: Pick<Broker, 'topicIds' | 'endOffset'>,
  startOf: CommittedOf,
): Promise<SinkOpening[]> {
  const direct = slots.flatMap(({ task }) => task.plan.direct.map(({ topic }) => topic))
  const topicIds = direct.length > 0 ? await broker.topicIds([...new Set(direct)]) : new Map<string, string>()
  const openings = sinks.map(async sink => {
    const at: Promise<SinkTask>[] = []
    const tasks: Task[] = []
    for (const { task } of slots) {
      for (const { topic } of task.plan.direct.filter(({ kind }) => kind === kindOf(sink))) {
        const where = { topic, partition: task.partition }
        at.push(sinkTask(task.id, where, topicIds.get(topic) ?? ''))
        tasks.push(task)
      }
    }
    return { sink, at: await Promise.all(at), tasks }
  })
  return (await Promise.all(openings)).filter(({ tasks }) => tasks.length > 0)

  async function sinkTask(task: string, where: TopicPartition, topicId: string): Promise<SinkTask> {
    const [{ from, metadata }, endOffset] = await Promise.all([startOf(where), broker.endOffset(where)])
    return { task, ...where, topicId, offset: heldOffset(from, metadata), endOffset }
  }
}

/**
 * Takes the tasks over at an end, and returns its positions. A former owner that was still at work when the ends of the logs were asked for may have written
 * past them since: before a position is said to contradict Kafka's, they are asked for once more, by a worker that still has the tasks.
 */
export async function openSink(
  { sink, at }: SinkOpening,
  broker: Pick<Broker, 'endOffset'>,
  ledger: Pick<Ledger, 'prove'>,
): Promise<number[]> {
  for (let tasks = at, openings = 1; ; openings++) {
    try {
      return await opening(kindOf(sink), sink.open(tasks))
    } catch (error) {
      if (!(error instanceof SinkError && error.fatal) || openings === MOST_OPENINGS) throw error
      await ledger.prove()
      const ends = await Promise.all(tasks.map(task => broker.endOffset(task)))
      if (tasks.every(({ endOffset }, i) => ends[i] === endOffset)) throw error
      tasks = tasks.map((task, i) => ({ ...task, endOffset: itemAt(ends, i) }))
    }
  }
}
