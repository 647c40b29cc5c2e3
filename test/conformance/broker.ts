import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, startApp } from '../../src/app/app'
import { readConfig } from '../../src/config'
import type { Broker } from '../../src/connectors/broker'
import { createProducer, type Producer } from '../../src/connectors/kafka'
import { createBroker } from '../../src/connectors/kafka/kafka-broker'
import type { Log } from '../../src/log'
import { type Cluster, openCluster } from '../../src/ops/cluster'
import { describeGroup } from '../../src/ops/describe-group'
import { findOffsets } from '../../src/ops/offsets'
import { startStack, stopStack } from '../../src/stack/stack'
import type { KeyValueStore } from '../../src/state/key-value-store'
import { build } from './adapter'
import type { Case, InputRecord, NodeSpec, Output } from './case'
import { shownKey } from './functions'

/** How long an input may take until lag is 0. */
const limitMs = 60_000

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }

/** Whether nothing of a case waits for the wall clock, so that a real one can't disturb it. */
export function hasNoClock({ inputs, spec }: Case): boolean {
  return (
    inputs.every(input => !('advanceWallClockMs' in input)) &&
    spec.nodes.every(({ processor }) => processor?.punctuate !== 'wallClock')
  )
}

/** A real Kafka of the runner's own, which cases run on one after the other. */
export class BrokerRunner {
  private constructor(
    private readonly home: string,
    private readonly config: ReturnType<typeof readConfig>,
    private readonly cluster: Cluster,
    private readonly producer: Producer,
  ) {}

  static async start(): Promise<BrokerRunner> {
    const home = mkdtempSync(join(tmpdir(), 'weir-conformance-'))
    const stack = await startStack({ home, services: ['kafka'], ports: { kafka: 0 }, attached: true })
    const config = readConfig({ KAFKA_BROKERS: stack.addresses.kafkaBrokers, COMMIT_INTERVAL_MS: '10' })
    const producer = createProducer({ ...config.kafka, clientId: 'conformance' })
    return new BrokerRunner(home, config, openCluster(config.kafka), producer)
  }

  async stop(): Promise<void> {
    await this.producer.close()
    await this.cluster.disconnect()
    await stopStack(this.home)
    rmSync(this.home, { recursive: true, force: true })
  }

  /** Runs a case on topics that are made for it, each input once the one before has been processed to the end: lag 0. */
  async outputsOf(each: Case): Promise<Output[]> {
    const { config } = this
    const outputs: Output[] = []
    let afterInput = 0
    const { nodes } = each.spec
    const built = build(each.name, nodes, (id, key, value) =>
      outputs.push({ topic: `peek:${id}`, key, value, afterInput }),
    )
    const broker = createBroker({ ...config.kafka, ...config, application: `${each.name}-reader` })
    const topics = [...new Set(nodes.flatMap(({ topic }) => (topic === undefined ? [] : [topic as string])))]
    // Event times of 1970 are older than any retention.
    await broker.ensureTopics(topics.map(topic => ({ topic, partitions: 1, configs: { 'retention.ms': '-1' } })))
    const ends = [...new Set(each.spec.nodes.filter(({ op }) => op === 'to').map(({ topic }) => topic as string))]
    const next = new Map(ends.map(topic => [topic, 0]))
    const app = await startApp(built, { config, log: quiet, signal: AbortSignal.timeout(limitMs) })
    try {
      await this.settled(each.name, nodes)
      for (const input of each.inputs as readonly InputRecord[]) {
        await this.produce(input.topic, input)
        await this.taken(app, nodes, input.topic, input)
        await this.settled(each.name, nodes)
        await this.committed(ends)
        for (const topic of ends) {
          const { records, end } = await readFrom(broker, topic, next.get(topic)!)
          next.set(topic, end)
          for (const record of records) outputs.push({ topic, ...record, afterInput })
        }
        afterInput++
      }
    } finally {
      await app.stop()
      await broker.deleteTopics(topics)
      await broker.close()
    }
    return outputs
  }

  private async produce(topic: string, { key, value, timestamp }: InputRecord): Promise<void> {
    const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
    const record = { key: bytes(key), value: bytes(value === null ? null : JSON.stringify(value)), timestamp }
    await this.producer.send(topic, 0, [record])
  }

  /** Waits until the group has committed all there is, internal topics included. */
  private async settled(group: string, nodes: readonly NodeSpec[]): Promise<void> {
    const global = new Set(nodes.filter(({ op }) => op === 'globalTable').map(({ topic }) => topic))
    await until(`lag 0 of ${group}`, async () => {
      const { state, uncommitted, partitions } = await describeGroup(this.cluster, group)
      const behind = partitions.some(({ topic, lag }) => !global.has(topic) && lag !== null && lag > 0)
      return state === 'Stable' && uncommitted === 0 && !behind
    })
  }

  /** The offsets of a transaction may be seen before its records: waits until no record of the topics is undecided. */
  private async committed(topics: readonly string[]): Promise<void> {
    const partitions = topics.map(topic => ({ topic, partition: 0 }))
    await until(`committed ${topics}`, async () => {
      const decided = await findOffsets(this.cluster, partitions, 'committed')
      const written = await findOffsets(this.cluster, partitions, 'latest')
      return topics.every(topic => decided.get(topic, 0) === written.get(topic, 0))
    })
  }

  /** A global table has no lag: waits until the worker's copy has the row. */
  private async taken(app: App, nodes: readonly NodeSpec[], topic: string, { key, value, timestamp }: InputRecord) {
    const table = nodes.find(node => node.op === 'globalTable' && node.topic === topic)
    if (table === undefined || key === null) return
    await until(`the global table ${table.id}`, async () => {
      const row = app.worker.globalStore<KeyValueStore>(`${table.id}-global`)?.get(key)
      return value === null ? row === undefined : row?.timestamp === timestamp && sameText(row.value, value)
    })
  }
}

const sameText = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs
  for (;;) {
    if (await holds().catch(() => false)) return
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`)
    await sleep(5)
  }
}

async function readFrom(broker: Broker, topic: string, from: number) {
  const records: Pick<Output, 'key' | 'value' | 'timestamp'>[] = []
  let end = from
  for await (const batch of broker.readPartition({ topic, partition: 0 }, from)) {
    const part = (start: number, until: number) =>
      start < 0 ? null : JSON.parse(batch.buffer.toString('utf8', start, until))
    for (let i = 0; i < batch.count; i++)
      records.push({
        key: shownKey(part(batch.keyStart[i]!, batch.keyEnd[i]!)),
        value: part(batch.valueStart[i]!, batch.valueEnd[i]!),
        timestamp: batch.timestamps[i]!,
      })
    end = batch.nextOffset
  }
  return { records, end }
}
