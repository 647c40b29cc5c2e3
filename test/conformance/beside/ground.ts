import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../../src/config'
import type { Broker } from '../../../src/connectors/broker'
import { createProducer } from '../../../src/connectors/kafka'
import { createBroker } from '../../../src/connectors/kafka/kafka-broker'
import { partitionOf } from '../../../src/connectors/kafka/write/partitioner'
import { type Cluster, openCluster } from '../../../src/ops/cluster'
import { describeGroup } from '../../../src/ops/describe-group'
import { findOffsets } from '../../../src/ops/offsets'
import { listTopics } from '../../../src/ops/topics'
import { startStack, stopStack } from '../../../src/stack/stack'
import type { InputRecord } from '../case'
import { shownKey } from '../functions'
import type { Result } from './compare'
import { partitions } from './inputs'

/** How long a topology may take until it has nothing left to do. */
const limitMs = 300_000

/** The broker that both sides run on. */
export class Ground {
  private constructor(
    readonly folder: string,
    readonly bootstrap: string,
    private readonly cluster: Cluster,
    private readonly broker: Broker,
  ) {}

  static async start(): Promise<Ground> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-beside-'))
    try {
      const stack = await startStack({ home: folder, services: ['kafka'], ports: { kafka: 0 }, attached: true })
      const config = readConfig({ KAFKA_BROKERS: stack.addresses.kafkaBrokers })
      const broker = createBroker({ ...config.kafka, ...config, application: 'beside' })
      return new Ground(folder, stack.addresses.kafkaBrokers, openCluster(config.kafka), broker)
    } catch (error) {
      await stopStack(folder).catch(() => undefined)
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.broker.close()
    await this.cluster.disconnect()
    await stopStack(this.folder)
    rmSync(this.folder, { recursive: true, force: true })
  }

  async makeTopics(topics: readonly string[]): Promise<void> {
    await this.broker.ensureTopics(topics.map(topic => ({ topic, partitions, configs: { 'retention.ms': '-1' } })))
  }

  /** Deletes what a batch has left: all topics whose names begin so. */
  async clear(prefixes: readonly string[]): Promise<void> {
    const topics = (await listTopics(this.cluster)).map(({ topic }) => topic)
    await this.broker.deleteTopics(topics.filter(topic => prefixes.some(prefix => topic.startsWith(prefix))))
  }

  /** Writes the input of a batch, each key in its partition, as Kafka's own producer places it. */
  async write(inputs: readonly InputRecord[]): Promise<void> {
    const config = readConfig({ KAFKA_BROKERS: this.bootstrap })
    const producer = createProducer({ ...config.kafka, clientId: 'beside' })
    const placed = new Map<string, { topic: string; partition: number; records: any[] }>()
    for (const { topic, key, value, timestamp } of inputs) {
      const partition = partitionOf(key, partitions)
      const at = `${topic}/${partition}`
      if (!placed.has(at)) placed.set(at, { topic, partition, records: [] })
      const bytes = value === null ? null : Buffer.from(JSON.stringify(value))
      placed.get(at)!.records.push({ key: Buffer.from(key!), value: bytes, timestamp })
    }
    for (const { topic, partition, records } of placed.values()) await producer.send(topic, partition, records)
    await producer.close()
  }

  /** The share of the input that a group has committed, 0 to 1; 0 while there is no group. */
  async progress(group: string): Promise<number> {
    const described = await describeGroup(this.cluster, group).catch(() => undefined)
    if (described === undefined) return 0
    let [done, all] = [0, 0]
    for (const { currentOffset, logEndOffset } of described.partitions) {
      done += currentOffset ?? 0
      all += logEndOffset ?? 0
    }
    return all === 0 ? 0 : done / all
  }

  /**
   * Whether a group has done all there is. Offsets are asked before the logs' ends: whatever a commit among them has written to a repartition
   * topic is below the end that is seen afterwards.
   */
  private async isDone(group: string): Promise<boolean> {
    const { state, uncommitted, partitions: rows } = await describeGroup(this.cluster, group)
    return (
      state === 'Stable' &&
      uncommitted === 0 &&
      rows.length > 0 &&
      rows.every(row => row.consumerId !== null && (row.lag ?? 0) <= 0)
    )
  }

  /** Waits until all groups have done all there is. */
  async drained(groups: readonly string[]): Promise<void> {
    let left = groups
    const deadline = Date.now() + limitMs
    for (;;) {
      const still: string[] = []
      for (const group of left) if (!(await this.isDone(group).catch(() => false))) still.push(group)
      if (still.length === 0) return
      if (Date.now() > deadline) throw new Error(`after ${limitMs} ms something is left to do for ${still.join(', ')}`)
      left = still
      await sleep(200)
    }
  }

  /** All that is committed of a topic, partition by partition. Waits until nothing of it is undecided. */
  async read(topic: string): Promise<Result[]> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    for (;;) {
      const decided = await findOffsets(this.cluster, all, 'committed')
      const written = await findOffsets(this.cluster, all, 'latest')
      if (all.every(at => decided.get(topic, at.partition) === written.get(topic, at.partition))) break
      await sleep(20)
    }
    const results: Result[] = []
    for (const at of all)
      for await (const batch of this.broker.readPartition(at, 0)) {
        const part = (start: number, end: number) =>
          start < 0 ? null : JSON.parse(batch.buffer.toString('utf8', start, end))
        for (let i = 0; i < batch.count; i++)
          results.push({
            key: shownKey(part(batch.keyStart[i]!, batch.keyEnd[i]!)),
            value: part(batch.valueStart[i]!, batch.valueEnd[i]!),
            timestamp: batch.timestamps[i]!,
          })
      }
    return results
  }
}
