import { type AvroSchema, fieldsOf } from '../../codecs/avro-schema'
import { TopologyError } from '../../errors'
import type { End, Target } from '../sink'
import { type Column, columnOf } from './columns'
import { RowEncoder } from './row-encoder'
import { rowColumns, UpsertEncoder } from './upsert-encoder'

export interface PartitionOptions {
  /** The timestamp column by whose days (UTC) the table is partitioned. */
  readonly by: string
  /** How many days ahead there are partitions. Default 7. */
  readonly aheadDays?: number
  /** Partitions that ended longer ago are dropped. Default 30; `Infinity` keeps all. */
  readonly retentionDays?: number
}

export interface PostgresOptions<V> {
  /** Default: `postgres:` and the table. */
  readonly name?: string
  /** The table, made by `weir migrate` from the schema; `schema.table` where it isn't in the search path. */
  readonly table: string
  readonly schema: AvroSchema<V>
  /** `append` inserts every record by COPY, `upsert` keeps the last one of each key. */
  readonly mode: 'append' | 'upsert'
  /** The fields of the primary key; required for `upsert`. */
  readonly key?: readonly (keyof V & string)[]
  /** Adds the columns `kafka_partition` and `kafka_offset`. Default: true for `append`. */
  readonly origin?: boolean
  /** Partitions an append table by time, so that old days can be dropped. */
  readonly partition?: PartitionOptions & { readonly by: keyof V & string }
}

// biome-ignore lint/suspicious/noExplicitAny: the graph erases types
export interface PostgresTarget<K = any, V = any> extends Target<K, V> {
  readonly table: string
  readonly mode: 'append' | 'upsert'
  readonly key: readonly string[]
  readonly origin: boolean
  /** All columns in the rows' order. */
  readonly columns: readonly Column[]
  readonly partition?: Required<PartitionOptions>
}

type Checked = Pick<PostgresOptions<unknown>, 'mode' | 'schema'> & {
  readonly key?: readonly string[]
  readonly partition?: PartitionOptions
}

/** Longer names are cut, and then two of them may be one. */
const mostNameBytes = 63
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
  if (mode === 'append' && key.length > 0) return "a key is for mode 'upsert': an append table has none"
  const twice = columns.find((column, i) => columns.findIndex(({ name }) => name === column.name) !== i)
  if (twice) return `two columns are named ${twice.name}: rename the field, or set \`origin: false\``
  const long = columns.find(({ name }) => Buffer.byteLength(name) > mostNameBytes)
  if (long) return `column ${long.name} has more than ${mostNameBytes} bytes, which Postgres would cut`
  const nullable = key.find(name => columns.find(column => column.name === name)?.nullable)
  if (nullable !== undefined) return `key field ${nullable} may be null, which a primary key may not`
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

/** The description of a table and how records become its rows, checked. Throws TopologyError. */
export function postgresTarget<K, V>(options: PostgresOptions<V>, end: End): PostgresTarget<K, V> {
  const { table, schema, mode, key = [], partition, name = `postgres:${table}` } = options
  const fields = fieldsOf(schema).map(columnOf)
  const origin = options.origin ?? mode === 'append'
  const wrong = tableFault(table, partition !== undefined) ?? fault(options, rowColumns(fields, origin))
  if (wrong !== undefined) throw new TopologyError(`Postgres target ${name}: ${wrong}`)
  return {
    end,
    name,
    table,
    mode,
    key,
    origin,
    columns: rowColumns(fields, origin),
    ...(partition ? { partition: { aheadDays: 7, retentionDays: 30, ...partition } } : {}),
    encoder: () => (mode === 'append' ? new RowEncoder(fields, origin) : new UpsertEncoder(fields, origin, key)),
  }
}
