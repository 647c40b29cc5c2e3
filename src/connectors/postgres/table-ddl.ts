import type { Client } from 'pg'
import { ConfigError } from '../../errors'
import { quoted, quotedTable } from './columns'
import { typeDifferences } from './composite-types'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { symbolCheck } from './symbol-checks'
import { type Change, defaultPartitionChange, definition, differences, holds } from './table-shape'

const schemaExists = sql('schema-exists')

function creation(target: PostgresTarget): Change[] {
  const { table, columns, key, partition } = target
  const name = quotedTable(table)
  const primary = key.length > 0 ? [`PRIMARY KEY (${key.map(quoted).join(', ')})`] : []
  const checks = columns.filter(({ symbols }) => symbols.length > 0).map(column => symbolCheck(column, column.symbols))
  const body = [...columns.map(definition), ...primary, ...checks].join(', ')
  const by = partition ? ` PARTITION BY RANGE (${quoted(partition.by)})` : ''
  const lacks = `table ${table} is missing`
  const made = { about: `created table ${table}`, lacks, statement: `CREATE TABLE ${name} (${body})${by}` }
  if (!partition) return [made]
  return [
    made,
    {
      about: `created index on ${table} (${partition.by})`,
      lacks: `the index on (${partition.by}) is missing`,
      statement: `CREATE INDEX ON ${name} USING brin (${quoted(partition.by)})`,
    },
    defaultPartitionChange(target),
  ]
}

/** Nothing where the schema is there: even IF NOT EXISTS asks for the right to make one. */
async function schemaCreation(client: Client, { table }: PostgresTarget): Promise<Change[]> {
  if (!table.includes('.')) return []
  const schema = table.slice(0, table.indexOf('.'))
  const { rows } = await client.query<{ is_there: boolean }>(schemaExists, [quoted(schema)])
  if (rows[0]?.is_there) return []
  const lacks = `schema ${schema} is missing`
  return [{ about: `created schema ${schema}`, lacks, statement: `CREATE SCHEMA ${quoted(schema)}` }]
}

/** What has to be done so that the target's table is as its schema says. Throws ConfigError when that isn't possible. */
export async function changesFor(client: Client, target: PostgresTarget): Promise<readonly Change[]> {
  const found = await differences(client, target)
  const types = found ?? (await typeDifferences(client, target.columns, holds))
  if (!found && types.faults.length === 0)
    return [...(await schemaCreation(client, target)), ...types.changes, ...creation(target)]
  if (types.faults.length > 0) {
    throw new ConfigError(`Postgres table ${target.table} does not fit schema and target: ${types.faults.join('; ')}`)
  }
  return types.changes
}
