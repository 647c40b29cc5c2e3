import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Cluster,
  CoordinatorClient,
  check,
  offsetFetch,
  partitionRange,
  topicPartitionCounts,
} from '../../../../src/connectors/kafka'
import { copyRows } from '../../../../src/connectors/postgres/copy-rows'
import type { TopicPartition } from '../../../../src/connectors/source'
import { heldOffset } from '../../../../src/engine/task/held-record'
import { deadLetterTopic } from '../../../../src/names'
import type { AuditEnds } from '../../../../src/sensors/audit/run-start'
import { sensorsJob as job } from '../../../../src/sensors/audit/sensors-job'

// Where the logs, the group's offsets and Postgres's positions stand once nothing moves any more: what a look compares by its contents may be
// right, and the next owner of a task begin in the wrong place all the same, or wait for a transaction that nobody ends.

/** What has come to the partition's end, and who says so. */
export interface EndPlace extends TopicPartition {
  /** Past the log's last record, of open transactions and of markers too. */
  readonly end: number
  /** The group's offset; undefined where it has none. */
  readonly committed: number | undefined
  /** What was noted with the offset. */
  readonly metadata: string
  /** Postgres's position, undefined where it has none; `untabled` where no table is written from the topic. */
  readonly stored: number | undefined | 'untabled'
}

/** The ends of one log. */
export interface LogEnds extends TopicPartition {
  /** The last stable offset: where the first open transaction begins. */
  readonly stable: number
  /** The high watermark. */
  readonly end: number
}

/** Topics whose records are written to tables by the tasks that read them: a partition has one position, whatever tables there are. */
const tabled = [job.topic, ...job.rollups.map(({ topic }) => topic)]
const read = [...tabled, job.repartitionTopic]
const written = [
  ...job.rollups.flatMap(({ topic, changelog }) => [topic, changelog]),
  ...[job.times, job.repartitionTopic, ...tabled.map(deadLetterTopic)],
]

/** A coordinator that moves or loads is asked again for so long, and one that waits for a transaction, too, ms. */
const ANSWER_LIMIT_MS = 30_000
/**
 * A worker that is killed before its transaction has the offsets leaves it open until it times out, after 10 s, and the broker notices, which looks
 * each 10 s: its next owner ends those alone that the group's offsets are part of.
 */
const HANG_LIMIT_MS = 30_000
const PAUSE_MS = 500

const nameOf = ({ topic, partition }: TopicPartition) => `${topic} partition ${partition}`

/** Partitions whose records aren't processed to the log's end: markers of transactions count, as weir commits behind them. */
export const unprocessed = (places: readonly EndPlace[]): EndPlace[] =>
  places.filter(({ committed = 0, end }) => committed !== end)

/**
 * Each partition that is read has to be committed to its log's end, and Postgres has to be where the group is: its position moves with each commit,
 * with rows or without. It may be before that alone where the commit says that it ends with a record that Postgres has refused.
 */
export function placeFaults(places: readonly EndPlace[]): string[] {
  const faults = unprocessed(places).map(
    place => `${nameOf(place)}: the group is at ${place.committed ?? 'no offset'}, and the log ends at ${place.end}`,
  )
  for (const place of places) {
    const { committed = 0, metadata, stored } = place
    if (stored === 'untabled') continue
    const least = heldOffset(committed, metadata)
    const position = stored ?? 0
    if (position >= least && position <= committed) continue
    faults.push(`${nameOf(place)}: Postgres is at ${stored ?? 'no position'}, and the group at ${committed}`)
  }
  return faults
}

/** Logs with a transaction that is still open. */
export const hangFaults = (logs: readonly LogEnds[]): string[] =>
  logs
    .filter(({ stable, end }) => stable < end)
    .map(log => `${nameOf(log)}: a transaction hangs since offset ${log.stable}, and the log ends at ${log.end}`)

/** All that the application reads. Throws where a topic is missing, and what can't be read. */
export async function endPlaces(ends: Pick<AuditEnds, 'cluster' | 'databaseUrl'>): Promise<EndPlace[]> {
  const { cluster } = ends
  const at = await partitionsOf(cluster, read)
  const [offsets, stored] = [await offsetsOf(cluster, at), await positions(ends)]
  return Promise.all(
    at.map(async each => {
      const { highWatermark } = await partitionRange({ cluster }, each)
      const { offset = -1, metadata = '' } = offsets.get(nameOf(each)) ?? {}
      const position = tabled.includes(each.topic) ? stored.get(nameOf(each)) : ('untabled' as const)
      return { ...each, end: highWatermark, committed: offset < 0 ? undefined : offset, metadata, stored: position }
    }),
  )
}

/**
 * The transactions that hang in any log of the cluster, which is the application's alone: those of its offsets count, and of topics that this list
 * of names doesn't know. What is open gets 30 s to end.
 */
export async function hanging(cluster: Cluster): Promise<string[]> {
  const deadline = performance.now() + HANG_LIMIT_MS
  for (;;) {
    const faults = hangFaults(await allLogs(cluster))
    if (faults.length === 0 || performance.now() > deadline) return faults
    await sleep(PAUSE_MS)
  }
}

async function allLogs(cluster: Cluster): Promise<LogEnds[]> {
  const topics = await cluster.allTopics()
  const lacking = [...new Set([...read, ...written])].filter(name => !topics.some(({ topic }) => topic === name))
  if (lacking.length > 0) throw new Error(`the cluster lacks ${lacking.join(', ')}, which the application needs`)
  const logs: LogEnds[] = []
  for (const { topic, errorCode, partitions } of topics) {
    check(errorCode, `topic ${topic}`)
    const ranges = partitions.map(async ({ partition }) => {
      const { end: stable, highWatermark: end } = await partitionRange({ cluster }, { topic, partition })
      return { topic, partition, stable, end }
    })
    logs.push(...(await Promise.all(ranges)))
  }
  return logs
}

async function partitionsOf(cluster: Cluster, topics: readonly string[]): Promise<TopicPartition[]> {
  const counts = await topicPartitionCounts(cluster, topics)
  return topics.flatMap(topic => {
    const count = counts.get(topic) ?? 0
    if (count === 0) throw new Error(`the cluster lacks ${topic}, which the application reads`)
    return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
  })
}

/** What the group has committed, once no transaction has a say in it. */
async function offsetsOf(cluster: Cluster, at: readonly TopicPartition[]) {
  const coordinator = new CoordinatorClient(cluster, 'group', job.application, 'main')
  const { offsets } = await coordinator.call(
    offsetFetch(job.application, at, true),
    ({ errorCode, offsets }) => [{ errorCode }, ...offsets],
    { deadline: performance.now() + ANSWER_LIMIT_MS },
  )
  return new Map(offsets.map(each => [nameOf(each), each]))
}

async function positions({ cluster, databaseUrl }: Pick<AuditEnds, 'cluster' | 'databaseUrl'>) {
  const found = new Map<string, number>()
  const of = `application = '${job.application}' AND cluster_id = '${await cluster.clusterId()}'`
  for (const topic of tabled) {
    const select = `SELECT partition, next_offset FROM weir_positions WHERE ${of} AND topic = '${topic}'`
    await copyRows(databaseUrl, select, row => found.set(nameOf({ topic, partition: row.int(0) }), row.long(1)))
  }
  return found
}
