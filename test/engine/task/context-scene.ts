import { json, text, topology } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
import { type GraphNode, isKind, type NodeKind } from '../../../src/dsl/graph'
import { Judge } from '../../../src/engine/task/judge'
import { SinkOutputs } from '../../../src/engine/task/sink-outputs'
import { TaskContext } from '../../../src/engine/task/task-context'
import { TaskState } from '../../../src/engine/task/task-state'
import { upstreamTimes } from '../../../src/engine/task/task-time'
import { TopicOutputs } from '../../../src/engine/task/topic-outputs'
import { type LoneOptions, partsOf } from './lone-task'

const serdes = { key: text, value: json<any>() }
export const rows = memory<string, any>({ name: 'rows' })
export const last = memory<string, any>({ name: 'last', retains: ({ key }) => key })
export const by = 'app-by-repartition'

/** Records of `in`, straight to two ends and by way of `by` to a count. */
const job = topology('app', s => {
  const read = s.stream('in', serdes)
  read.to(rows)
  read.to(last)
  const homed = read.repartition({ name: 'by', ...serdes, only: 'misplaced' })
  homed.groupByKey().count({ name: 'counts' })
  read.repartition({ name: 'all', ...serdes }).to('out', serdes)
})

/** The context of one task, whose steps are the test. */
export async function contextScene(options: LoneOptions = {}, times: Record<string, unknown> = {}) {
  const { id, plan, partition, environment } = await partsOf(job, { partitions: { in: 2, [by]: 2 }, ...options })
  const state = new TaskState(plan, partition, environment)
  for (const [name, value] of Object.entries(times)) state.times.set(name, value)
  const { partitionCount, findTopic, partitioner, clock, globals = [] } = environment
  const outputs = new TopicOutputs(findTopic, partitioner, clock)
  const judge = new Judge(id, partition, environment, outputs)
  const sinks = new SinkOutputs()
  const upstream = upstreamTimes(plan, partitionCount, state)
  const context = new TaskContext({
    ...{ task: id, partition, environment, state, upstream, timesName: plan.timesName, outputs, sinks, judge },
    stores: new Map([...state.stores, ...globals]),
  })
  const node = <K extends NodeKind>(kind: K, is: (node: GraphNode<K>) => boolean = () => true): GraphNode<K> => {
    const found = plan.nodes.find((each): each is GraphNode<K> => isKind(each, kind) && is(each))
    if (found === undefined) throw new Error(`no ${kind}`)
    return found
  }
  return { context, state, outputs, sinks, judge, upstream, node }
}
