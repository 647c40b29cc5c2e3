import { type Producer, partitionOf } from '../../../../src/connectors/kafka'
import { sensorsJob as job } from '../../../../src/sensors/audit/sensors-job'
import { PARTITIONS } from '../scene'

/** Sends a value as the sensor would: by its key, to its partition. `timestamp`: ms. */
export async function sendAs(sensor: number, producer: Producer, value: Buffer | null, timestamp: number) {
  const key = String(sensor)
  await producer.send(job.topic, partitionOf(key, PARTITIONS), [{ key: Buffer.from(key), value, timestamp }])
}
