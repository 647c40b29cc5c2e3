import { type AvroNode, nodeWithoutNull } from '../../codecs/avro-node'
import { isNanos } from '../../codecs/value-looks'
import { ProcessError } from '../../errors'
import { jsonWriter } from '../json-value'
import { boundOf } from '../json-writer'
import { arrayKind, jsonKind, type KeyValue, type Kind, nanosKind, orNull, scalarKind } from './column-kinds'
import { bytesOf, refuse, type WriteValue } from './column-values'

/** How an upsert sends a column of arrays, which no array has as its elements. */
export interface SentColumn {
  readonly oid: number
  readonly arrayType: string
  readonly bound: (value: unknown) => number
  readonly write: WriteValue
  /** The column's value, of what was sent under a name. */
  readonly expression: (name: string) => string
}

/** A column and how its values are written in Postgres's binary format. */
export interface Column {
  readonly name: string
  /** As a definition has it: `numeric(10,2)`. */
  readonly type: string
  readonly nullable: boolean
  /** Object ids of the type and of its elements' array type, as in `pg_type`. */
  readonly oid: number
  readonly arrayType: string
  /** The most bytes that a value and its length take; a number when it is the same for all values. */
  readonly bound: number | ((value: unknown) => number)
  /** Writes length and value at `at` and returns where they end. Throws ProcessError for what the column can't hold. */
  readonly write: WriteValue
  /** The field of a record's value that it holds; undefined: what `read` gives. */
  readonly field: string | undefined
  readonly read: (value: unknown) => unknown
  /** What two values that are one in the table have in common; undefined where no key can have the column. */
  readonly keyOf: ((value: unknown) => KeyValue) | undefined
  readonly sent: SentColumn | undefined
  readonly former: Kind['former']
  /** It has what is left of another column's nanoseconds, and is a part of every key that has that one. */
  readonly restOf: string | undefined
  /** All that an enum's column may hold. */
  readonly symbols: readonly string[]
  /** Of a composite type: its parts. */
  readonly attributes?: readonly Column[]
}

/** The most bytes of a value, and of a row on its way: Postgres allocates no more than 1 GiB at once. */
const mostBytes = 0x3fff_0000

/** Throws ProcessError for a row that Postgres can't take in. */
export function checkRowSize(bound: number): void {
  if (bound > mostBytes) throw new ProcessError(`Postgres row: about ${bound} bytes, and a row may have ${mostBytes}`)
}

export const sizeOf = ({ bound }: Pick<Column, 'bound'>, value: unknown): number =>
  typeof bound === 'number' ? bound : bound(value)

/** Where a column's values are in a record's value, and whether they may be missing. */
export interface ColumnSource {
  readonly node: AvroNode
  readonly isNullable: boolean
  readonly field?: string
  readonly read: (value: unknown) => unknown
}

function column(name: string, kind: Kind, source: Omit<ColumnSource, 'node'>, more: Partial<Column> = {}): Column {
  const { type, oid, bound, keyOf, former } = kind
  const { field, read, isNullable } = source
  const write = kind.write(name)
  const made = { name, type, oid, arrayType: `${type}[]`, bound, keyOf, former, field, read, nullable: isNullable }
  return {
    ...made,
    sent: undefined,
    restOf: undefined,
    symbols: [],
    write: isNullable ? orNull(write) : write,
    ...more,
  }
}

/** Of a list of simple values an array is made, of one that is nested JSON. */
function arrayColumn(name: string, { node, ...source }: ColumnSource): Column | undefined {
  const [part] = node.parts
  if (part === undefined) return undefined
  const item = nodeWithoutNull(part)
  const kind = isNanos(item.node.logical) ? undefined : scalarKind(item.node)
  if (kind === undefined) return undefined
  const write = jsonWriter(name, node, 'array')
  const toJson: WriteValue = (view, at, value) => {
    if (!Array.isArray(value)) refuse(name, value, 'array')
    const bytes = bytesOf(view)
    bytes[at + 4] = 1
    const end = write.write(bytes, at + 5, value)
    view.setInt32(at, end - at - 4)
    return end
  }
  const { fromText = (text: string) => `${text}::${kind.type}` } = kind
  const sent: SentColumn = {
    ...{ oid: 3802, arrayType: 'jsonb[]' },
    bound: value => 5 + boundOf(write, value),
    write: source.isNullable ? orNull(toJson) : toJson,
    expression: given =>
      `CASE WHEN ${given} IS NULL THEN NULL ELSE ARRAY(SELECT ${fromText('e.v')} ` +
      `FROM jsonb_array_elements_text(${given}) WITH ORDINALITY AS e (v, n) ORDER BY e.n) END`,
  }
  const symbols = item.node.type === 'enum' ? item.node.symbols : []
  return column(name, arrayKind(kind, item.isNullable), source, { sent, symbols })
}

/** Nanoseconds are one more than a timestamp of Postgres's has: what is left of the last microsecond has a column beside it. */
function nanosColumns(name: string, { node, ...source }: ColumnSource): Column[] {
  const nanosOf = (value: unknown): bigint => {
    if (typeof value === 'bigint') return value
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    return refuse(name, value, 'timestamp in nanoseconds')
  }
  const rest = (nanos: bigint) => ((nanos % 1000n) + 1000n) % 1000n
  const part = (take: (nanos: bigint) => unknown) => (value: unknown) => {
    const found = source.read(value)
    return found === null || found === undefined ? found : take(nanosOf(found))
  }
  const kind = scalarKind(node) as Kind
  const { isNullable } = source
  return [
    column(name, kind, { isNullable, read: part(nanos => (nanos - rest(nanos)) / 1000n) }),
    column(`${name}_nanos`, nanosKind, { isNullable, read: part(nanos => Number(rest(nanos))) }, { restOf: name }),
  ]
}

/** The columns of a field: one, but for timestamps in nanoseconds, which have two. */
export function columnsOf(name: string, source: ColumnSource): Column[] {
  const { node, isNullable } = nodeWithoutNull(source.node)
  const found: ColumnSource = { ...source, node, isNullable: source.isNullable || isNullable }
  if (isNanos(node.logical)) return nanosColumns(name, found)
  if (node.type === 'array') return [arrayColumn(name, found) ?? column(name, jsonKind(name, node), found)]
  const symbols = node.type === 'enum' ? node.symbols : []
  return [column(name, scalarKind(node) ?? jsonKind(name, node), found, { symbols })]
}

const originColumn = (name: string, type: 'int' | 'long'): Column => {
  const kind = scalarKind({ type } as AvroNode) as Kind
  return column(name, kind, { isNullable: false, read: () => undefined })
}

/** The columns that say where in Kafka a row came from. */
export const originColumns: readonly Column[] = [
  originColumn('kafka_partition', 'int'),
  originColumn('kafka_offset', 'long'),
]

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table's name, which may be given with its schema: `public.sensor_data`. */
export function quotedTable(table: string): string {
  return table.split('.').map(quoted).join('.')
}
