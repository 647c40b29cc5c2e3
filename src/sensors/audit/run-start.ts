import type { SchemaRegistry } from '../../codecs/codec'
import {
  type Cluster,
  CoordinatorClient,
  check,
  offsetFetch,
  partitionRange,
  topicPartitionCounts,
} from '../../connectors/kafka'
import { entryOf, itemAt } from '../../required'
import type { Beginning } from './oracle'
import type { Job } from './sensors-job'
import { storedState } from './store-state'

/** A coordinator that moves or loads is asked again for so long, ms. */
const answerLimitMs = 30_000

/** Where an audit finds everything. */
export interface AuditEnds {
  readonly cluster: Cluster
  readonly registry: SchemaRegistry
  readonly databaseUrl: string
  /** The topology's MAX_FUTURE_MS. */
  readonly maxFutureMs: number
}

/** Where a run begins, by partition: everything before belongs to earlier runs. */
export interface RunStart {
  readonly partitions: number
  /** The group's positions in the source topic: what the run has to process begins there. */
  readonly from: readonly number[]
  /** The source topic's ends: what the run produces begins there. */
  readonly produced: readonly number[]
  /** Ends of the other topics. */
  readonly ends: ReadonlyMap<string, readonly number[]>
  /** What earlier runs left open, from the store: their own audits have compared it. */
  readonly beginnings: readonly Beginning[]
}

/** Ends of a topic's partitions; zeros for one that doesn't exist yet. */
export async function endsOf(cluster: Cluster, topic: string, partitions: number): Promise<number[]> {
  const count = (await topicPartitionCounts(cluster, [topic])).get(topic) ?? 0
  const ends = new Array<number>(partitions).fill(0)
  for (let partition = 0; partition < Math.min(count, partitions); partition++)
    ends[partition] = (await partitionRange({ cluster }, { topic, partition })).highWatermark
  return ends
}

/** The group's positions in a topic; -1 where it has none. */
export async function committedOffsets(
  cluster: Cluster,
  group: string,
  topic: string,
  partitions: number,
): Promise<number[]> {
  const wanted = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const coordinator = new CoordinatorClient(cluster, 'group', group, 'main')
  const deadline = performance.now() + answerLimitMs
  const { errorCode, offsets } = await coordinator.call(offsetFetch(group, wanted, false), answer => [answer], {
    deadline,
  })
  check(errorCode, `offsets of group ${group}`)
  const found = new Array<number>(partitions).fill(-1)
  for (const { partition, offset } of offsets) found[partition] = offset
  return found
}

/** Topics whose records are part of a run by where they lie. */
const otherTopics = (job: Job): string[] => [
  ...job.rollups.flatMap(({ topic, changelog }) => [topic, changelog]),
  job.times,
  job.repartitionTopic,
  job.deadLetters,
]

/** Notes where a run begins. No worker of the topology may be at work, and the source topic has to exist. */
export async function noteStart({ cluster }: Pick<AuditEnds, 'cluster'>, job: Job): Promise<RunStart> {
  const partitions = (await topicPartitionCounts(cluster, [job.topic])).get(job.topic) ?? 0
  const committed = await committedOffsets(cluster, job.application, job.topic, partitions)
  const from: number[] = []
  for (const [partition, offset] of committed.entries()) {
    const { start } = await partitionRange({ cluster }, { topic: job.topic, partition })
    from.push(Math.max(start, offset))
  }
  const produced = await endsOf(cluster, job.topic, partitions)
  const ends = new Map<string, readonly number[]>()
  for (const topic of otherTopics(job)) ends.set(topic, await endsOf(cluster, topic, partitions))
  const beginnings: Beginning[] = []
  for (let partition = 0; partition < partitions; partition++)
    beginnings.push(await storedState(cluster, job, partition, topic => itemAt(entryOf(ends, topic), partition)))
  return { partitions, from, produced, ends, beginnings }
}
