import { Client } from 'pg'
import type { Contestant, Windows } from './contestant'
import { closedWindows } from './watch-mqtt'

/** No table here has rows shorter than this, header included: below the size that follows nothing needs to be counted. */
const rowBytes = 50

/** What was found after the end. */
export interface Found {
  readonly rows: number
  readonly distinct: number
  /** Windows that are missing, should not be there, or differ from SQL over the raw rows. */
  readonly wrongWindows: number
}

/** Looks from outside when a contestant's rows are all there, and whether they are right. */
export class PostgresWatch {
  /** Unix ms at which a SELECT saw every raw row, and every closed window. */
  rawAt: number | undefined
  windowsAt: number | undefined
  readonly db: Client

  constructor(private readonly contestant: Contestant) {
    this.db = new Client({ connectionString: contestant.databaseUrl, application_name: 'bench' })
  }

  async start(): Promise<void> {
    await this.db.connect()
    // Its own counting must not take the second core.
    await this.db.query('SET max_parallel_workers_per_gather = 0')
  }

  /** One look; cheap as long as the table is too small to be complete. */
  async look(): Promise<void> {
    const { rawTable, load, windows } = this.contestant
    if (this.rawAt === undefined) {
      const size = await this.number(
        `SELECT coalesce(sum(pg_relation_size(relid)), 0) + pg_relation_size('${rawTable}') AS n FROM pg_partition_tree('${rawTable}')`,
      )
      if (size < load.total * rowBytes) return
      const at = Date.now()
      if ((await this.number(`SELECT count(*) AS n FROM ${rawTable}`)) < load.total) return
      this.rawAt = at
    }
    const at = Date.now()
    for (const each of windows)
      if ((await this.number(`SELECT count(*) AS n FROM ${this.closed(each)}`)) < this.expected(each)) return
    this.windowsAt ??= at
  }

  async check(): Promise<Found> {
    const { rawTable, distinct, windows } = this.contestant
    // Without parallel workers: what each of them has already grouped comes in the order of its hashes, and grouping that again
    // takes minutes where the tables have no statistics yet.
    await this.db.query("SET work_mem = '256MB'")
    const rows = await this.number(`SELECT count(*) AS n FROM ${rawTable}`)
    const different = await this.number(`SELECT count(*) AS n FROM (SELECT DISTINCT ${distinct} FROM ${rawTable}) x`)
    let wrongWindows = 0
    for (const each of windows) wrongWindows += await this.number(this.differences(each))
    return { rows, distinct: different, wrongWindows }
  }

  async stop(): Promise<void> {
    await this.db.end()
  }

  private expected({ sizeS, graceS }: Windows): number {
    return closedWindows(this.contestant.load, sizeS, graceS)
  }

  /** The windows that the ticks have closed for certain. */
  private closed({ sql, sizeS, graceS }: Windows): string {
    const { tick } = this.contestant.load
    return `(SELECT * FROM (${sql}) r WHERE ws + ${sizeS} + ${graceS} <= ${tick})`
  }

  private differences(windows: Windows): string {
    const { rawSql, load } = this.contestant
    const { sizeS } = windows
    const raw = `SELECT DISTINCT sensor_id, temperature, ts FROM (${rawSql}) r WHERE ts < ${load.tick}`
    const expected = `SELECT sensor_id, floor(ts / ${sizeS}) * ${sizeS} AS ws, count(*) AS n, min(temperature) AS lo,
      max(temperature) AS hi, avg(temperature) AS mean FROM (${raw}) d GROUP BY 1, 2`
    return `WITH e AS (SELECT * FROM ${this.closed({ ...windows, sql: expected })} c), r AS (SELECT * FROM ${this.closed(windows)} c)
      SELECT count(*) AS n FROM e FULL JOIN r ON r.sensor_id = e.sensor_id AND r.ws = e.ws
      WHERE r.sensor_id IS NULL OR e.sensor_id IS NULL OR e.n <> r.count OR e.lo <> r.min OR e.hi <> r.max
        OR abs(e.mean - r.avg) > 1e-9`
  }

  private async number(sql: string): Promise<number> {
    return Number((await this.db.query(sql)).rows[0].n)
  }
}
