import { performance } from 'node:perf_hooks'
import { blameOf } from '../../src/engine/plan/blame'
import type { Plan, SubTopology } from '../../src/engine/plan/plan'
import type { CodecBook } from '../../src/engine/task/codec-book'
import type { LocalState } from '../../src/engine/task/local-state'
import { noLimits } from '../../src/engine/task/output-topics'
import { RestoringTask } from '../../src/engine/task/restoring-task'
import { GlobalState } from '../../src/engine/worker/global-state'
import { graphFacts } from '../../src/operators/facts'

interface Options {
  readonly partition?: number
  /** Where stores on disk are. */
  readonly localState?: LocalState
}

/** A task of a plan without a worker around it: nothing but the graph, its state and its encoders. */
export function taskOf(
  plan: Plan,
  part: SubTopology,
  codecs: CodecBook,
  { partition = 0, localState }: Options = {},
): RestoringTask {
  const topic = { partitions: partition + 1, limits: noLimits }
  const environment = {
    application: plan.topology.name,
    worker: 'bench',
    facts: graphFacts(plan.topology),
    blame: blameOf(plan.topology),
    codecs,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    partitionCount: () => partition + 1,
    findTopic: () => topic,
    partitioner: () => partition,
    localState,
    globals: new GlobalState(plan.topology, codecs).stores,
    maxFutureMs: Number.POSITIVE_INFINITY,
    maxDeadLetterBytes: () => 1024 * 1024,
  }
  return new RestoringTask({ id: `${part.id}_${partition}`, plan: part, partition, environment, start: () => 0 })
}
