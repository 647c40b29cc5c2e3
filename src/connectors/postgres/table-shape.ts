import type { Client } from 'pg'
import { type Column, quoted, quotedTable } from './columns'
import { typeDifferences } from './composite-types'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { allowedBy, checkName, symbolCheck } from './symbol-checks'

const tableShape = sql('table-shape')
const tableColumns = sql('table-columns')
const tableChecks = sql('table-checks')

interface Shape {
  readonly partition_key: string | null
  readonly has_default: boolean
  readonly key: readonly string[] | null
  readonly unique_keys: readonly (readonly string[])[] | null
}

interface ActualColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** It has a default or fills itself. */
  readonly filled: boolean
  /** The table alone writes it. */
  readonly generated: boolean
}

/** A statement that mends something. */
export interface Change {
  /** What it has done, in the words of `weir migrate`. */
  readonly about: string
  /** What there is to mend while it hasn't run, as a clause: `column gift is missing`. */
  readonly lacks: string
  readonly statement: string
}

/** How a table is other than its target needs it. */
export interface Differences {
  /** What `weir migrate` does about it. */
  readonly changes: readonly Change[]
  /** What only its owner can decide, with the statement that would do. */
  readonly faults: readonly string[]
}

/** The DEFAULT partition's name, without quotes. */
export const defaultPartition = (target: PostgresTarget) => `${target.table}_default`

/** As PostgreSQL's `format_type` writes a type. */
const longNames: Readonly<Record<string, string>> = {
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
  time: 'time without time zone',
}

function longName(type: string): string {
  const item = type.replace('[]', '')
  return `${longNames[item] ?? item}${type.slice(item.length)}`
}

const digitsIn = (type: string) => /^numeric\((\d+),(-?\d+)\)(\[\])?$/.exec(type)

/** Whether a numeric has room for all digits of another, before and behind the point. */
function hasRoom(type: string, wanted: string): boolean {
  if (type === wanted.replace(/\(.*\)/, '')) return wanted.startsWith('numeric')
  const [found, needed] = [digitsIn(type), digitsIn(wanted)]
  if (found === null || needed === null || found[3] !== needed[3]) return false
  const [precision, scale, neededPrecision, neededScale] = [found[1], found[2], needed[1], needed[2]].map(Number) as [
    ...[number, number, number, number],
  ]
  return scale >= neededScale && precision - scale >= neededPrecision - neededScale
}

/** Whether every value of the column's type is stored as it is in one of another name. A text of bounded length loses spaces; rounding is worse. */
export function holds(type: string, { type: wanted }: Column): boolean {
  return type === longName(wanted) || (wanted === 'text' && type === 'character varying') || hasRoom(type, wanted)
}

/** Makes a decimal of the integer that former versions kept as it is in Avro: two's complement, big-endian. */
const decimalFunction =
  'CREATE FUNCTION pg_temp.weir_decimal(b bytea, s integer) RETURNS numeric IMMUTABLE LANGUAGE sql AS ' +
  '$$ SELECT (sum(get_byte(b, i) * 256::numeric ^ (length(b) - 1 - i)) - CASE WHEN get_byte(b, 0) > 127 THEN 256::numeric ^ length(b) ' +
  'ELSE 0 END) / 10::numeric ^ s FROM generate_series(0, length(b) - 1) AS i $$; '

/** How a column gets the type that it has to have, its values with it where that is known. */
function wayToType({ type, former, name }: Column, actual: string, altering: (what: string) => string): string {
  const using = former !== undefined && former.type === actual ? former.using(quoted(name)) : undefined
  const statement = altering(`ALTER COLUMN ${quoted(name)} TYPE ${type}${using === undefined ? '' : ` USING ${using}`}`)
  return using?.includes('weir_decimal') ? `${decimalFunction}${statement}` : statement
}

export function definition({ name, type, nullable }: Column): string {
  return `${quoted(name)} ${type}${nullable ? '' : ' NOT NULL'}`
}

export function defaultPartitionChange(target: PostgresTarget): Change {
  const rest = defaultPartition(target)
  return {
    about: `created partition ${rest} for all times without one of their own`,
    lacks: `partition ${rest} is missing`,
    statement: `CREATE TABLE ${quotedTable(rest)} PARTITION OF ${quotedTable(target.table)} DEFAULT`,
  }
}

function partitionDifferences(target: PostgresTarget, shape: Shape, changes: Change[], faults: string[]): void {
  const by = target.partition ? `RANGE (${target.partition.by})` : undefined
  const actualBy = shape.partition_key?.replaceAll('"', '')
  if (by !== actualBy) {
    faults.push(
      `it is partitioned by ${actualBy ?? 'nothing'}, not by ${by ?? 'nothing'}: ` +
        'rename it, let `weir migrate` make a new one and copy the rows',
    )
  } else if (by !== undefined && !shape.has_default) changes.push(defaultPartitionChange(target))
}

