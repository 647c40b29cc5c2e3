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

/** Where a task is committed up to, and with which mark. */
type Committed = (at: TopicPartition) => { readonly from: number; readonly metadata: string }

/** What each sink is opened with for these tasks, without those that have nothing for it. */
export async function sinkTasksOf(
  slots: readonly { readonly task: Task }[],
  sinks: readonly Sink[],
  broker: Pick<Broker, 'topicIds' | 'endOffset'>,
  startOf: Committed,
): Promise<SinkOpening[]> {
  const direct = slots.flatMap(({ task }) => task.plan.direct.map(({ topic }) => topic))
  const topicIds = direct.length > 0 ? await broker.topicIds([...new Set(direct)]) : new Map<string, string>()
  const openings = sinks.map(async sink => {
    const at: Promise<SinkTask>[] = []
    const tasks: Task[] = []
    for (const { task } of slots) {
      for (const { topic } of task.plan.direct.filter(({ kind }) => kind === kindOf(sink))) {
        const where = { topic, partition: task.partition }
        const { from, metadata } = startOf(where)
        const offset = heldOffset(from, metadata)
        const topicId = topicIds.get(topic) ?? ''
        at.push(broker.endOffset(where).then(endOffset => ({ task: task.id, ...where, topicId, offset, endOffset })))
        tasks.push(task)
      }
    }
    return { sink, at: await Promise.all(at), tasks }
  })
  return (await Promise.all(openings)).filter(({ tasks }) => tasks.length > 0)
}
