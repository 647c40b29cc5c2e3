import { setTimeout as sleep } from 'node:timers/promises'
import { quotedTable } from '../../connectors/postgres/columns'
import { connectClient, type PostgresClient } from '../../connectors/postgres/postgres-client'

export interface RowProberOptions {
  readonly databaseUrl: string
  /** An append table with its origin columns, partitioned by the days of `timestamp` or not at all. */
  readonly table: string
  /** Every so many rows are looked for. */
  readonly sample: number
  /** Pause between two SELECTs, ms: a latency is right to that. */
  readonly everyMs: number
  /** Called for each sampled row at the SELECT that saw it first; `timestampMicros` is its event time. */
  readonly onRow: (timestampMicros: number) => void
}

export interface RowProber {
  close(): Promise<void>
}

/** The table that holds rows of a day: its partition, else the DEFAULT one, else the table itself; and its length in pages. */
const leafTable = `
SELECT name, pg_relation_size(name::regclass) / current_setting('block_size')::int AS pages
FROM (SELECT coalesce(to_regclass($1), to_regclass($2), to_regclass($3))::text AS name) AS leaf`
/** Rows of one worker lie in the order of their commits; those of several mix within about a commit's time. */
const overlapMs = 500
/** Before it connects again. */
const pauseMs = 1000

type Row = [partition: number, offset: number, timestamp: number, page: number]

/** The end of one table, read by physical place from about where the last look ended. */
class Tail {
  private readonly marks: { page: number; atMs: number }[] = []
  private readonly statement: string

  constructor(
    name: string,
    private from: number,
    sample: number,
  ) {
    this.statement =
      'SELECT kafka_partition, kafka_offset::float8, (extract(epoch FROM timestamp) * 1000000)::float8, (ctid::text::point)[0] ' +
      `FROM ${name} WHERE ctid >= $1::tid AND kafka_offset % ${sample} = 0`
  }

  async look(client: PostgresClient, nowMs: number): Promise<Row[]> {
    const query = { text: this.statement, values: [`(${this.from},0)`], rowMode: 'array' as const }
    const { rows } = await client.query<Row>(query)
    let page = this.from
    for (const row of rows) page = Math.max(page, row[3])
    this.marks.push({ page, atMs: nowMs })
    while ((this.marks[1]?.atMs ?? nowMs) < nowMs - overlapMs) this.marks.shift()
    this.from = this.marks[0]?.page ?? page
    return rows
  }
}

/**
 * Looks at the end of a table over and over, as a reader that waits for new rows would, and calls `onRow` for each sampled row when it is
 * seen for the first time. It reads by physical place, since no index leads to the rows that came last.
 */
export function probeRows(options: RowProberOptions): RowProber {
  const { databaseUrl, table, sample, everyMs, onRow } = options
  /** The last offset seen, by partition: a partition's rows are committed in order. */
  const last = new Map<number, number>()
  let client: PostgresClient | undefined
  let closed = false

  const tailOf = async (on: PostgresClient, day: string, isFirst: boolean) => {
    const names = [`${table}_p${day.replaceAll('-', '')}`, `${table}_default`, table].map(quotedTable)
    const { rows } = await on.query<{ name: string; pages: string }>(leafTable, names)
    const { name, pages } = rows[0] ?? { name: quotedTable(table), pages: '0' }
    return { day, tail: new Tail(name, isFirst ? Math.max(0, Number(pages) - 1) : 0, sample) }
  }

  const watch = async (on: PostgresClient) => {
    let at: { readonly day: string; readonly tail: Tail } | undefined
    let primed = false
    while (!closed) {
      const now = Date.now()
      const day = new Date(now).toISOString().slice(0, 10)
      if (at?.day !== day) at = await tailOf(on, day, at === undefined)
      for (const [partition, offset, timestamp] of await at.tail.look(on, now)) {
        if (offset <= (last.get(partition) ?? -1)) continue
        last.set(partition, offset)
        if (primed) onRow(timestamp)
      }
      primed = true
      await sleep(everyMs)
    }
  }

  const run = async () => {
    while (!closed) {
      try {
        client = await connectClient({ databaseUrl, name: 'weir prober' })
        await watch(client)
      } catch {
        // The server is away: what is seen late because of that is no latency of the topology's.
        await sleep(pauseMs)
      } finally {
        client?.drop()
      }
    }
  }
  const done = run()
  return {
    close() {
      closed = true
      return done
    },
  }
}
