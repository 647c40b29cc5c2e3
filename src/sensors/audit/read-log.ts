import { type Reading, reading } from '../../../schemas/types'
import { avro } from '../../codecs/avro'
import { type Codec, SchemaMissing, type SchemaRegistry } from '../../codecs/codec'
import { decodeValue, offsetOf, timestampOf } from '../../connectors/batch'
import { type Cluster, readPartition } from '../../connectors/kafka'
import type { Batch } from '../../connectors/source'
import { DecodeError } from '../../errors'
import { ReadingLog } from './reading-log'

export interface LogSource {
  readonly cluster: Cluster
  readonly registry: SchemaRegistry
  /** As the topology's: a reading further ahead of its Kafka timestamp is a dead letter, ms. */
  readonly maxFutureMs: number
}

/** Reads what a partition of the source topic holds in `[from, to)`. */
export async function readLog(
  source: LogSource,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<ReadingLog> {
  const { cluster, registry, maxFutureMs } = source
  const log = new ReadingLog(partition, from, to)
  const codec = await avro(reading, { json: true }).bind({ topic, part: 'value', use: 'read', registry })
  for await (const batch of readPartition({ cluster }, { topic, partition }, from, to)) {
    for (let i = 0; i < batch.count; i++) {
      const decoding = decode(codec, batch, i)
      const value = decoding instanceof Promise ? await decoding : decoding
      const offset = offsetOf(batch, i)
      const ms = value === undefined ? -1 : Math.floor(value.timestamp / 1000)
      if (value === undefined || ms < 0 || ms > timestampOf(batch, i) + maxFutureMs) log.dead.push(offset)
      else log.add(offset, value.sensor_id, value.temperature, value.timestamp)
    }
  }
  return log
}

/** The reading, or undefined for what is none; a promise only where its schema has to be fetched first. */
function decode(codec: Codec<Reading>, batch: Batch, i: number): Reading | undefined | Promise<Reading | undefined> {
  try {
    return decodeValue(codec, batch, i) ?? undefined
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    if (error instanceof SchemaMissing) return codec.load!(error.id).then(() => decode(codec, batch, i))
    throw error
  }
}
