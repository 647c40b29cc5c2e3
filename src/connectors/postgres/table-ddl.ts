import type { Client } from 'pg'
import { ConfigError } from '../../errors'
import { type Column, quoted, quotedTable } from './columns'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'

const tableShape = sql('table-shape')
const tableColumns = sql('table-columns')

interface Shape {
  readonly partitioned: boolean
  readonly partition_key: string | null
  readonly key: readonly string[] | null
}

interface ActualColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** It has a default or fills itself. */
  readonly filled: boolean
}

/** A statement and what it does, in the words of `weir migrate`. */
export interface Change {
  readonly about: string
  readonly statement: string
}

/** The DEFAULT partition's name, without quotes. */
export const defaultPartition = (target: PostgresTarget) => `${target.table}_default`

function definition({ name, type, nullable }: Column): string {
  return `${quoted(name)} ${type}${nullable ? '' : ' NOT NULL'}`
}

function creation(target: PostgresTarget): Change[] {
  const { table, columns, key, partition } = target
  const name = quotedTable(table)
  const primary = key.length > 0 ? [`PRIMARY KEY (${key.map(quoted).join(', ')})`] : []
  const body = [...columns.map(definition), ...primary].join(', ')
  const by = partition ? ` PARTITION BY RANGE (${quoted(partition.by)})` : ''
  const [schema] = table.includes('.') ? table.split('.') : []
  const changes = [{ about: `created table ${table}`, statement: `CREATE TABLE ${name} (${body})${by}` }]
  if (schema !== undefined) {
    changes.unshift({ about: `schema ${schema} is there`, statement: `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}` })
  }
  if (!partition) return changes
  const rest = defaultPartition(target)
  return [
    ...changes,
    {
      about: `created index on ${table} (${partition.by})`,
      statement: `CREATE INDEX ON ${name} USING brin (${quoted(partition.by)})`,
    },
    {
      about: `created partition ${rest} for all times without one of their own`,
      statement: `CREATE TABLE ${quotedTable(rest)} PARTITION OF ${name} DEFAULT`,
    },
  ]
}

function shapeFaults(target: PostgresTarget, shape: Shape): string[] {
  const faults: string[] = []
  const by = target.partition ? `RANGE (${target.partition.by})` : null
  const actualBy = shape.partition_key?.replaceAll('"', '') ?? null
  if (by !== actualBy) faults.push(`it is partitioned by ${actualBy ?? 'nothing'}, not by ${by ?? 'nothing'}`)
  const key = target.key.join(', ')
  const actualKey = (shape.key ?? []).join(', ')
  if (target.mode === 'upsert' && key !== actualKey) faults.push(`its key is (${actualKey}), not (${key})`)
  return faults
}

function columnChanges(target: PostgresTarget, actual: readonly ActualColumn[], faults: string[]): Change[] {
  const { table, columns } = target
  const changes: Change[] = []
  const alter = (about: string, what: string) =>
    changes.push({ about: `${table}: ${about}`, statement: `ALTER TABLE ${quotedTable(table)} ${what}` })
  for (const column of columns) {
    const known = actual.find(({ name }) => name === column.name)
    if (!known && column.nullable) alter(`added column ${column.name}`, `ADD COLUMN ${definition(column)}`)
    else if (!known) faults.push(`column ${column.name} is new and may not be null: make it a union with null`)
    else if (known.type !== column.type) faults.push(`column ${column.name} is ${known.type}, not ${column.type}`)
    else if (column.nullable && !known.nullable) {
      alter(`column ${column.name} may be null`, `ALTER COLUMN ${quoted(column.name)} DROP NOT NULL`)
    }
  }
  for (const { name, nullable, filled } of actual) {
    if (nullable || filled || columns.some(column => column.name === name)) continue
    faults.push(`column ${name} is not in the schema any more, and may not be null: drop it or its NOT NULL`)
  }
  return changes
}

/** What has to be done so that the target's table is as its schema says. Throws ConfigError when that isn't possible. */
export async function changesFor(client: Client, target: PostgresTarget): Promise<Change[]> {
  const name = quotedTable(target.table)
  const shape: Shape | undefined = (await client.query(tableShape, [name])).rows[0]
  if (!shape) return creation(target)
  const faults = shapeFaults(target, shape)
  const changes = columnChanges(target, (await client.query(tableColumns, [name])).rows, faults)
  if (faults.length > 0) {
    throw new ConfigError(`Postgres table ${target.table} does not fit schema and target: ${faults.join('; ')}`)
  }
  return changes
}
