import { setTimeout as sleep } from 'node:timers/promises'
import { type Reading, reading } from '../../../schemas/types'
import { avro } from '../../codecs/avro'
import type { Codec } from '../../codecs/codec'
import { ConfluentRegistry } from '../../codecs/schema-registry'
import { createCluster, createProducer, ensureTopics, type KafkaConfig, topicPartitions } from '../../connectors/kafka'
import type { OutputRecord } from '../../connectors/ledger'
import { UnavailableError } from '../../errors'
import { log } from '../../log'
import type { FleetTarget } from './fleet-options'

/** Where a fleet sends to. */
export interface ReadingProducer {
  readonly partitions: number
  readonly encode: (value: Reading) => Buffer
  /** Resolves when the broker has acknowledged the records. Rejects when it may have them or not. */
  send(partition: number, records: readonly OutputRecord[]): Promise<unknown>
  /** Waits for what is under way, then disconnects. */
  close(): Promise<void>
}

const defaultPartitions = 10
/** Long enough to sit out a broker's restart: a repeated request never writes twice, a failed one leaves it open. */
const sendTimeoutMs = 600_000
const firstPauseMs = 250
const lastPauseMs = 5000

/** Tries until the service is there; says once that it waits. Any other error is thrown, as is an abort. */
async function untilAvailable<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      if (pauseMs === firstPauseMs) log.warn(`${error.message}; waiting for it`)
      await sleep(pauseMs, undefined, { signal })
    }
  }
}

/** A reading as Python's `json.dumps` of the same three fields: the time in unix seconds. */
export function encodeJson({ sensor_id, temperature, timestamp }: Reading): Buffer {
  return Buffer.from(`{"sensor_id":${sensor_id},"temperature":${temperature},"timestamp":${timestamp / 1e6}}`)
}

async function partitionsOf(config: KafkaConfig, topic: string): Promise<number> {
  const cluster = createCluster(config)
  try {
    const known = await topicPartitions(cluster, topic)
    if (known === undefined) await ensureTopics(cluster, [{ topic, partitions: defaultPartitions }])
    return known ?? defaultPartitions
  } finally {
    await cluster.disconnect()
  }
}

async function encoderOf({ json, registryUrl, topic }: FleetTarget): Promise<(value: Reading) => Buffer> {
  if (json) return encodeJson
  const registry = new ConfluentRegistry({ url: registryUrl })
  const codec: Codec<Reading> = await avro(reading).bind({ topic, part: 'value', registry })
  return value => codec.encode(value) as Buffer
}

/** A producer to a real Kafka. Waits, with a growing pause, for services that are down; rejects when `signal` aborts that. */
export async function connectProducer(target: FleetTarget, signal: AbortSignal): Promise<ReadingProducer> {
  const config = { ...target.kafka, clientId: 'weir-simulator' }
  const partitions = await untilAvailable(() => partitionsOf(config, target.topic), signal)
  const encode = await untilAvailable(() => encoderOf(target), signal)
  const producer = createProducer(config, { acks: -1, idempotent: true, sendTimeoutMs })
  return {
    partitions,
    encode,
    send: (partition, records) => producer.send(target.topic, partition, records),
    close: () => producer.close(),
  }
}
