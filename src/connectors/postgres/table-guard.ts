import type { Client } from 'pg'
import { UnfitError } from '../../errors'
import { quotedTable } from './columns'
import { beginning, type Limits } from './postgres-client'
import { service } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { differences } from './table-shape'

const missingRights = sql('missing-rights')

/** What decides of a column how values reach it. */
interface ColumnMark {
  /** The table's name, as it was asked for. */
  readonly table_name: string
  readonly mark: string
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

function lockStatement(targets: readonly PostgresTarget[]): string {
  return `LOCK TABLE ${targets.map(({ table }) => `ONLY ${quotedTable(table)}`).join(', ')} IN ROW EXCLUSIVE MODE`
}

/** One row a column: its name, type, NOT NULL and default as a text. Nothing of it can change under a lock. Plain, as each commit asks it. */
function marksStatement(targets: readonly PostgresTarget[]): string {
  const tables = new Set(targets.map(({ table }) => literal(quotedTable(table))))
  const marks = [...tables].map(
    name =>
      `SELECT ${name} AS table_name, concat_ws(' ', attname, atttypid, atttypmod, attnotnull, atthasdef, attidentity, ` +
      `attgenerated) AS mark FROM pg_attribute WHERE attrelid = to_regclass(${name}) AND attnum > 0 AND NOT attisdropped`,
  )
  return marks.join(' UNION ALL ')
}

/** A text for each table, the same as long as rows reach it as they did. */
function fingerprints(marks: readonly ColumnMark[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { table_name, mark } of marks) found.set(table_name, `${found.get(table_name) ?? ''}${mark},`)
  return found
}

/** What is written, and to which role it has to be allowed. */
export const rightsFor = ({ mode }: PostgresTarget) => (mode === 'upsert' ? ['INSERT', 'SELECT', 'UPDATE'] : ['INSERT'])

/** The rights on a table that the connection's role lacks, each with the statement that gives it. */
export async function rightFaults(client: Client, table: string, rights: readonly string[]): Promise<string[]> {
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

  /**
   * Compares all tables, within a transaction; those whose targets want it get what they lack and may have. Returns what was done, a line each.
   * Throws UnfitError with every difference and the way out of each.
   */
  async check(client: Client): Promise<string[]> {
    const faults = await rightFaults(client, '"weir_positions"', ['SELECT', 'INSERT', 'UPDATE'])
    const done: string[] = []
    for (const target of this.targets) {
      if (target.addColumns) done.push(...(await addTo(client, target)))
      faults.push(...(await this.faultsOf(client, target)))
    }
    if (faults.length > 0) throw unfit(faults)
    return done
  }

  /**
   * Begins a transaction, unless it has begun, and locks the tables against changes until its end. Throws UnfitError for one that was
   * changed so that its rows don't fit any more. One round trip, and one more after a change.
   */
  async enter(client: Client, targets: readonly PostgresTarget[], begin: Limits | undefined): Promise<void> {
    const statements = begin ? [beginning(begin)] : []
    if (targets.length > 0) statements.push(lockStatement(targets), marksStatement(targets))
    if (statements.length === 0) return
    const { rows } = last(await client.query<ColumnMark>(statements.join('; ')))
    const found = fingerprints(rows)
    for (const target of targets) {
      const name = quotedTable(target.table)
      if (this.fitting.get(name) === found.get(name)) continue
      const faults = await this.faultsOf(client, target)
      if (faults.length > 0) throw unfit(faults)
    }
  }

  private async faultsOf(client: Client, target: PostgresTarget): Promise<string[]> {
    const name = quotedTable(target.table)
    this.fitting.delete(name)
    // Before the comparison: what is altered after it is then seen as a change.
    const { rows } = await client.query<ColumnMark>(marksStatement([target]))
    const found = await differences(client, target)
    if (!found) return [`table ${target.table} is missing: \`weir migrate\` makes it`]
    const faults = found.faults.map(fault => `table ${target.table}: ${fault}`)
    if (found.changes.length > 0) {
      const lacking = found.changes.map(({ statement }) => `\`${statement}\``).join(', ')
      faults.push(`table ${target.table} is not as its schema says: \`weir migrate\` does ${lacking}`)
    }
    faults.push(...(await rightFaults(client, name, rightsFor(target))))
    if (faults.length > 0) return faults
    const fingerprint = fingerprints(rows).get(name)
    if (fingerprint !== undefined) this.fitting.set(name, fingerprint)
    return []
  }
}

/** Nothing that is added changes what is there: columns that may be null, symbols of an enum. */
async function addTo(client: Client, target: PostgresTarget): Promise<string[]> {
  const found = await differences(client, target)
  if (found === undefined || found.faults.length > 0) return []
  for (const { statement } of found.changes) await client.query(statement)
  return found.changes.map(({ about }) => about)
}

const unfit = (faults: readonly string[]) => new UnfitError(`Postgres: ${faults.join('; ')}`, { service })

/** Several statements in one text have a result each, which the types of `pg` don't know. */
function last<T>(results: T | readonly T[]): T {
  const [result = results] = Array.isArray(results) ? results.slice(-1) : [results]
  return result as T
}
