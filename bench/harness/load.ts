import avsc from 'avsc'
import { reading } from '../../schemas/types'
import { avro } from '../../src/codecs/avro'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { createCluster, createProducer, ensureTopics, partitionOf } from '../../src/connectors/kafka'
import type { OutputRecord } from '../../src/connectors/ledger'
import { seededRandom } from '../../src/sensors/simulator/random'
import type { Services } from './services'

/** How the values are written: weir's own schema, the peers' (time as a double of seconds), or the seed's JSON. */
export type Format = 'weir' | 'peers' | 'json'

export interface LoadOptions {
  readonly topic: string
  readonly format: Format
  readonly readings: number
  readonly sensors?: number
  readonly partitions?: number
  /** Readings per second and sensor, in event time. */
  readonly hertz?: number
}

/** A loaded topic, and what whoever drains it has to bring forth. */
export interface Load extends Required<LoadOptions> {
  /** All records: the readings and one tick a sensor. */
  readonly total: number
  /** Unix seconds of the first reading, on a window's border. */
  readonly base: number
  /** Unix seconds of the ticks: 30 s after the end, so that they close every window of 10 s. */
  readonly tick: number
  /** Windows of 10 s that the ticks close. */
  readonly windows: number
  /** For each partition the sensor whose tick is the last record. */
  readonly lastSensors: readonly number[]
}

interface Plain {
  readonly sensor_id: number
  readonly temperature: number
  /** Microseconds. */
  readonly timestamp: number
}

type Encode = (reading: Plain) => Buffer

/** What the peers' deserializer expects; it takes the schema for given, so the id is only there for the format. */
function peersEncoder(): Encode {
  const type = avsc.Type.forSchema({
    type: 'record',
    name: 'Reading',
    fields: [
      { name: 'sensor_id', type: 'int' },
      { name: 'temperature', type: 'double' },
      { name: 'timestamp', type: 'double' },
    ],
  })
  const header = Buffer.from([0, 0, 0, 0, 1])
  return value => Buffer.concat([header, type.toBuffer({ ...value, timestamp: value.timestamp / 1e6 })])
}

async function encoderOf(format: Format, topic: string, { addresses }: Services): Promise<Encode> {
  if (format === 'peers') return peersEncoder()
  if (format === 'json') return value => Buffer.from(JSON.stringify({ ...value, timestamp: value.timestamp / 1e6 }))
  const registry = new ConfluentRegistry({ url: addresses.registryUrl })
  const codec = await avro(reading).bind({ topic, part: 'value', registry })
  return value => codec.encode(value) as Buffer
}

/** How many records go to the producer at once. */
const chunk = 20_000

/** Creates a topic and fills it in order of event time; temperatures and keys are the same every time. */
export async function load(options: LoadOptions, services: Services): Promise<Load> {
  const { topic, format, readings, sensors = 2000, partitions = 10, hertz = 10 } = options
  const cluster = createCluster(services.kafka)
  await ensureTopics(cluster, [{ topic, partitions, configs: { 'retention.ms': '-1' } }])
  await cluster.disconnect()
  const encode = await encoderOf(format, topic, services)
  const producer = createProducer(services.kafka)
  const keys = Array.from({ length: sensors }, (_, i) => Buffer.from(String(i + 1)))
  const homes = keys.map(key => partitionOf(key, partitions))
  const seconds = readings / sensors / hertz
  const base = Math.floor((Date.now() / 1000 - seconds) / 10) * 10
  const tick = base + Math.ceil(seconds / 10) * 10 + 30
  const random = seededRandom(12_345)
  const lastSensors: number[] = []
  const empty = (): OutputRecord[][] => Array.from({ length: partitions }, () => [])
  let waiting = empty()
  let count = 0
  const flush = async () => {
    const records = waiting
    waiting = empty()
    count = 0
    await Promise.all(records.map((each, partition) => each.length && producer.send(topic, partition, each)))
  }
  const put = async (sensor: number, seconds: number) => {
    const timestamp = Math.round(seconds * 1e6)
    const value = encode({ sensor_id: sensor + 1, temperature: 20 + 20 * random(), timestamp })
    const partition = homes[sensor]!
    waiting[partition]!.push({ key: keys[sensor]!, value, timestamp: Math.floor(timestamp / 1000) })
    if (++count >= chunk) await flush()
  }
  const step = 1 / sensors / hertz
  for (let i = 0; i < readings; i++)
    await put(i % sensors, base + Math.floor(i / sensors) / hertz + (i % sensors) * step)
  for (let i = 0; i < sensors; i++) {
    await put(i, tick + i * step)
    lastSensors[homes[i]!] = i + 1
  }
  await flush()
  await producer.close()
  const windows = windowCount(readings, sensors, hertz)
  const loaded = { topic, format, readings, sensors, partitions, hertz, base, tick, windows }
  return { ...loaded, total: readings + sensors, lastSensors: lastSensors.filter(Boolean) }
}

/** Sensors take turns, so the last round may not reach all of them. */
function windowCount(readings: number, sensors: number, hertz: number): number {
  const perWindow = sensors * hertz * 10
  return Math.floor(readings / perWindow) * sensors + Math.min(sensors, readings % perWindow)
}
