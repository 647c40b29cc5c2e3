/** A column as the database has it. */
export interface FoundColumn {
  /** With its schema. */
  readonly table: string
  readonly name: string
  /** As `format_type` writes it. */
  readonly type: string
  readonly is_key: boolean
}

/** A table that holds one row for each key and stretch of time: how low and high a figure was, how it was on average. */
export interface RollupTable {
  readonly kind: 'rollup'
  readonly table: string
  readonly identity: FoundColumn
  /** When a row's stretch of time begins, and the one that ends it, if there is one. */
  readonly start: string
  readonly end: string | undefined
  readonly low: string
  readonly high: string
  readonly mean: string | undefined
  readonly count: string | undefined
}

/** A table that holds each reading. */
export interface RawTable {
  readonly kind: 'raw'
  readonly table: string
  readonly identity: FoundColumn
  readonly time: string
  readonly figure: string
}

export type HistoryTable = RollupTable | RawTable

const timeType = 'timestamp with time zone'
const numbers = new Set(['integer', 'bigint', 'smallint', 'real', 'double precision', 'numeric'])
const identities = new Set(['integer', 'bigint', 'smallint', 'text', 'character varying', 'uuid'])
/** Where in Kafka a row came from: it is no reading. */
const origins = new Set(['kafka_partition', 'kafka_offset'])
const isIdentityName = (name: string) => /(^|_)(id|key|no|number)$/i.test(name)

/** The tables that tell of a figure, by the columns of all. Where one has its readings, rollups are those of the same identity. */
export function historyTables(columns: readonly FoundColumn[], figure: string): readonly HistoryTable[] {
  const byTable = new Map<string, FoundColumn[]>()
  for (const column of columns) {
    const known = byTable.get(column.table)
    if (known === undefined) byTable.set(column.table, [column])
    else known.push(column)
  }
  const found = [...byTable].flatMap(([table, own]) => historyTableOf(table, own, figure) ?? [])
  // Where each row says its place in Kafka, they are a topic's readings.
  const hasOrigin = ({ table }: HistoryTable) => byTable.get(table)?.some(({ name }) => origins.has(name)) ?? false
  const raws = found.filter(({ kind }) => kind === 'raw')
  const raw = raws.find(hasOrigin) ?? raws[0]
  const rollups = found.filter(
    ({ kind, identity }) => kind === 'rollup' && (raw === undefined || identity.name === raw.identity.name),
  )
  return raw === undefined ? rollups : [raw, ...rollups]
}

/**
 * What a table tells of a figure over time, by its columns: a rollup's primary key is what it is of and when; a table of readings has a
 * time, the figure and what it is of. Undefined for a table that tells nothing of it.
 */
function historyTableOf(table: string, columns: readonly FoundColumn[], figure: string): HistoryTable | undefined {
  return rollupOf(table, columns, figure) ?? rawOf(table, columns, figure)
}

function rollupOf(table: string, columns: readonly FoundColumn[], figure: string): RollupTable | undefined {
  const key = columns.filter(each => each.is_key)
  const times = columns.filter(({ type }) => type === timeType)
  const start = key.find(({ type }) => type === timeType)
  const identity = key.find(({ type }) => identities.has(type))
  if (key.length !== 2 || start === undefined || identity === undefined) return undefined
  const named = (kind: string) =>
    columns.find(({ name, type }) => numbers.has(type) && namesOf(kind, figure).includes(name.toLowerCase()))?.name
  const [low, high] = [named('min'), named('max')]
  if (low === undefined || high === undefined) return undefined
  return {
    ...{ kind: 'rollup', table, identity, start: start.name, low, high },
    end: times.find(each => each !== start && /end|until|to$/i.test(each.name))?.name,
    mean: named('mean') ?? named('avg') ?? named('average'),
    count: named('count'),
  }
}

const namesOf = (kind: string, figure: string) =>
  [kind, `${kind}_${figure}`, `${figure}_${kind}`].map(name => name.toLowerCase())

function rawOf(table: string, columns: readonly FoundColumn[], figure: string): RawTable | undefined {
  const rest = columns.filter(({ name }) => !origins.has(name))
  const time = rest.find(({ type }) => type === timeType)
  const value = rest.find(({ name, type }) => name === figure && numbers.has(type))
  const possible = rest.filter(each => each !== value && identities.has(each.type))
  const identity = possible.find(({ name }) => isIdentityName(name)) ?? possible[0]
  if (time === undefined || value === undefined || identity === undefined) return undefined
  return { kind: 'raw', table, identity, time: time.name, figure: value.name }
}
