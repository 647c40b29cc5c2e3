import type { Broker } from '../../connectors/broker'
import { kindOf, type Sink, type SinkTask } from '../../connectors/sink'
import type { TopicPartition } from '../../connectors/source'
import { heldOffset } from '../task/held-record'
import type { Task } from '../task/task'

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
