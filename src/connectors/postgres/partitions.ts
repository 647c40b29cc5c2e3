import type { Client } from 'pg'
import { quoted, quotedTable } from './columns'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { defaultPartition } from './table-ddl'

const tablePartitions = sql('table-partitions')
const dayMs = 86_400_000

/** Longer than this no writer is made to wait for a change of partitions. */
const limits = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '60s'"

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

function partitionName(target: PostgresTarget, startMs: number): string {
  return `${target.table}_p${dayOf(startMs).replaceAll('-', '')}`
}

/** When the day of a partition that was made here begins, ms. */
function startOf(target: PostgresTarget, name: string): number | undefined {
  const table = target.table.split('.').at(-1)!
  const [, year, month, day] = name.startsWith(`${table}_p`) ? (/_p(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []) : []
  return day === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day))
}

/** Does it in a transaction, or says why not: what one partition can't be done to must not stop the others. */
async function attempt(client: Client, about: string, statements: () => Promise<string>): Promise<string> {
  try {
    await client.query('BEGIN')
    await client.query(limits)
    const said = await statements()
    await client.query('COMMIT')
    return said
  } catch (error) {
    await client.query('ROLLBACK')
    return `not ${about}, later: ${(error as Error).message}`
  }
}

/**
 * Makes the partition beside the table and attaches it, which does not lock out writers to other partitions. Rows of its day
 * that are in the DEFAULT partition move.
 */
async function create(client: Client, target: PostgresTarget, startMs: number): Promise<string> {
  const name = quotedTable(partitionName(target, startMs))
  const rest = quotedTable(defaultPartition(target))
  const table = quotedTable(target.table)
  const by = quoted(target.partition!.by)
  const [from, to] = [`'${dayOf(startMs)} 00:00+00'`, `'${dayOf(startMs + dayMs)} 00:00+00'`]
  const within = `${by} >= ${from} AND ${by} < ${to}`
  await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`)
  const { rows } = await client.query(`SELECT EXISTS (SELECT FROM ${rest} WHERE ${within}) AS some`)
  let moved = 0
  if (rows[0].some) {
    await client.query(`LOCK TABLE ${rest} IN ACCESS EXCLUSIVE MODE`)
    const result = await client.query(
      `WITH moved AS (DELETE FROM ${rest} WHERE ${within} RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
    )
    moved = result.rowCount ?? 0
  }
  await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`)
  const said = `created partition ${partitionName(target, startMs)}`
  return moved === 0 ? said : `${said}, moved ${moved} rows to it`
}

/** Makes the partitions from yesterday to some days ahead and drops those past their retention. Says what it did. */
export async function maintainTable(client: Client, target: PostgresTarget, nowMs: number): Promise<string[]> {
  const { aheadDays, retentionDays } = target.partition!
  const { rows } = await client.query(tablePartitions, [quotedTable(target.table)])
  const names = new Set(rows.map(row => row.name as string))
  const today = Math.floor(nowMs / dayMs) * dayMs
  const said: string[] = []
  // Yesterday's late readings come after midnight.
  for (let startMs = today - dayMs; startMs <= today + aheadDays * dayMs; startMs += dayMs) {
    const name = partitionName(target, startMs)
    if (names.has(name.split('.').at(-1)!)) continue
    said.push(await attempt(client, `created partition ${name}`, () => create(client, target, startMs)))
  }
  for (const { schema, name } of rows as { schema: string; name: string }[]) {
    const startMs = startOf(target, name)
    if (startMs === undefined || startMs + dayMs > today - retentionDays * dayMs) continue
    const drop = async () => {
      await client.query(`DROP TABLE ${quoted(schema)}.${quoted(name)}`)
      return `dropped partition ${name}`
    }
    said.push(await attempt(client, `dropped partition ${name}`, drop))
  }
  return said
}
