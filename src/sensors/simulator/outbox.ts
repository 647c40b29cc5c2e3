import type { Reading } from '../../../schemas/types'
import { partitionOf } from '../../connectors/kafka'
import type { OutputRecord } from '../../connectors/ledger'
import type { ReadingProducer } from './reading-producer'

/** Readings, encoded and gathered by partition until they are sent. */
export class Outbox {
  /** Records that the broker has acknowledged, by partition. */
  readonly acknowledged: number[]
  /** Records handed to the producer and not acknowledged yet. */
  inFlight = 0
  private readonly keys: (Buffer | null)[]
  private readonly homes: Int32Array
  private records: OutputRecord[][]
  private nowMs = 0
  private turn = 0

  constructor(
    private readonly producer: ReadingProducer,
    sensors: number,
    private readonly keyed: boolean,
  ) {
    const { partitions } = producer
    this.acknowledged = new Array<number>(partitions).fill(0)
    this.keys = Array.from({ length: sensors }, (_, i) => (keyed ? Buffer.from(String(i + 1)) : null))
    this.homes = Int32Array.from(this.keys, key => (key === null ? 0 : partitionOf(key, partitions)))
    this.records = this.acknowledged.map(() => [])
  }

  /** The Kafka timestamp (ms) of what is added from now on. */
  at(nowMs: number): void {
    this.nowMs = nowMs
  }

  add(reading: Reading): void {
    const sensor = reading.sensor_id - 1
    const key = this.keys[sensor] as Buffer | null
    const partition = this.keyed ? (this.homes[sensor] as number) : this.turn++ % this.acknowledged.length
    const records = this.records[partition] as OutputRecord[]
    records.push({ key, value: this.producer.encode(reading), timestamp: this.nowMs })
  }

  /** Sends what was gathered; resolves when all of it is acknowledged. */
  async flush(): Promise<void> {
    const gathered = this.records
    this.records = gathered.map(() => [])
    await Promise.all(
      gathered.map(async (records, partition) => {
        if (records.length === 0) return
        this.inFlight += records.length
        await this.producer.send(partition, records)
        this.inFlight -= records.length
        this.acknowledged[partition] = (this.acknowledged[partition] as number) + records.length
      }),
    )
  }
}
