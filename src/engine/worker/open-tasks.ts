import type { Broker } from '../../connectors/broker'
import type { Ledger, Membership, StartOffset } from '../../connectors/ledger'
import { kindOf, type Sink } from '../../connectors/sink'
import type { Reader, TopicPartition } from '../../connectors/source'
import type { Log } from '../../log'
import type { Outages } from '../../outages'
import { itemAt, required } from '../../required'
import type { Plan } from '../plan/plan'
import type { Clock } from '../task/clock'
import { type IdleClock, idleClockOf } from '../task/idle-clock'
import type { Looks } from '../task/looks'
import { RestoringTask } from '../task/restoring-task'
import type { Task } from '../task/task'
import type { TaskEnvironment } from '../task/task-environment'
import { CommitRoad } from './commit-road'
import type { CommitTraces } from './commit-traces'
import { fromState } from './lost-offsets'
import { restoreTasks } from './restorer'
import { openSink, sinkTasksOf } from './sink-tasks'
import type { Standbys } from './standbys'
import type { Tally } from './tally'
import type { TopicBook } from './topic-book'
import type { TopicWidths } from './topic-widths'
import type { WantedTask } from './wanted-task'

/** One task of a generation, what of it is committed in Kafka, and its idle clock. */
export interface Slot {
  readonly task: Task
  readonly idle: IdleClock | undefined
  /** How many partitions topics had when it was made: it knows of no others. */
  readonly widths: ReadonlyMap<string, number>
  /** Ids of the topics that it reads, as far as they are known: of one that was made again no offset means anything. */
  readonly topicIds?: ReadonlyMap<string, string | undefined>
  /** Offset and mark of the last commit that is known to be in Kafka, by topic. */
  sealed: Map<string, { offset: number | undefined; metadata: string }>
}

/** What a worker's generations are made of. */
export interface WorkerParts {
  readonly application: string
  readonly plan: Plan
  readonly broker: Broker
  readonly sinks: readonly Sink[]
  readonly reader: Reader
  readonly environment: TaskEnvironment
  readonly clock: Clock
  readonly log: Log
  readonly tally: Tally
  /** Absent where commits aren't traced. */
  readonly traces: CommitTraces | undefined
  readonly standbys: Standbys
  readonly outages: Outages
  /** Services that an attempt has missed, in whichever generation: a commit shows that they are back. */
  readonly missed: Set<string>
  readonly widths: TopicWidths
  /** Looks at partitions whose silence is waited for. */
  readonly looks: Looks
  /** The topics that tasks write to. */
  readonly topics: TopicBook
}

/** What is committed, and where reading continues. */
interface Start extends StartOffset {
  readonly from: number
}

/** Tasks at work, and the road on which they are committed. */
export interface OpenTasks {
  readonly ledger: Ledger
  readonly road: CommitRoad
  readonly slots: Map<string, Slot>
}

/**
 * Takes tasks over: fences former owners in Kafka and at the ends, keeps the state that is still the committed one, restores the
 * rest, and sets the reader to the committed offsets. On a throw nothing is held; what was restored is `known`, or kept with the standbys.
 */
export async function openTasks(
  wanted: readonly WantedTask[],
  known: Map<string, Slot>,
  membership: Membership,
  parts: WorkerParts,
  isOver: () => boolean,
): Promise<OpenTasks> {
  const { broker, sinks, environment, tally, traces } = parts
  await environment.localState?.identify(parts.plan, broker)
  const ledger = await broker.openLedger(membership, inputsOf(wanted, environment))
  try {
    const ready = await restoreSlots(wanted, ledger.starts, known, parts, isOver)
    await beginReading(ready, ledger, parts)
    traces?.opened()
    const { slots } = ready
    const { partitionCount } = environment
    return { ledger, slots, road: new CommitRoad({ sinks, ledger, tally, traces, partitionCount }) }
  } catch (error) {
    await ledger.close().catch(() => undefined)
    throw error
  }
}

/** Tasks whose state is the committed one, and where they begin. */
export interface ReadySlots {
  readonly slots: Map<string, Slot>
  readonly startOf: (at: TopicPartition) => Start
}

