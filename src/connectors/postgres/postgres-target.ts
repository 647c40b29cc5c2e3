import type { ValueSchema } from '../../codecs/value-schema'
import { TopologyError } from '../../errors'
import type { End, Target } from '../sink'
import { checkPostgresOptions } from './checked-postgres-options'
import type { Column } from './columns'
import type { CompositeColumn } from './composite-column'
import { RowEncoder } from './row-encoder'
import { type ColumnPaths, targetColumns } from './target-columns'
import { deletionFault, rowColumns, UpsertEncoder } from './upsert-encoder'

export interface PartitionOptions {
  /** The timestamp column by whose days (UTC) the table is partitioned. */
  readonly by: string
  /** How many days ahead there are partitions. Default 7. */
  readonly aheadDays?: number
  /** Partitions that ended longer ago are dropped. Default 30; `Infinity` keeps all. */
  readonly retentionDays?: number
}

export interface PostgresOptions<V, C extends string = string, K = unknown> {
  /** Default: `postgres:` and the table. */
  readonly name?: string
  /** The table, made by `weir migrate` from the schema; `schema.table` where it isn't in the search path. */
  readonly table: string
  /** What the columns are made of: one for each field. docs/types.md has the column of each type. */
  readonly schema: ValueSchema<V>
  /**
   * Columns beside one for each field, or instead of a field's own: a path to a field within another, an array's element or a map's value. `false`
   * leaves a field out, `'pickup.*'` makes a column `pickup_…` of each field of the record `pickup`, and `{ composite: 'place' }` one of Postgres's
   * composite type `place`, which has the record's fields.
   *
   * @example columns: { city: 'pickup.city', first_stop: 'stops.0', pickup: false }
   * @example columns: { pickup: { composite: 'place' }, home: { composite: 'place', path: 'driver.home' } }
   */
  readonly columns?: Readonly<Record<C, string | CompositeColumn | false>>
  /**
   * `append` inserts every record by COPY, `upsert` keeps the last one of each key; there a null value deletes the row that the record's key
   * names: by its fields, or, where the table's key is one column, as it is.
   */
  readonly mode: 'append' | 'upsert'
  /** The columns of the primary key; required for `upsert`. */
  readonly key?: readonly (NoInfer<C> | (keyof V & string))[]
  /**
   * The row's key of a record's key, where a null value is to delete a row and the record's key has other names: an object of the key's columns, or the
   * value of the only one.
   *
   * @example keyOf: ({ key, window }) => ({ sensor_id: Number(key), window_start: window.start * 1000 })
   */
  readonly keyOf?: (key: K) => unknown
  /**
   * What a schema has gained (fields that may be null, symbols of an enum) is added to the table when a worker opens it, before the first such row;
   * its role has to own the table. Default false: `weir migrate` does it.
   */
  readonly addColumns?: boolean
  /** Adds the columns `kafka_partition` and `kafka_offset`. Default: true for `append`. */
  readonly origin?: boolean
  /** Partitions an append table by time, so that old days can be dropped. */
  readonly partition?: PartitionOptions & { readonly by: NoInfer<C> | (keyof V & string) }
}

// biome-ignore lint/suspicious/noExplicitAny: the graph erases types
export interface PostgresTarget<K = any, V = any> extends Target<K, V> {
  readonly table: string
  readonly mode: 'append' | 'upsert'
  readonly key: readonly string[]
  readonly origin: boolean
  readonly addColumns: boolean
  /** All columns in the rows' order. */
  readonly columns: readonly Column[]
  readonly partition?: Required<PartitionOptions>
}

type Checked = Pick<PostgresOptions<unknown>, 'mode' | 'schema' | 'keyOf'> & {
  readonly key?: readonly string[]
  readonly partition?: PartitionOptions
}

/** Longer names are cut, and then two of them may be one. */
const mostNameBytes = 63
/** Postgres's own limits, whatever its build (`MaxHeapAttributeNumber`), and of an index as it is usually built (`INDEX_MAX_KEYS`). */
const mostColumns = 1_600
const mostKeyColumns = 32
/** What names of partitions add: `_p20260101`. */
const partitionBytes = 10

function tableFault(table: string, isPartitioned: boolean): string | undefined {
  const most = mostNameBytes - (isPartitioned ? partitionBytes : 0)
  const parts = table.split('.')
  if (parts.length > 2 || parts.includes('')) return `table ${table}: give \`table\` or \`schema.table\``
  if (table.includes('\0')) return 'the name of its table holds NUL'
  const isLong = parts.some(part => Buffer.byteLength(part) > most)
  return isLong
    ? `table ${table}: a name may have ${most} bytes${isPartitioned ? ', as its partitions add some' : ''}`
    : undefined
}

