import type { Client } from 'pg'
import { UnfitError } from '../../errors'
import { quotedTable } from './columns'
import { beginning, type Limits } from './postgres-client'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { differences } from './table-shape'

const missingRights = sql('missing-rights')

interface Fingerprint {
  readonly name: string
  readonly columns: string | null
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

function lockStatement(targets: readonly PostgresTarget[]): string {
  return `LOCK TABLE ${targets.map(({ table }) => `ONLY ${quotedTable(table)}`).join(', ')} IN ROW EXCLUSIVE MODE`
}

/** One row a table: its columns' names, types, NOT NULLs and defaults as a text. Nothing of it can change under a lock. */
function fingerprintStatement(targets: readonly PostgresTarget[]): string {
  const names = targets.map(({ table }) => literal(quotedTable(table))).join(', ')
  return (
    `SELECT t.name, string_agg(concat_ws(' ', a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity, ` +
    `a.attgenerated), ',' ORDER BY a.attnum) AS columns FROM unnest(ARRAY[${names}]) AS t (name) ` +
    'LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped GROUP BY t.name'
  )
}

/** What is written, and to which role it has to be allowed. */
const rightsFor = ({ mode }: PostgresTarget) => (mode === 'upsert' ? ['INSERT', 'SELECT', 'UPDATE'] : ['INSERT'])

async function rightFaults(client: Client, table: string, rights: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ role: string; rights: string }>(missingRights, [table, rights])
  return rows.map(
    ({ role, rights: lacking }) =>
      `role ${role} may not ${lacking} on ${table}: \`GRANT ${lacking} ON ${table} TO "${role}"\``,
  )
}

/**
 * Sees to it that rows are only written to tables which are as they were when they were found to fit: binary rows would go
 * into a column of another type without an error, as other values.
 */
export class TableGuard {
  /** The tables' fingerprints at which they fitted. */
  private readonly fitting = new Map<string, string>()

  constructor(private readonly targets: readonly PostgresTarget[]) {}

  /** Compares all tables, within a transaction. Throws UnfitError with every difference and the way out of each. */
  async check(client: Client): Promise<void> {
    const faults = await rightFaults(client, '"weir_positions"', ['SELECT', 'INSERT', 'UPDATE'])
    for (const target of this.targets) faults.push(...(await this.faultsOf(client, target)))
    if (faults.length > 0) throw new UnfitError(`Postgres: ${faults.join('; ')}`)
  }

  /**
   * Begins a transaction, unless it has begun, and locks the tables against changes until its end. Throws UnfitError for one that was
   * changed so that its rows don't fit any more. One round trip, and one more after a change.
   */
  async enter(client: Client, targets: readonly PostgresTarget[], begin: Limits | undefined): Promise<void> {
    const statements = begin ? [beginning(begin)] : []
    if (targets.length > 0) statements.push(lockStatement(targets), fingerprintStatement(targets))
    if (statements.length === 0) return
    const found = last(await client.query<Fingerprint>(statements.join('; ')))
    if (targets.length === 0) return
    for (const { name, columns } of found.rows) {
      if (this.fitting.get(name) === columns) continue
      const changed = targets.filter(({ table }) => quotedTable(table) === name)
      for (const target of changed) {
        const faults = await this.faultsOf(client, target)
        if (faults.length > 0) throw new UnfitError(`Postgres: ${faults.join('; ')}`)
      }
    }
  }

  private async faultsOf(client: Client, target: PostgresTarget): Promise<string[]> {
    const name = quotedTable(target.table)
    this.fitting.delete(name)
    // Before the comparison: what is altered after it is then seen as a change.
    const { rows } = await client.query<Fingerprint>(fingerprintStatement([target]))
    const found = await differences(client, target)
    if (!found) return [`table ${target.table} is missing: \`weir migrate\` makes it`]
    const faults = found.faults.map(fault => `table ${target.table}: ${fault}`)
    if (found.changes.length > 0) {
      const lacking = found.changes.map(({ statement }) => `\`${statement}\``).join(', ')
      faults.push(`table ${target.table} is not as its schema says: \`weir migrate\` does ${lacking}`)
    }
    faults.push(...(await rightFaults(client, name, rightsFor(target))))
    if (faults.length > 0) return faults
    if (rows[0]?.columns) this.fitting.set(name, rows[0].columns)
    return []
  }
}

/** Several statements in one text have a result each, which the types of `pg` don't know. */
function last<T>(results: T | readonly T[]): T {
  const [result = results] = Array.isArray(results) ? results.slice(-1) : [results]
  return result as T
}