/** Brings tasks to the state that is committed: what is known of them is kept where it is that, the rest restored. */
export async function restoreSlots(
  wanted: readonly WantedTask[],
  committed: readonly StartOffset[],
  known: Map<string, Slot>,
  parts: WorkerParts,
  isOver: () => boolean,
): Promise<ReadySlots> {
  const { broker, environment, clock, log, tally, standbys, widths } = parts
  const fresh: RestoringTask[] = []
  try {
    const found = environment.keepsPositions ? await fromState(committed, wanted, parts) : committed
    const starts = await Promise.all(found.map(start => fromLogStart(start, broker)))
    warnOfReplaced(starts, log)
    const startOf = (at: TopicPartition) =>
      required(
        starts.find(each => each.topic === at.topic && each.partition === at.partition),
        `the start of ${at.topic}/${at.partition}`,
      )
    const slots = new Map<string, Slot>()
    for (const { id, part, partition } of wanted) {
      const old = known.get(id)
      const start = (at: TopicPartition) => startOf(at).from
      if (old?.task.state.isOwner && old.widths === widths.counts && isCurrent(old, startOf, partition)) {
        old.task.rollback(start)
        slots.set(id, old)
        continue
      }
      const former = standbys.take(id) ?? old?.task.sealedState
      // A copy on disk that another worker of this machine has taken over meanwhile is opened anew.
      const topicId = (topic: string) => startOf({ topic, partition }).topicId
      const parts = { id, plan: part, partition, environment, start, topicId }
      fresh.push(new RestoringTask(parts, former?.isOwner ? former : undefined))
    }
    await restoreTasks(fresh, broker, clock, log, isOver, tally)
    for (const restored of fresh) {
      const slot = slotOf(restored.start(), startOf, widths)
      slots.set(restored.id, slot)
      known.set(restored.id, slot)
    }
    return { slots, startOf }
  } catch (error) {
    for (const { id, state } of fresh) if (known.get(id)?.task.state !== state) standbys.keep(id, state)
    throw error
  }
}

/**
 * Takes the tasks over at the ends and has their records read. A worker that has slept since it was given them would take them from the one that has them
 * now, which notices only as it writes again.
 */
export async function beginReading({ slots, startOf }: ReadySlots, ledger: Ledger, parts: WorkerParts): Promise<void> {
  await ledger.prove()
  await openSinks([...slots.values()], parts, startOf, ledger)
  for (const { task } of slots.values())
    for (const input of task.inputs) parts.reader.seek(input, input.position, startOf(input).topicId)
}

/** The tasks of which something else is committed than what they have committed themselves. */
export function overtaken(slots: Iterable<Slot>, committed: readonly StartOffset[]): string[] {
  const startOf = ({ topic, partition }: TopicPartition) =>
    required(
      committed.find(each => each.topic === topic && each.partition === partition),
      `the offset of ${topic}/${partition}`,
    )
  return [...slots].flatMap(slot => (isCurrent(slot, startOf, slot.task.partition) ? [] : [slot.task.id]))
}

/** An offset that was committed for a deleted topic means nothing in the topic that was made under its name since. */
function warnOfReplaced(starts: readonly Start[], log: Log): void {
  const replaced = starts.filter(({ formerOffset }) => formerOffset !== undefined)
  for (const topic of new Set(replaced.map(({ topic }) => topic))) {
    const places = replaced.filter(each => each.topic === topic).map(each => `${each.partition}: ${each.formerOffset}`)
    log.warn(
      `topic ${topic} was deleted and made again: it is read from its start, where the former one was read up to (partition: offset) ${places.join(', ')}`,
    )
  }
}

/** A partition that was never committed is read from its log's start, which retention may have moved. */
async function fromLogStart(start: StartOffset, broker: Broker): Promise<Start> {
  const { offset } = start
  return { ...start, from: offset ?? (await broker.startOffset(start)) }
}

/** The partitions that tasks read. */
export const inputsOf = (wanted: readonly WantedTask[], { partitionCount }: TaskEnvironment): TopicPartition[] =>
  wanted.flatMap(({ part, partition }) =>
    part.sources
      .map(({ spec: { topic } }) => ({ topic, partition }))
      .filter(({ topic }) => partition < partitionCount(topic)),
  )

function slotOf(task: Task, startOf: (at: TopicPartition) => StartOffset, widths: TopicWidths): Slot {
  const sealed = new Map(
    task.inputs.map(input => {
      const { offset, metadata } = startOf(input)
      return [input.topic, { offset, metadata }]
    }),
  )
  const topicIds = new Map(task.inputs.map(input => [input.topic, startOf(input).topicId]))
  return { task, idle: idleClockOf(task, topic => widths.of(topic)), widths: widths.counts, topicIds, sealed }
}

/** Whether the task's sealed state is the one that Kafka has: same offsets, and put there by the same commit. */
function isCurrent({ sealed }: Slot, startOf: (at: TopicPartition) => StartOffset, partition: number): boolean {
  for (const [topic, { offset, metadata }] of sealed) {
    const start = startOf({ topic, partition })
    if (start.offset !== offset || start.metadata !== metadata) return false
  }
  return true
}

async function openSinks(
  slots: readonly Slot[],
  { sinks, broker, tally }: Pick<WorkerParts, 'sinks' | 'broker' | 'tally'>,
  startOf: (at: TopicPartition) => Start,
  ledger: Ledger,
): Promise<void> {
  for (const one of await sinkTasksOf(slots, sinks, broker, startOf)) {
    const { sink, at, tasks } = one
    const kind = kindOf(sink)
    const positions = await tally.end(kind).during(openSink(one, broker, ledger))
    for (const [i, task] of tasks.entries()) task.skipBelow(kind, itemAt(at, i).topic, itemAt(positions, i))
  }
}
