import { reading } from '../../schemas/types'
import { avro } from '../../src/codecs/avro'
import type { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Batch } from '../../src/connectors/source'
import { batchOf, type LoggedRecord } from '../../src/testing/memory-kafka'

const sensors = 2000
/** What one batch of the reader holds, about. */
const batchRecords = 10_000
/** On a window's border. */
const base = 1_700_000_000_000

/** Readings of 2000 sensors at 10 Hz as Avro, in batches of one partition. */
export async function readingBatches(registry: MemoryRegistry, topic: string, count: number): Promise<Batch[]> {
  const codec = await avro(reading).bind({ topic, part: 'value', registry })
  const keys = Array.from({ length: sensors }, (_, i) => Buffer.from(String(i + 1)))
  const batches: Batch[] = []
  for (let from = 0; from < count; from += batchRecords) {
    const records: LoggedRecord[] = []
    for (let i = from; i < Math.min(count, from + batchRecords); i++) {
      const sensor = i % sensors
      const timestamp = base + Math.floor(i / sensors) * 100 + Math.floor(sensor / 20)
      const value = codec.encode({
        sensor_id: sensor + 1,
        temperature: 20 + ((i * 7919) % 20_000) / 1000.7,
        timestamp: timestamp * 1000,
      })
      records.push({ topic, partition: 0, offset: i, key: keys[sensor]!, value, timestamp })
    }
    batches.push(batchOf({ topic, partition: 0 }, records))
  }
  return batches
}
