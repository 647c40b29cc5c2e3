import fc from 'fast-check'
import { avro, postgres, type Running, start, text, topology } from '../../src'
import { nodeOf } from '../../src/codecs/avro-node'
import type { AvroSchema } from '../../src/codecs/avro-schema'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { createCluster, createProducer, ensureTopics } from '../../src/connectors/kafka'
import { migrate } from '../../src/connectors/postgres/migrate'
import { silentLog } from '../../src/log'
import { anySchema } from '../avro-types/any-schema'
import { isSame, parseDigits } from '../avro-types/same-value'
import { until } from './kafka-stack'
import { testDatabase } from './postgres-database'
import { laneServices } from './services'

const [schemas, each, seed] = [40, 8, Number(process.env.WEIR_SEED ?? 20_261_129)]

/** Generated schemas, their values, and the two tables of each. */
const given = fc.sample(anySchema, { numRuns: schemas, seed }).map(({ type, value }, i) => {
  const fields = [
    { name: 'id', type: 'int' },
    { name: 'cell', type },
  ]
  const schema: AvroSchema<any, any> = { name: `any-${i}`, json: { type: 'record', name: `Any${i}`, fields } }
  const values = fc.sample(value, { numRuns: each, seed: seed + i }).map((cell, id) => ({ id, cell }))
  return {
    ...{ schema, values, topic: `any_type_${i}`, node: nodeOf(schema.json).fields[1]!.node },
    append: postgres<string, any>({ table: `any_append_${i}`, schema, mode: 'append' }),
    upsert: postgres<string, any>({ table: `any_upsert_${i}`, schema, mode: 'upsert', key: ['id'] }),
  }
})

const any = topology('any-type', streams => {
  for (const { topic, schema, append, upsert } of given) {
    const stream = streams.stream(topic, { key: text, value: avro(schema, { long: 'bigint' }) })
    stream.to(append)
    stream.to(upsert)
  }
})

let running: Running | undefined
afterAll(() => running?.stop())

test('what any schema says comes from Kafka to Postgres as it is, by COPY and by upsert', async () => {
  const { addresses } = await laneServices()
  const database = await testDatabase('weir_any_type')
  const kafka = { brokers: addresses.kafkaBrokers.split(','), clientId: 'any-type' }
  const [cluster, producer] = [createCluster(kafka), createProducer(kafka)]
  try {
    await ensureTopics(
      cluster,
      given.map(({ topic }) => ({ topic, partitions: 1 })),
    )
    const registry = new ConfluentRegistry({ url: addresses.registryUrl })
    for (const { topic, schema, values } of given) {
      const codec = await avro(schema, { long: 'bigint' }).bind({ topic, part: 'value', registry })
      const records = values.map(value => ({ key: null, value: codec.encode(value), timestamp: Date.now() }))
      await producer.send(topic, 0, records)
    }
    await migrate(
      database.url,
      given.flatMap(({ append, upsert }) => [append, upsert]),
    )
    running = await start(any, {
      ...{ kafka: { brokers: kafka.brokers }, registryUrl: addresses.registryUrl, databaseUrl: database.url },
      ...{ log: silentLog, commitIntervalMs: 100 },
    })
    for (const table of given.flatMap(({ append, upsert }) => [append.table, upsert.table])) {
      await until(async () => (await database.column(`SELECT count(*)::int FROM ${table}`))[0] === each, table)
    }
    await database.admin.query("SET TIME ZONE 'UTC'; SET intervalstyle = 'iso_8601'")
    for (const { append, upsert, node, values, schema } of given) {
      for (const { table } of [append, upsert]) {
        const rows = await database.column(`SELECT to_jsonb(t)::text FROM ${table} AS t ORDER BY id`)
        for (const [i, row] of rows.entries()) {
          const shown = parseDigits(row as string) as Record<string, unknown>
          const cell = 'cell_nanos' in shown ? withNanos(shown) : shown.cell
          if (isSame(node, cell, values[i]!.cell)) continue
          throw new Error(
            `${table}: ${JSON.stringify(schema.json.fields[1])}: ${String(row)} is not ${show(values[i])}`,
          )
        }
      }
    }
  } finally {
    await producer.close()
    await cluster.disconnect()
    await database.end()
  }
})

/** A time's text with the digits that Postgres's own has no room for. */
function withNanos({ cell, cell_nanos: rest }: Record<string, unknown>): unknown {
  if (cell === null) return null
  const [, time = '', fraction = '', zone = ''] = /^(.*?\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00:00)?$/.exec(String(cell)) ?? []
  return `${time}.${fraction.padEnd(6, '0')}${String(rest).replace('#', '').padStart(3, '0')}${zone}`
}

const show = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
