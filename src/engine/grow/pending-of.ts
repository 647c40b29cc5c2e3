import type { Broker } from '../../connectors/broker'
import type { TopicPartition } from '../../connectors/source'
import { itemAt } from '../../required'
import type { KeptTimes } from '../plan/kept-times'
import { type KeptPositions, positionsName } from '../task/kept-positions'
import type { PartGrowth } from './growth'

/** Records of one partition that no task has processed. */
export interface Pending {
  readonly at: TopicPartition
  readonly from: number
  readonly to: number
}

/** What waits in topics of a part. Where the group's offsets are gone, the state says them. */
export async function pendingOf(
  topics: readonly string[],
  { part, from: width }: PartGrowth,
  times: readonly KeptTimes[],
  broker: Broker,
): Promise<Pending[]> {
  const ats = topics.flatMap(topic => Array.from({ length: width }, (_, partition) => ({ topic, partition })))
  const [committed, ends] = await Promise.all([
    broker.committedOffsets(ats),
    Promise.all(ats.map(at => broker.endOffset(at))),
  ])
  return ats.map((at, i) => {
    const positions = itemAt(times, at.partition).get(positionsName(part.timesName)) as KeptPositions | undefined
    return { at, from: committed[i] || (positions?.[at.topic]?.offset ?? 0), to: itemAt(ends, i) }
  })
}
