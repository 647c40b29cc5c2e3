import { reading } from '../../../../schemas/types'
import { avro } from '../../../../src/codecs/avro'
import { createProducer } from '../../../../src/connectors/kafka'
import { sensorsJob as job } from '../../../../src/sensors/audit/sensors-job'
import { badValues } from '../../../scenarios/world/bad-values'
import type { Kind } from './kind'
import { sendAs } from './send-as'

const SENT = 60

/** What is no reading, among the readings. */
export const poison: Kind = {
  id: 'F14',
  title: 'records that are no readings: 18 kinds of them',
  async strike(scene) {
    const { random, stack, ends } = scene
    const brokers = stack.addresses.kafkaBrokers.split(',')
    const producer = createProducer({ brokers, clientId: 'poison' })
    const codec = await avro(reading).bind({ topic: job.topic, part: 'value', registry: ends.registry })
    const value = { sensor_id: 1, temperature: 1, timestamp: Date.now() * 1000 }
    const schemaId = (codec.encode(value) as Buffer).readInt32BE(1)
    try {
      for (let i = 0; i < SENT; i++) {
        const sensor = random.whole(1, scene.options.sensors)
        const bad = random.pick(badValues(schemaId, sensor, Date.now()))
        await sendAs(sensor, producer, bad.value, Date.now())
      }
    } finally {
      await producer.close()
    }
    return { what: `${SENT} records` }
  },
}
