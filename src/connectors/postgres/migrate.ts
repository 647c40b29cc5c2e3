import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { maintainTable, migrationLock } from './partitions'
import { connectClient, inTransaction, type PostgresClient } from './postgres-client'
import { postgresError } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { changesFor } from './table-ddl'

const folder = join(__dirname, 'migrations')
const createMigrations = sql('create-migrations')
const knownMigrations = sql('known-migrations')
const limits = { statementTimeoutMs: 120_000, lockTimeoutMs: 30_000 }

async function connected<T>(
  databaseUrl: string,
  name: string,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  let client: PostgresClient | undefined
  try {
    client = await connectClient({ databaseUrl, name })
    return await work(client)
  } catch (error) {
    throw postgresError(error, databaseUrl)
  } finally {
    await client?.end().catch(() => undefined)
  }
}

async function applyVersions(client: PostgresClient): Promise<string[]> {
  // Even IF NOT EXISTS asks for the right to make one.
  const known = (await client.query<{ is_there: boolean }>(knownMigrations)).rows[0]?.is_there
  if (!known) await client.query(createMigrations)
  const { rows } = await client.query<{ version: number }>('SELECT version FROM weir_migrations')
  const applied = new Set(rows.map(row => row.version))
  const said: string[] = []
  for (const file of readdirSync(folder).sort()) {
    const version = Number.parseInt(file, 10)
    if (applied.has(version)) continue
    await client.query(readFileSync(join(folder, file), 'utf8'))
    await client.query('INSERT INTO weir_migrations (version, name) VALUES ($1, $2)', [version, file])
    said.push(`applied ${file}`)
  }
  return said
}

async function nowOf(client: PostgresClient): Promise<number> {
  const { rows } = await client.query<{ now_ms: number }>('SELECT extract(epoch FROM now())::float8 * 1000 AS now_ms')
  return rows[0]?.now_ms ?? Number.NaN
}

async function maintainAll(
  client: PostgresClient,
  targets: readonly PostgresTarget[],
  isPatient: boolean,
): Promise<string[]> {
  const nowMs = await nowOf(client)
  const said: string[] = []
  for (const target of targets) {
    if (target.partition) said.push(...(await maintainTable(client, target, { nowMs, isPatient })))
  }
  return said
}

/**
 * Brings the database up to date: weir's own tables, one table per target as its schema says, and their partitions. All or
 * nothing, and nothing when there is nothing to do. Returns what it did, a line each. The role needs CREATE on the tables' schema,
 * and to own what is to be changed; only a schema that isn't there needs CREATE on the database.
 * Throws ConfigError with the names when a table can't be changed to fit, UnavailableError while the server is down.
 */
export async function migrate(databaseUrl: string, targets: readonly PostgresTarget[]): Promise<string[]> {
  return connected(databaseUrl, 'weir migrate', async client => {
    const changed = await inTransaction(client, limits, async () => {
      await client.query(migrationLock)
      const lines = await applyVersions(client)
      for (const target of targets) {
        for (const { about, statement } of await changesFor(client, target)) {
          await client.query(statement)
          lines.push(about)
        }
      }
      return lines
    })
    return [...changed, ...(await maintainAll(client, targets, true))]
  })
}

/** Makes partitions ahead and drops old ones, unless somebody else is at it. Returns what it did, a line each. */
export async function maintain(databaseUrl: string, targets: readonly PostgresTarget[]): Promise<string[]> {
  if (!targets.some(target => target.partition)) return []
  return connected(databaseUrl, 'weir maintain', client => maintainAll(client, targets, false))
}
