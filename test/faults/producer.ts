import { ByteWriter } from '../../src/connectors/kafka/protocol/byte-writer'
import { writeRecordBatch } from '../../src/connectors/kafka/protocol/record-batch-encoder'
import type { LightKafka } from '../../src/light/light-kafka'
import type { Weather } from './weather/weather'
import { GRACE_MS, type Reading, SOURCE } from './workload'
import { START_MS } from './world/install'
import { type Kernel, WORLD } from './world/kernel'

const KEYS = 12
const GROUPS = 5
const FLUSH_MS = 60_000
const FIRST_PRODUCER = 900_000

/** Writes the source topic, straight into its logs: what lies there is the truth that all else is held against. */
export class SourceProducer {
  sent = 0
  private wanted = 0
  private id = 0
  private aborts = 0

  constructor(
    private readonly kernel: Kernel,
    private readonly kafka: LightKafka,
    private readonly weather: Weather,
    private readonly partitions: number,
  ) {}

  get isDone(): boolean {
    return this.sent >= this.wanted
  }

  /** `records` in all, spread over `overMs`. */
  run(records: number, overMs: number): void {
    const random = this.weather.random('producer')
    const pace = overMs / records
    this.wanted = records
    const next = () => {
      if (this.sent >= records) return
      const isBurst = this.weather.strikes('burst', 0.02)
      const count = Math.min(records - this.sent, isBurst ? random.whole(20, 60) : random.whole(1, 4))
      for (let i = 0; i < count; i++) this.send(random.whole(0, KEYS - 1))
      this.kernel.after(random.about(pace * (isBurst ? 3 : 2.5)), next, WORLD)
    }
    this.kernel.after(0, next, WORLD)
  }

  /** Sends what is left, and a record of each group in each partition that is much later than all: windows are closed by them. */
  finish(): void {
    while (!this.isDone) this.send(this.sent % KEYS)
    const late = this.now + FLUSH_MS
    for (let partition = 0; partition < this.partitions; partition++)
      for (let group = 0; group < GROUPS; group++)
        this.append(partition, `flush-${partition}`, JSON.stringify({ ...this.reading(), group: `g${group}` }), late)
  }

  private get now(): number {
    return Math.floor(START_MS + this.kernel.time)
  }

  private reading(): Reading {
    const random = this.weather.random('values')
    return { id: this.id++, group: `g${random.whole(0, GROUPS - 1)}`, value: random.whole(0, 1_000) / 8 }
  }

  private send(key: number): void {
    this.sent++
    const partition = key % this.partitions
    const isLate = this.weather.strikes('outOfOrder', 0.1)
    const timestamp = this.now - (isLate ? this.weather.random('late').whole(0, GRACE_MS - 100) : 0)
    if (this.weather.strikes('producerAbort', 0.02)) this.abort(partition, timestamp)
    if (this.weather.strikes('poison', 0.02)) this.append(partition, `k${key}`, `{bad ${this.id++}`, timestamp)
    this.append(partition, `k${key}`, JSON.stringify(this.reading()), timestamp)
  }

  /** A transaction that stays open for a moment and is aborted. */
  private abort(index: number, timestamp: number): void {
    const producerId = FIRST_PRODUCER + this.aborts++
    this.append(index, 'aborted', JSON.stringify({ id: -1, group: 'aborted', value: 1e6 }), timestamp, producerId)
    const end = () => {
      const { cluster } = this.kafka
      const partition = cluster.topics.partition(SOURCE, index)
      partition?.log.mark({ producerId, producerEpoch: 0, committed: false }, partition.leaderEpoch, this.now)
      partition?.changed()
      // It died of this very write: a coordinator writes it again.
      if (this.kafka.cluster !== cluster) end()
    }
    this.kernel.after(this.weather.random('aborts').about(800), end, WORLD)
  }

  private append(index: number, key: string, value: string, timestamp: number, producerId = -1): void {
    const out = new ByteWriter()
    const records = [{ key: Buffer.from(key), value: Buffer.from(value), timestamp }]
    const isTransactional = producerId >= 0
    const [epoch, baseSequence] = isTransactional ? [0, 0] : [-1, -1]
    const run = { records, from: 0, to: 1, bytes: 1024 }
    writeRecordBatch(out, run, { transactional: isTransactional, producerId, epoch, baseSequence })
    const partition = this.kafka.cluster.topics.partition(SOURCE, index)
    const { errorCode } = partition?.log.append(Buffer.from(out.buffer), partition.leaderEpoch, this.now) ?? {
      errorCode: -1,
    }
    if (errorCode !== 0) throw new Error(`the source's log refused a record: ${errorCode}`)
    partition?.changed()
  }
}
