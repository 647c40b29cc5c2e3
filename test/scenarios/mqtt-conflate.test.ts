import { randomUUID } from 'node:crypto'
import { connectAsync, type MqttClient } from 'mqtt'
import { Client } from 'pg'
import { postgresTargetsOf } from '../../src/app/app'
import { readConfig } from '../../src/config'
import { createCluster, ensureTopics } from '../../src/connectors/kafka'
import { mqtt } from '../../src/connectors/mqtt/mqtt-end'
import { migrate } from '../../src/connectors/postgres/migrate'
import type { Log } from '../../src/log'
import { Outages } from '../../src/outages'
import { sinkTask } from '../../src/testing/sink-harness'
import { until } from './kafka-stack'
import { laneServices } from './services'
import liveValues from './world/live-values'
import { hasMosquitto, Mosquitto } from './world/mosquitto'
import { sendMeters } from './world/secured-meters'
import { topicOf } from './world/secured-sums'
import { TopologyProcess } from './world/topology-process'

const suite = hasMosquitto ? describe : describe.skip

suite('an MQTT target that conflates', () => {
  let broker: Mosquitto
  let client: MqttClient
  const heard: { readonly topic: string; readonly text: string }[] = []

  beforeEach(async () => {
    heard.length = 0
    broker = await Mosquitto.start()
    client = await connectAsync(broker.url)
    client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }))
    await client.subscribeAsync('live/#')
  })
  afterEach(async () => {
    broker.thaw()
    await client.endAsync(true)
    await broker.stop()
  })

  const last = () => new Map(heard.map(({ topic, text }) => [topic, text]))

  test('commits while the broker is silent, then gives the latest of each topic and counts the others', async () => {
    const target = mqtt<string, string>({
      topic: 'live/{key}',
      value: ({ value }) => Buffer.from(value),
      conflate: true,
    })
    const write = () => undefined
    const log = { debug: write, info: write, warn: write, error: write } as unknown as Log
    const sink = target.end.connect([target], {
      ...{ application: randomUUID(), clusterId: 'c', url: broker.url, log },
      outages: new Outages({ log }),
    })
    const [topics, rounds] = [20, 30]
    const writeRound = async (round: number) => {
      const encoder = target.encoder()
      for (let n = 0; n < topics; n++) {
        const record = { key: `t${n}`, value: String(round), timestamp: 0 }
        encoder.encode(record, { topic: 'source', partition: 0, offset: round * topics + n })
      }
      await sink.write('0_0', target, encoder.take()!)
      await sink.commit([])
    }
    const isAll = (round: number) => last().size === topics && [...last().values()].every(text => text === `${round}`)
    try {
      await sink.open([sinkTask(0)])
      await writeRound(0)
      await until(() => isAll(0), 'the first round')
      broker.freeze()
      for (let round = 1; round <= rounds; round++) await writeRound(round)
      broker.thaw()
      await until(
        () => isAll(rounds),
        () => JSON.stringify([...last()]),
      )
      const skipped = target.skipped?.() ?? 0
      expect(skipped).toBeGreaterThan(topics * (rounds / 2))
      expect(heard.length + skipped).toBeGreaterThanOrEqual(topics * (rounds + 1))
      // Of each topic never an older one behind a newer one.
      for (let n = 0; n < topics; n++) {
        const own = heard.filter(({ topic }) => topic === `live/t${n}`).map(({ text }) => Number(text))
        expect(own).toEqual([...own].sort((a, b) => a - b))
      }
    } finally {
      await sink.close()
    }
  })

  test('lets Postgres go on while the broker is silent from the start', async () => {
    const { addresses } = await laneServices(['kafka', 'registry', 'postgres'])
    const variables = {
      KAFKA_BROKERS: addresses.kafkaBrokers,
      SCHEMA_REGISTRY_URL: addresses.registryUrl,
      DATABASE_URL: addresses.databaseUrl,
      MQTT_URL: broker.url,
      METRICS_PORT: '0',
    }
    const config = readConfig(variables)
    const cluster = createCluster({ ...config.kafka, clientId: 'live' })
    await ensureTopics(cluster, [{ topic: topicOf('live'), partitions: 2 }])
    await cluster.disconnect()
    await migrate(addresses.databaseUrl, postgresTargetsOf(liveValues))
    await sendMeters(config, 'live', 0)
    broker.freeze()
    const worker = new TopologyProcess(variables, ['test/scenarios/world/live-values.ts'])
    const database = new Client({ connectionString: addresses.databaseUrl })
    await database.connect()
    const stored = async () => {
      const found = await database.query('SELECT count(*)::int AS n FROM live_values').catch(() => undefined)
      return (found?.rows[0]?.n as number | undefined) ?? 0
    }
    const storedAll = (count: number) =>
      until(
        async () => (await stored()) === count,
        () => worker.lines.join('\n'),
      )
    try {
      await storedAll(30)
      await sendMeters(config, 'live', 10)
      await storedAll(60)
      expect(heard).toEqual([])
      broker.thaw()
      await until(
        () => last().size === 3 && [...last().values()].every(text => JSON.parse(text).watts === 19),
        () => `${JSON.stringify(heard)}\n${worker.lines.join('\n')}`,
      )
      const skipped = async () => {
        const metrics = await (await fetch(`${worker.metricsUrl}/metrics`)).text()
        return Number(/^weir_end_skipped_records_total\{.*kind="mqtt-live".*\} (\d+)/m.exec(metrics)?.[1])
      }
      // Counters are gathered once a second.
      await until(async () => (await skipped()) >= 54, '54 values to be counted as skipped')
    } finally {
      await database.end()
      await worker.stop()
    }
  })
})
