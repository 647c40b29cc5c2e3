import { graphFacts } from '../../operators/facts'
import type { Store } from '../../state/store'
import { blameOf } from '../plan/blame'
import { usualDeadLetterBytes } from '../plan/dead-letter'
import { keepsTimes } from '../plan/plan'
import { manifestOf } from '../plan/state-manifest'
import type { TaskEnvironment } from '../task/task-environment'
import { FaultLog } from './fault-log'
import type { LateLog } from './late-log'
import { add, type Tally } from './tally'
import type { TopicBook } from './topic-book'
import type { TopicWidths } from './topic-widths'
import type { WorkerOptions } from './worker-options'

/** What all tasks of a worker share. */
export function environmentOf(
  options: WorkerOptions,
  widths: TopicWidths,
  worker: string,
  globals: ReadonlyMap<string, Store>,
  tally: Tally,
  late: LateLog,
  topics: TopicBook,
): TaskEnvironment {
  const { plan, broker, clock, codecs, deadLetterBytes, maxFutureMs, localState } = options
  const faults = new FaultLog(options.log, clock)
  return {
    globals,
    localState,
    application: plan.topology.name,
    manifest: manifestOf(plan, options.formerTopics, widths.counts, options.grownTopics),
    keepsPositions: plan.subTopologies.some(keepsTimes),
    worker,
    facts: graphFacts(plan.topology),
    blame: blameOf(plan.topology),
    codecs,
    clock,
    partitionCount: topic => widths.of(topic),
    findTopic: topics.find,
    partitioner: (key, count) => broker.partitionOf(key, count),
    maxFutureMs,
    maxDeadLetterBytes: topic => deadLetterBytes?.get(topic) ?? usualDeadLetterBytes,
    onCount: (what, step, count) => add(tally[what], step, count),
    onLate: (step, windows, byMs) => late.note(step, windows, byMs),
    onBadRecord: (task, step, at, error) => {
      tally.failed(step, at, error)
      faults.note(step, at, error)
      options.onBadRecord?.(task, step, at, error)
    },
  }
}