function keyDifferences(target: PostgresTarget, shape: Shape, faults: string[]): void {
  if (target.mode !== 'upsert') return
  const sorted = [...target.key].sort()
  const fits = (shape.unique_keys ?? []).some(key => JSON.stringify([...key].sort()) === JSON.stringify(sorted))
  if (fits) return
  const way = `ALTER TABLE ${quotedTable(target.table)} ADD UNIQUE (${target.key.map(quoted).join(', ')})`
  faults.push(`its key is (${(shape.key ?? []).join(', ')}), not (${target.key.join(', ')}): \`${way}\``)
}

function columnDifferences(
  { table, columns }: PostgresTarget,
  actual: readonly ActualColumn[],
  changes: Change[],
  faults: string[],
): void {
  const altering = (what: string) => `ALTER TABLE ${quotedTable(table)} ${what}`
  const alter = (about: string, lacks: string, what: string) =>
    changes.push({ about: `${table}: ${about}`, lacks, statement: altering(what) })
  for (const column of columns) {
    const name = quoted(column.name)
    const known = actual.find(each => each.name === column.name)
    if (!known && column.nullable) {
      const check = column.symbols.length > 0 ? `, ADD ${symbolCheck(column, column.symbols)}` : ''
      const lacks = `column ${column.name} is missing`
      alter(`added column ${column.name}`, lacks, `ADD COLUMN ${definition(column)}${check}`)
    } else if (!known) {
      const way = altering(`ADD COLUMN ${definition(column)} DEFAULT …`)
      faults.push(
        `column ${column.name} is new and may not be null: make it a union with null, or say what former rows have: \`${way}\``,
      )
    } else if (known.generated) {
      faults.push(`column ${column.name} is written by the table alone: drop its GENERATED`)
    } else if (!holds(known.type, column)) {
      const way = wayToType(column, known.type, altering)
      faults.push(`column ${column.name} is ${known.type}, not ${column.type}: \`${way}\``)
    } else if (column.nullable && !known.nullable) {
      const lacks = `column ${column.name} may not be null`
      alter(`column ${column.name} may be null`, lacks, `ALTER COLUMN ${name} DROP NOT NULL`)
    }
  }
  for (const { name, nullable, filled } of actual) {
    if (nullable || filled || columns.some(column => column.name === name)) continue
    const way = altering(`ALTER COLUMN ${quoted(name)} DROP NOT NULL`)
    faults.push(`column ${name} is not in the schema and may not be null: drop it, or \`${way}\``)
  }
}

interface Check {
  readonly name: string
  readonly definition: string
}

/** What an enum has gained, its column's check has to allow. Where there is no check, its owner has dropped it. */
function checkDifferences({ table, columns }: PostgresTarget, checks: readonly Check[], changes: Change[]): void {
  for (const column of columns) {
    const check = checks.find(({ name }) => name === checkName(column.name))
    if (column.symbols.length === 0 || check === undefined) continue
    const allowed = allowedBy(check.definition)
    const fresh = column.symbols.filter(symbol => !allowed.includes(symbol))
    if (fresh.length === 0) continue
    const made = symbolCheck(column, [...allowed, ...fresh])
    changes.push({
      about: `${table}: column ${column.name} may be ${fresh.join(', ')}`,
      lacks: `column ${column.name} may not be ${fresh.join(', ')}`,
      statement: `ALTER TABLE ${quotedTable(table)} DROP CONSTRAINT ${quoted(check.name)}, ADD ${made}`,
    })
  }
}

/** Compares a table with what its target needs; undefined when there is no table. */
export async function differences(client: Client, target: PostgresTarget): Promise<Differences | undefined> {
  const name = quotedTable(target.table)
  const shape = (await client.query<Shape>(tableShape, [name])).rows[0]
  if (!shape) return undefined
  const columns = (await client.query<ActualColumn>(tableColumns, [name])).rows
  const changes: Change[] = []
  const faults: string[] = []
  partitionDifferences(target, shape, changes, faults)
  keyDifferences(target, shape, faults)
  const types = await typeDifferences(client, target.columns, holds)
  changes.push(...types.changes)
  faults.push(...types.faults)
  columnDifferences(target, columns, changes, faults)
  if (target.columns.some(({ symbols }) => symbols.length > 0)) {
    checkDifferences(target, (await client.query<Check>(tableChecks, [name])).rows, changes)
  }
  return { changes, faults }
}
