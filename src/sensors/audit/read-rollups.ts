import { type Rollup, rollup } from '../../../schemas/types'
import { avro } from '../../codecs/avro'
import { SchemaMissing } from '../../codecs/codec'
import { decodeValue } from '../../connectors/batch'
import { readPartition } from '../../connectors/kafka'
import { copyRows } from '../../connectors/postgres/copy-rows'
import type { Window } from './oracle'
import type { AuditEnds } from './run-start'
import type { RollupSpec } from './sensors-job'

const windowOf = ({ sensor_id, window_start, window_end, count, sum, min, max, mean }: Rollup): Window => ({
  sensor: sensor_id,
  start: window_start / 1000,
  end: window_end / 1000,
  ...{ count, sum, min, max, mean },
})

/** The committed rollups in `[from, to)` of one partition of their topic. */
export async function topicWindows(
  { cluster, registry }: AuditEnds,
  { topic }: RollupSpec,
  partition: number,
  from: number,
  to: number,
): Promise<Window[]> {
  const windows: Window[] = []
  if (from >= to) return windows
  const codec = await avro(rollup).bind({ topic, part: 'value', use: 'read', registry })
  for await (const batch of readPartition({ cluster }, { topic, partition }, from, to)) {
    const read = (i: number) => windowOf(decodeValue(codec, batch, i))
    for (let i = 0; i < batch.count; i++) {
      try {
        windows.push(read(i))
      } catch (error) {
        if (!(error instanceof SchemaMissing)) throw error
        await codec.load!(error.id)
        windows.push(read(i))
      }
    }
  }
  return windows
}

/** The rows of a rollup's table whose windows end after `endMs`. */
export async function tableWindows(
  { databaseUrl }: AuditEnds,
  { table }: RollupSpec,
  endMs: number,
): Promise<Window[]> {
  const windows: Window[] = []
  const columns = 'sensor_id, window_start, window_end, count, sum, min, max, mean'
  const select = `SELECT ${columns} FROM ${table} WHERE window_end > to_timestamp(${endMs / 1000})`
  await copyRows(databaseUrl, select, row =>
    windows.push({
      sensor: row.int(0),
      start: row.micros(1) / 1000,
      end: row.micros(2) / 1000,
      count: row.long(3),
      sum: row.double(4),
      min: row.double(5),
      max: row.double(6),
      mean: row.double(7),
    }),
  )
  return windows
}
