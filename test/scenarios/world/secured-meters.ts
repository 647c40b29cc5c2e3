import { avro } from '../../../src'
import { ConfluentRegistry } from '../../../src/codecs/schema-registry'
import type { Config } from '../../../src/config'
import { createProducer, partitionOf } from '../../../src/connectors/kafka'
import { type MeterValue, meterValue, topicOf } from './secured-sums'

export const [meters, rounds] = [3, 10]

/** Writes `rounds` values of each meter, from `from` on, to a way's topic, by this way. */
export async function sendMeters({ kafka, registryUrl }: Config, way: string, from: number): Promise<void> {
  const topic = topicOf(way)
  const registry = new ConfluentRegistry({ url: registryUrl })
  const codec = await avro<MeterValue>(meterValue).bind({ topic, registry, part: 'value' })
  const producer = createProducer({ ...kafka, clientId: 'meters' })
  try {
    for (let round = from; round < from + rounds; round++)
      for (let n = 0; n < meters; n++) {
        const key = Buffer.from(`${way}-${n}`)
        const value = codec.encode({ meter: `${way}-${n}`, watts: round })
        await producer.send(topic, partitionOf(key, 2), [{ key, value, timestamp: Date.now() }])
      }
  } finally {
    await producer.close()
  }
}

/** Runs `use` with the settings in this process's environment. */
export async function withEnvironment<T>(given: Readonly<Record<string, string>>, use: () => Promise<T>): Promise<T> {
  const before = { ...process.env }
  Object.assign(process.env, given)
  try {
    return await use()
  } finally {
    for (const name of Object.keys(given)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}
