import type { Client } from 'pg'
import type { Finding } from '../finding'
import { quotedTable } from './columns'
import { DatabaseError } from './pg'
import { connectClient, inTransaction } from './postgres-client'
import { postgresError } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { rightFaults, rightsFor } from './table-guard'
import { differences } from './table-shape'

const ownTables = sql('own-tables')
const limits = { statementTimeoutMs: 10_000, lockTimeoutMs: 5_000 }

/** The server's clock less this machine's, ms. */
export interface Inspected {
  readonly findings: Finding[]
  readonly aheadMs: number
}

/**
 * Compares the tables that targets need, and the rights on them, with those of the database; changes nothing. `migrate` is the command that
 * makes them, `now` this machine's clock (Unix ms). Rejects as `migrate` does.
 */
export async function inspectTables(
  databaseUrl: string,
  targets: readonly PostgresTarget[],
  migrate: string,
  now: () => number,
): Promise<Inspected> {
  try {
    const client = await connectClient({ databaseUrl, name: 'weir doctor' })
    try {
      return await inTransaction(client, limits, async () => {
        const aheadMs = await clockOf(client, now)
        const findings = await ownFindings(client, migrate)
        for (const target of targets) findings.push(...(await tableFindings(client, target, migrate)))
        return { findings, aheadMs }
      })
    } finally {
      await client.end().catch(() => undefined)
    }
  } catch (error) {
    throw error instanceof DatabaseError || !(error instanceof RangeError) ? postgresError(error, databaseUrl) : error
  }
}

async function clockOf(client: Client, now: () => number): Promise<number> {
  const beforeMs = now()
  const { rows } = await client.query<{ now_ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms',
  )
  return (rows[0]?.now_ms ?? Number.NaN) - (beforeMs + now()) / 2
}

async function ownFindings(client: Client, migrate: string): Promise<Finding[]> {
  const { rows } = await client.query<{ is_there: boolean }>(ownTables)
  if (!rows[0]?.is_there) return [{ what: "weir's own table weir_positions is missing", mend: migrate }]
  return (await rightFaults(client, '"weir_positions"', ['SELECT', 'INSERT', 'UPDATE'])).map(split)
}

async function tableFindings(client: Client, target: PostgresTarget, migrate: string): Promise<Finding[]> {
  const { table } = target
  const found = await differences(client, target)
  if (found === undefined) return [{ what: `table ${table} is missing`, mend: migrate }]
  return [
    ...found.faults.map(fault => split(`table ${table}: ${fault}`)),
    // What the worker does itself is no fault.
    ...(target.addColumns ? [] : found.changes).map(({ lacks }) => ({
      what: `table ${table} is not as its schema says: ${lacks}`,
      mend: migrate,
    })),
    ...(await rightFaults(client, quotedTable(table), rightsFor(target))).map(split),
  ]
}

/** What is wrong, and the statement behind it in backticks. */
function split(fault: string): Finding {
  const found = /^(.*): `([^`]+)`$/s.exec(fault)
  return found === null ? { what: fault, mend: '' } : { what: found[1] ?? fault, mend: `psql: ${found[2]}` }
}
