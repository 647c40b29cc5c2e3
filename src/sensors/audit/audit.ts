import { partitionOf, readPartition } from '../../connectors/kafka'
import { entryOf, itemAt } from '../../required'
import { auditRollup, type RollupAudit, type Until } from './audit-rollup'
import { type Difference, sumOf } from './compare'
import { compareRows } from './compare-rows'
import { type Recomputed, recompute } from './oracle'
import { readLog } from './read-log'
import type { ReadingLog } from './reading-log'
import { ReadingSet } from './reading-set'
import { type AuditEnds, endsOf, type RunStart } from './run-start'
import type { Job } from './sensors-job'
import { idleDecisions } from './store-state'
import { UnorderedWindows } from './unordered-windows'

/** Readings that are compared in one go: bounds the memory (about 30 bytes each). */
const mostAtOnce = 8_000_000

export interface Audit {
  /** Records that the source topic got since the run's start, by partition. */
  readonly produced: readonly number[]
  /** Readings that the run had to process, without the dead letters. */
  readonly readings: number
  readonly rows: Difference
  /** Distinct (partition, offset) among the rows. */
  readonly distinctRows: number
  readonly deadLetters: { readonly expected: number; readonly found: number }
  readonly rollups: readonly RollupAudit[]
  /** The distinct readings, as a subscriber that has seen all of them would. */
  readonly set: ReadingSet
  /**
   * Partitions that read the repartition topic too: the log doesn't tell in which order with their own records, so their sums
   * are compared but for rounding, and no reading of theirs may have been late.
   */
  readonly unordered: readonly number[]
}

/** Partitions whose readings fit into memory together. */
function groupsOf(from: readonly number[], to: readonly number[]): number[][] {
  const groups: number[][] = []
  let room = 0
  for (const [partition, end] of to.entries()) {
    const size = end - itemAt(from, partition)
    if (groups.length === 0 || size > room) {
      groups.push([])
      room = mostAtOnce
    }
    itemAt(groups, groups.length - 1).push(partition)
    room -= size
  }
  return groups
}

/** The partition that makes a sensor's rollups, remembered: the hash costs. */
function homes(partitions: number): (sensor: number) => number {
  const known = new Map<number, number>()
  return sensor => {
    let home = known.get(sensor)
    if (home === undefined) known.set(sensor, (home = partitionOf(String(sensor), partitions)))
    return home
  }
}

async function recomputePartition(
  { cluster }: AuditEnds,
  job: Job,
  start: RunStart,
  log: ReadingLog,
  until: Until,
  homeOf: (sensor: number) => number,
): Promise<Recomputed> {
  const { partition } = log
  const from = itemAt(entryOf(start.ends, job.times), partition)
  const decisions = await idleDecisions(cluster, job, partition, from, itemAt(until(job.times), partition))
  const belongs = (sensor: number) => homeOf(sensor) === partition
  const options = { sizesMs: sizesOf(job), graceMs: job.graceMs, belongs }
  return recompute(log, decisions, options, itemAt(start.beginnings, partition))
}

async function countRecords({ cluster }: AuditEnds, topic: string, start: RunStart, until: Until): Promise<number> {
  let count = 0
  for (const [partition, end] of until(topic).entries()) {
    const from = itemAt(entryOf(start.ends, topic), partition)
    if (from >= end) continue
    for await (const batch of readPartition({ cluster }, { topic, partition }, from, end)) count += batch.count
  }
  return count
}

const sizesOf = (job: Job) => job.rollups.map(({ sizeMs }) => sizeMs)

/** What the log says of its partitions, and what the raw table has of them. */
async function auditReadings(ends: AuditEnds, job: Job, start: RunStart, to: readonly number[], until: Until) {
  const set = new ReadingSet()
  const homeOf = homes(start.partitions)
  const exact = new Map<number, Recomputed>()
  const unordered = new UnorderedWindows(sizesOf(job), start, repartitioned(job, start, until))
  const differences: Difference[] = []
  const totals = { readings: 0, dead: 0, distinctRows: 0 }
  for (const group of groupsOf(start.from, to)) {
    const logs: ReadingLog[] = []
    for (const partition of group) {
      const [from, end] = [itemAt(start.from, partition), itemAt(to, partition)]
      const log = await readLog(ends, job.topic, partition, from, end)
      logs.push(log)
      for (let i = 0; i < log.count; i++) {
        const sensor = log.sensorAt(i)
        const timestamp = log.timestampAt(i)
        set.add(sensor, timestamp)
        unordered.add(homeOf(sensor), sensor, log.temperatureAt(i), timestamp)
      }
      totals.readings += log.count
      totals.dead += log.dead.length
      if (!unordered.partitions.includes(partition))
        exact.set(partition, await recomputePartition(ends, job, start, log, until, homeOf))
    }
    for (const comparison of await compareRows(ends, job, logs)) {
      differences.push(comparison.end())
      totals.distinctRows += comparison.distinct
    }
  }
  return { set, expectation: { exact, unordered }, rows: sumOf(differences), ...totals }
}

/** Partitions whose repartition topic got records during the run. */
function repartitioned(job: Job, start: RunStart, until: Until): number[] {
  const before = entryOf(start.ends, job.repartitionTopic)
  return until(job.repartitionTopic).flatMap((end, partition) => (end > itemAt(before, partition) ? [partition] : []))
}

/**
 * Compares what a run has left at all its ends with a recomputation of its own from the source topic's log. Everything has to
 * be processed and committed: call it when the lag is 0. Throws UnavailableError for an end that doesn't answer.
 */
export async function audit(ends: AuditEnds, job: Job, start: RunStart): Promise<Audit> {
  const { cluster } = ends
  const to = await endsOf(cluster, job.topic, start.partitions)
  const others = new Map<string, readonly number[]>()
  for (const topic of start.ends.keys()) others.set(topic, await endsOf(cluster, topic, start.partitions))
  const until: Until = topic => entryOf(others, topic)
  const { set, expectation, rows, readings, dead, distinctRows } = await auditReadings(ends, job, start, to, until)
  const rollups: RollupAudit[] = []
  for (const rollup of job.rollups) rollups.push(await auditRollup(ends, job, rollup, start, expectation, until))
  return {
    produced: to.map((end, partition) => end - itemAt(start.produced, partition)),
    ...{ readings, rows, distinctRows, rollups, set, unordered: expectation.unordered.partitions },
    deadLetters: { expected: dead, found: await countRecords(ends, job.deadLetters, start, until) },
  }
}
