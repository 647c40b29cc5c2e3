import { copyRows } from '../../connectors/postgres/copy-rows'
import { entryOf, itemAt } from '../../required'
import { RowComparison } from './compare'
import type { ReadingLog } from './reading-log'
import type { AuditEnds } from './run-start'
import type { Job } from './sensors-job'

/** The raw rows that belong to the logs, in one pass over the table. */
export async function compareRows(
  { databaseUrl }: AuditEnds,
  job: Job,
  logs: readonly ReadingLog[],
): Promise<RowComparison[]> {
  const comparisons = logs.map(log => new RowComparison(log))
  let earliest = Number.POSITIVE_INFINITY
  for (const log of logs) for (let i = 0; i < log.count; i++) earliest = Math.min(earliest, log.timestampAt(i))
  if (!Number.isFinite(earliest)) return comparisons
  const byPartition = new Map(logs.map((log, i) => [log.partition, itemAt(comparisons, i)]))
  const ranges = logs.map(
    log => `(kafka_partition = ${log.partition} AND kafka_offset >= ${log.from} AND kafka_offset < ${log.to})`,
  )
  const columns = 'kafka_partition, kafka_offset, sensor_id, temperature, timestamp'
  // Leaves out old days, and what another cluster's log has left; whole seconds, as to_timestamp takes a double.
  const since = `timestamp >= to_timestamp(${Math.floor(earliest / 1e6)})`
  const select = `SELECT ${columns} FROM ${job.table} WHERE ${since} AND (${ranges.join(' OR ')})`
  await copyRows(databaseUrl, select, row => {
    entryOf(byPartition, row.int(0)).row(row.long(1), row.int(2), row.double(3), row.micros(4))
  })
  return comparisons
}
