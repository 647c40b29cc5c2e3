import { Client } from 'pg'
import { reading } from '../../schemas/types'
import type { AvroRecord, AvroSchema } from '../../src/codecs/avro-schema'
import { postgres } from '../../src/connectors/postgres/postgres-end'
import type { PostgresOptions, PostgresTarget } from '../../src/connectors/postgres/postgres-target'
import type { StreamRecord } from '../../src/record'
import { laneServices } from './services'

/** A database of one test file, on the Postgres of its lane. */
export interface TestDatabase {
  readonly url: string
  readonly admin: Client
  /** The first column of a query's rows. */
  column(query: string): Promise<unknown[]>
  end(): Promise<void>
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Makes the database anew, empty. */
export async function testDatabase(name: string): Promise<TestDatabase> {
  const { addresses } = await laneServices(['postgres'])
  const server = await connected(addresses.databaseUrl)
  await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await server.query(`CREATE DATABASE ${name}`)
  await server.end()
  const url = new URL(addresses.databaseUrl)
  url.pathname = `/${name}`
  const admin = await connected(url.href)
  return {
    url: url.href,
    admin,
    async column(query) {
      const { rows } = await admin.query({ text: query, rowMode: 'array' })
      return rows.map(row => row[0])
    },
    end: () => admin.end(),
  }
}

/** A target of the table `changing` with these columns. */
export function changing(
  fields: AvroRecord['fields'],
  more: Partial<PostgresOptions<Record<string, unknown>>> = {},
): PostgresTarget {
  const schema: AvroSchema<Record<string, unknown>> = { name: 'x', json: { type: 'record', name: 'X', fields } }
  return postgres<unknown, Record<string, unknown>>({ table: 'changing', schema, mode: 'append', ...more })
}

/** The raw readings' table, as the sensors job has it. */
export const raw = postgres({ table: 'sensor_data', schema: reading, mode: 'append', partition: { by: 'timestamp' } })

/** Values as records of the topic `contract`, whose offsets count from `first`; one chunk. */
export function chunkOf(target: PostgresTarget, values: readonly unknown[], { partition = 0, first = 1 } = {}) {
  const encoder = target.encoder()
  for (const [i, value] of values.entries()) {
    const record: StreamRecord = { key: null, value, timestamp: 0 }
    encoder.encode(record, { topic: 'contract', partition, offset: first + i })
  }
  const chunk = encoder.take()
  if (chunk === undefined) throw new Error('give some values')
  return chunk
}

/** Readings of the sensors `first` … `last`. */
export const readings = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({
    sensor_id: first + i,
    temperature: 20.5,
    timestamp: 1_700_000_000_000_001,
  }))

export const at = (partition: number, next: number) => ({ topic: 'contract', partition, next })
