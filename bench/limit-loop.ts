import avsc from 'avsc'
import { type EachBatchPayload, Kafka, logLevel } from 'kafkajs'
import { readConfig } from '../src/config'
import { Frames } from './loop/frames'
import { type Rollup, Rows } from './loop/rows'

/**
 * The limit: the peers' job as one plain loop without an engine. kafkajs's eachBatch, avsc straight on the message's bytes, one
 * map of windows a partition, MQTT frames in bulk, binary COPY. It keeps no state over a restart, and offsets are committed by time:
 * what it writes again after a crash, or never, is nobody's business. Nothing that does the same job with an engine can be faster.
 */

interface Value {
  readonly sensor_id: number
  readonly temperature: number
  /** Microseconds. */
  readonly timestamp: number
}

const sizeS = 10
const graceS = 2
const flushMs = 100
const { BENCH_APPLICATION = 'bench-loop', BENCH_TOPIC = 'sensor_data' } = process.env

class PartitionWindows {
  private readonly byStart = new Map<number, Map<number, Rollup>>()
  private lastStart = -1
  private last = new Map<number, Rollup>()
  private time = 0
  /** Unix seconds at which the next window closes. */
  private closesAt = Number.POSITIVE_INFINITY

  constructor(private readonly close: (rollup: Rollup) => void) {}

  add(sensor: number, temperature: number, micros: number): void {
    const seconds = micros / 1e6
    const start = Math.floor(seconds / sizeS) * sizeS
    if (seconds > this.time) this.time = seconds
    if (start + sizeS + graceS > this.time) {
      if (start !== this.lastStart) this.open(start)
      const rollup = this.last.get(sensor)
      if (rollup === undefined)
        this.last.set(sensor, { sensor, start, count: 1, sum: temperature, min: temperature, max: temperature })
      else {
        rollup.count++
        rollup.sum += temperature
        if (temperature < rollup.min) rollup.min = temperature
        if (temperature > rollup.max) rollup.max = temperature
      }
    }
    if (this.time >= this.closesAt) this.closeDue()
  }

  private open(start: number): void {
    const known = this.byStart.get(start)
    this.last = known ?? new Map()
    this.lastStart = start
    if (known) return
    this.byStart.set(start, this.last)
    this.closesAt = Math.min(this.closesAt, start + sizeS + graceS)
  }

  private closeDue(): void {
    this.closesAt = Number.POSITIVE_INFINITY
    for (const [start, rollups] of this.byStart) {
      const end = start + sizeS + graceS
      if (end > this.time) {
        this.closesAt = Math.min(this.closesAt, end)
        continue
      }
      this.byStart.delete(start)
      for (const rollup of rollups.values()) this.close(rollup)
    }
  }
}

async function schemaOf(registryUrl: string, id: number): Promise<avsc.Type> {
  const answer = (await (await fetch(`${registryUrl}/schemas/ids/${id}`)).json()) as { schema: string }
  return avsc.Type.forSchema(JSON.parse(answer.schema), { omitRecordMethods: true })
}

async function main(): Promise<void> {
  const config = readConfig()
  const [frames, rows] = await Promise.all([Frames.connect(config.mqttUrl), Rows.connect(config.databaseUrl)])
  const kafka = new Kafka({ brokers: config.kafka.brokers, clientId: 'bench-loop', logLevel: logLevel.ERROR })
  const consumer = kafka.consumer({
    groupId: BENCH_APPLICATION,
    maxBytesPerPartition: 1024 * 1024,
    maxWaitTimeInMs: 50,
  })
  const types = new Map<number, avsc.Type>()
  const partitions: PartitionWindows[] = []
  const close = (rollup: Rollup) => {
    const { sensor, start, count, sum, min, max } = rollup
    const figures = `"count":${count},"min":${min},"max":${max},"mean":${sum / count}`
    const payload = `{"sensor_id":${sensor},"window_start":${start},"window_end":${start + sizeS},${figures}}`
    frames.message(`sensors/${sensor}/10s`, payload)
    rows.rollup(rollup)
  }

  async function eachBatch({ batch }: EachBatchPayload): Promise<void> {
    const { messages, partition } = batch
    const first = messages[0]?.value
    if (!first) return
    const windows = (partitions[partition] ??= new PartitionWindows(close))
    const id = first.readInt32BE(1)
    let type = types.get(id)
    if (!type) types.set(id, (type = await schemaOf(config.registryUrl, id)))
    for (let i = 0; i < messages.length; i++) {
      const { value, offset } = messages[i]!
      const { sensor_id, temperature, timestamp } = type.decode(value!, 5).value as Value
      frames.reading(sensor_id, temperature, timestamp)
      if (rows.isFull) await rows.flush()
      rows.reading(sensor_id, temperature, timestamp, partition, +offset)
      windows.add(sensor_id, temperature, timestamp)
    }
    await frames.room()
  }

  const timer = setInterval(() => {
    frames.flush()
    void rows.flush()
  }, flushMs)
  await consumer.connect()
  await consumer.subscribe({ topics: [BENCH_TOPIC], fromBeginning: true })
  await consumer.run({ eachBatch, autoCommitInterval: 1000 })
  process.once('SIGTERM', async () => {
    clearInterval(timer)
    await consumer.disconnect()
    frames.flush()
    await rows.close()
    await frames.close()
    process.exit(0)
  })
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
