import type { Broker } from '../../connectors/broker'
import type { StartOffset } from '../../connectors/ledger'
import { TopologyError } from '../../errors'
import type { Log } from '../../log'
import { changelogTopic, groupOf } from '../../names'
import { KeptTimes } from '../plan/kept-times'
import { type KeptPositions, positionsName } from '../task/kept-positions'
import type { WantedTask } from './wanted-task'

/** What is asked about the state of tasks whose offsets are gone. */
export interface LostOffsetParts {
  readonly application: string
  readonly broker: Pick<Broker, 'partitionCounts' | 'readPartition' | 'stableOffset' | 'endOffset'>
  readonly log: Log
}

const cause = 'Kafka forgets the offsets of a group at rest after offsets.retention.minutes, 7 days by default'

/**
 * Where tasks continue for which the group has no offsets: at the positions that were kept with their state, so that nothing counts twice. What was
 * never read begins at its start, and so does what kept no times at all: under at least once, state that was written before the first commit. Throws TopologyError where there
 * is state that doesn't say how far it was read, though times are kept of its partition.
 */
export async function fromState(
  starts: readonly StartOffset[],
  wanted: readonly WantedTask[],
  parts: LostOffsetParts,
): Promise<readonly StartOffset[]> {
  const isLost = ({ offset, formerOffset }: StartOffset) => offset === undefined && formerOffset === undefined
  if (!starts.some(isLost)) return starts
  const { application, broker, log } = parts
  const found = new Map<StartOffset, StartOffset>()
  const times = new Map<number, KeptTimes>()
  for (const task of wanted) {
    const own = starts.filter(start => isInputOf(task, start))
    if (!own.some(isLost)) continue
    const kept =
      times.get(task.partition) ?? (await KeptTimes.read(application, task.partition, broker, Number.POSITIVE_INFINITY))
    times.set(task.partition, kept)
    const positions = kept.get(positionsName(task.part.timesName)) as KeptPositions | undefined
    if (positions === undefined && own.every(isLost) && !kept.isEmpty && (await hasState(task, application, broker)))
      throw withoutPositions(task, application)
    for (const start of own.filter(isLost)) found.set(start, keptStart(start, positions))
  }
  say([...found.values()], application, log)
  return starts.map(start => found.get(start) ?? start)
}

const isInputOf = ({ part, partition }: WantedTask, start: StartOffset) =>
  start.partition === partition && part.sources.some(({ spec }) => spec.topic === start.topic)

/** An offset of a deleted topic says nothing about the topic that has its name now. */
function keptStart(start: StartOffset, positions: KeptPositions | undefined): StartOffset {
  const kept = positions?.[start.topic]
  if (kept === undefined) return start
  const isAnother = kept.topicId !== undefined && start.topicId !== undefined && kept.topicId !== start.topicId
  return isAnother ? { ...start, formerOffset: kept.offset } : { ...start, offset: kept.offset }
}

async function hasState(
  { part, partition }: WantedTask,
  application: string,
  broker: LostOffsetParts['broker'],
): Promise<boolean> {
  for (const { name } of part.stores.filter(({ changelog }) => changelog)) {
    const at = { topic: changelogTopic(application, name), partition }
    if ((await broker.endOffset(at)) === 0) continue
    for await (const { count } of broker.readPartition(at)) if (count > 0) return true
  }
  return false
}

function withoutPositions({ id, part }: WantedTask, application: string): TopologyError {
  const stores = part.stores.map(({ name }) => name).join(', ')
  return new TopologyError(
    `task ${id}: group "${groupOf(application)}" has no offsets, and the state of ${stores} doesn't say how far it was read: from the start, everything would count twice (${cause}); ` +
      '`weir topology reset --execute` begins both anew, `--to` at a time of your choice',
  )
}

function say(found: readonly StartOffset[], application: string, log: Log): void {
  const kept = found.filter(({ offset }) => offset !== undefined)
  if (kept.length === 0) return
  const places = kept.map(({ topic, partition, offset }) => `${topic}/${partition}: ${offset}`).join(', ')
  log.warn(
    `group "${groupOf(application)}" has no offsets (${cause}); it continues from those that were kept with its state: ${places}`,
  )
}
