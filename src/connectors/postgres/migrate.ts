import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'pg'
import { ConfigError, UnavailableError } from '../../errors'
import { maintainTable } from './partitions'
import { connectClient } from './postgres-client'
import { openError } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { changesFor } from './table-ddl'

const folder = join(__dirname, 'migrations')
const createMigrations = sql('create-migrations')

/** Advisory lock of migrations and maintenance: one at a time in a database. The number is arbitrary and must stay. */
const lockId = 7_303_014_281

interface Work {
  readonly databaseUrl: string
  /** Shown in `pg_stat_activity`. */
  readonly name: string
  /** Waits for another's turn to end, instead of leaving the work to it. */
  readonly wait: boolean
}

/** Runs `work` while nobody else migrates or maintains this database; undefined when somebody does and `wait` is false. */
async function alone<T>(options: Work, work: (client: Client) => Promise<T>): Promise<T | undefined> {
  const { databaseUrl, name, wait } = options
  let client: Client | undefined
  try {
    client = await connectClient({ databaseUrl, name, statementTimeoutMs: 120_000, lockTimeoutMs: 30_000 }, () => {})
    const { rows } = await client.query(`SELECT pg_${wait ? '' : 'try_'}advisory_lock($1) AS locked`, [lockId])
    return rows[0].locked === false ? undefined : await work(client)
  } catch (error) {
    throw error instanceof ConfigError ? error : openError(error, databaseUrl)
  } finally {
    await client?.end().catch(() => undefined)
  }
}

async function applyVersions(client: Client): Promise<string[]> {
  await client.query(createMigrations)
  const { rows } = await client.query('SELECT version FROM weir_migrations')
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

async function inTransaction(client: Client, work: () => Promise<string[]>): Promise<string[]> {
  await client.query('BEGIN')
  try {
    const said = await work()
    await client.query('COMMIT')
    return said
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

async function nowOf(client: Client): Promise<number> {
  const { rows } = await client.query('SELECT extract(epoch FROM now())::float8 * 1000 AS now_ms')
  return rows[0].now_ms
}

async function maintainAll(client: Client, targets: readonly PostgresTarget[]): Promise<string[]> {
  const nowMs = await nowOf(client)
  const said: string[] = []
  for (const target of targets) if (target.partition) said.push(...(await maintainTable(client, target, nowMs)))
  return said
}

/**
 * Brings the database up to date: weir's own tables, one table per target as its schema says, and their partitions. All or
 * nothing, and nothing when there is nothing to do. Returns what it did, a line each.
 * Throws ConfigError with the names when a table can't be changed to fit, UnavailableError while the server is down.
 */
export async function migrate(databaseUrl: string, targets: readonly PostgresTarget[]): Promise<string[]> {
  const said = await alone({ databaseUrl, name: 'weir migrate', wait: true }, async client => {
    const changed = await inTransaction(client, async () => {
      const lines = await applyVersions(client)
      for (const target of targets) {
        for (const { about, statement } of await changesFor(client, target)) {
          await client.query(statement)
          lines.push(about)
        }
      }
      return lines
    })
    return [...changed, ...(await maintainAll(client, targets))]
  })
  if (!said) throw new UnavailableError('Postgres: another migration is under way')
  return said
}

/** Makes partitions ahead and drops old ones, unless somebody else is at it. Returns what it did, a line each. */
export async function maintain(databaseUrl: string, targets: readonly PostgresTarget[]): Promise<string[]> {
  if (!targets.some(target => target.partition)) return []
  const work = (client: Client) => maintainAll(client, targets)
  return (await alone({ databaseUrl, name: 'weir maintain', wait: false }, work)) ?? []
}