function fault(options: Checked, columns: readonly Column[]): string | undefined {
  const { mode, key = [], partition } = options
  const names = new Set(columns.map(column => column.name))
  const unknown = [...key, ...(partition ? [partition.by] : [])].filter(name => !names.has(name))
  if (unknown.length > 0) return `schema ${options.schema.name} has no field ${unknown.join(', ')}`
  if (mode === 'upsert' && key.length === 0) return "mode 'upsert' needs a key: the fields that a row is known by"
  if (mode === 'append' && options.keyOf) return "keyOf is for mode 'upsert': an append table deletes nothing"
  if (mode === 'append' && key.length > 0) return "a key is for mode 'upsert': an append table has none"
  const twice = columns.find((column, i) => columns.findIndex(({ name }) => name === column.name) !== i)
  if (twice) return `two columns are named ${twice.name}: rename the field, or set \`origin: false\``
  const long = columns.find(({ name }) => Buffer.byteLength(name) > mostNameBytes)
  if (long) return `column ${long.name} has more than ${mostNameBytes} bytes, which Postgres would cut`
  if (columns.length > mostColumns)
    return `it makes ${columns.length} columns, and a table of Postgres has ${mostColumns} at most: leave fields out by \`columns\`, or gather some in a record, which is one column of jsonb`
  if (key.length > mostKeyColumns)
    return `its key has ${key.length} columns, and an index of Postgres has ${mostKeyColumns} at most`
  const nullable = key.find(name => columns.find(column => column.name === name)?.nullable)
  if (nullable !== undefined) return `key field ${nullable} may be null, which a primary key may not`
  const odd = columns.find(column => key.includes(column.name) && column.keyOf === undefined)
  if (odd) return `key field ${odd.name} is ${odd.type}, which no key is made of: name a field within it by \`columns\``
  if (!partition) return undefined
  if (mode === 'upsert') return "only mode 'append' is partitioned"
  const by = columns.find(column => column.name === partition.by)?.type
  if (by !== 'timestamptz') return `partitioned by ${partition.by}, which is ${by} and no timestamp`
  const { aheadDays = 7, retentionDays = 30 } = partition
  if (!(aheadDays >= 0 && aheadDays <= 3660 && retentionDays >= 1)) {
    return 'aheadDays must be 0 to 3660, retentionDays 1 or more'
  }
  return undefined
}

/** A key of nanoseconds has both of their columns. */
const wholeKey = (key: readonly string[], columns: readonly Column[]) =>
  key.flatMap(name => [name, ...columns.filter(({ restOf }) => restOf === name).map(rest => rest.name)])

/** The description of a table and how records become its rows, checked. Throws TopologyError. */
export function postgresTarget<K, V, C extends string>(
  options: PostgresOptions<V, C, K>,
  end: End,
): PostgresTarget<K, V> {
  checkPostgresOptions(options)
  const { table, schema, mode, partition, name = `postgres:${table}`, addColumns = false } = options
  const paths: ColumnPaths = options.columns ?? {}
  const fields = columnsFor(name, schema, paths)
  const key = wholeKey(options.key ?? [], fields)
  const origin = options.origin ?? mode === 'append'
  const columns = rowColumns(fields, origin)
  const wrong = tableFault(table, partition !== undefined) ?? fault({ ...options, key } as Checked, columns)
  if (wrong !== undefined) throw new TopologyError(`Postgres target ${name}: ${wrong}`)
  const keyOf = options.keyOf as ((key: unknown) => unknown) | undefined
  return {
    ...{ end, name, table, mode, key, origin, addColumns, columns },
    ...(mode === 'upsert' && key.length > 1 && !keyOf && { keyFault: deletionFault(key.join(', ')) }),
    ...(partition ? { partition: { aheadDays: 7, retentionDays: 30, ...partition } } : {}),
    encoder: () =>
      mode === 'append' ? new RowEncoder(fields, origin) : new UpsertEncoder({ columns: fields, origin, key, keyOf }),
  }
}

function columnsFor(name: string, schema: ValueSchema<unknown>, paths: ColumnPaths): Column[] {
  try {
    return targetColumns(schema, paths)
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error
    throw new TopologyError(`Postgres target ${name}: ${error.message}`)
  }
}
