import { quoted, quotedTable } from './columns'
import { DatabaseError } from './pg'
import { inTransaction, type PostgresClient } from './postgres-client'
import type { PostgresTarget } from './postgres-target'
import { sql } from './sql-files'
import { defaultPartition } from './table-shape'

const tablePartitions = sql('table-partitions')
const tableExists = sql('table-exists')
const dayMs = 86_400_000

/** Longer than the lock's timeout no writer is made to wait for a change of partitions. */
const limits = { lockTimeoutMs: 3_000, statementTimeoutMs: 60_000 }

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

function partitionName(target: PostgresTarget, startMs: number): string {
  return `${target.table}_p${dayOf(startMs).replaceAll('-', '')}`
}

/** When the day of a partition that was made here begins, ms. */
function startOf(target: PostgresTarget, name: string): number | undefined {
  const table = target.table.slice(target.table.lastIndexOf('.') + 1)
  const [, year, month, day] = name.startsWith(`${table}_p`) ? (/_p(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []) : []
  return day === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day))
}

/** Advisory lock of migrations and maintenance: one at a time in a database. The number is arbitrary and must stay. */
const lockId = '7303014281'
/** Waits for the turn, and keeps it until the end of the transaction: a session's lock would stay with a pooler. */
export const migrationLock = `SELECT pg_advisory_xact_lock(${lockId})`
const tryLock = `SELECT pg_try_advisory_xact_lock(${lockId}) AS locked`

interface Round {
  readonly nowMs: number
  /** Waits for another's turn to end, instead of leaving the work to it. */
  readonly isPatient: boolean
}

interface Step {
  /** In the words of `weir migrate`. */
  readonly about: string
  readonly isDone: () => Promise<boolean>
  /** Returns what else there is to say. */
  readonly run: () => Promise<string>
}

/**
 * Takes a step in a transaction, or says why not: what can't be done to one partition must not stop the others. Says nothing for what
 * another has done meanwhile, or is doing.
 */
async function take(client: PostgresClient, { isPatient }: Round, step: Step): Promise<string[]> {
  try {
    return await inTransaction(client, limits, async () => {
      if (isPatient) await client.query(migrationLock)
      else if (!(await client.query<{ locked: boolean }>(tryLock)).rows[0]?.locked) return []
      if (await step.isDone()) return []
      return [step.about + (await step.run())]
    })
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return [`not ${step.about}, later: ${error.message}`]
  }
}

async function exists(client: PostgresClient, table: string): Promise<boolean> {
  return (await client.query<{ is_there: boolean }>(tableExists, [table])).rows[0]?.is_there ?? false
}

/**
 * Makes the partition beside the table and attaches it, which does not lock out writers to other partitions. Rows of its day
 * that are in the DEFAULT partition move.
 */
async function create(client: PostgresClient, target: PostgresTarget, by: string, startMs: number): Promise<string> {
  const name = quotedTable(partitionName(target, startMs))
  const rest = quotedTable(defaultPartition(target))
  const table = quotedTable(target.table)
  const [from, to] = [`'${dayOf(startMs)} 00:00+00'`, `'${dayOf(startMs + dayMs)} 00:00+00'`]
  const within = `${quoted(by)} >= ${from} AND ${quoted(by)} < ${to}`
  await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`)
  const { rows } = await client.query<{ some: boolean }>(`SELECT EXISTS (SELECT FROM ${rest} WHERE ${within}) AS some`)
  let moved = 0
  if (rows[0]?.some) {
    await client.query(`LOCK TABLE ${rest} IN ACCESS EXCLUSIVE MODE`)
    const result = await client.query(
      `WITH moved AS (DELETE FROM ${rest} WHERE ${within} RETURNING *) INSERT INTO ${name} SELECT * FROM moved`,
    )
    moved = result.rowCount ?? 0
  }
  await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`)
  return moved === 0 ? '' : `, moved ${moved} rows to it`
}

/** Makes the partitions from yesterday to some days ahead and drops those past their retention. Says what it did. */
export async function maintainTable(client: PostgresClient, target: PostgresTarget, round: Round): Promise<string[]> {
  if (!target.partition) return []
  const { by, aheadDays, retentionDays } = target.partition
  const { rows } = await client.query<{ schema: string; name: string }>(tablePartitions, [quotedTable(target.table)])
  const names = new Set(rows.map(({ name }) => name))
  const today = Math.floor(round.nowMs / dayMs) * dayMs
  const said: string[] = []
  // Yesterday's late readings come after midnight.
  for (let startMs = today - dayMs; startMs <= today + aheadDays * dayMs; startMs += dayMs) {
    const name = partitionName(target, startMs)
    if (names.has(name.slice(name.indexOf('.') + 1))) continue
    const step: Step = {
      about: `created partition ${name}`,
      isDone: () => exists(client, quotedTable(name)),
      run: () => create(client, target, by, startMs),
    }
    said.push(...(await take(client, round, step)))
  }
  for (const { schema, name } of rows) {
    const startMs = startOf(target, name)
    if (startMs === undefined || startMs + dayMs > today - retentionDays * dayMs) continue
    const partition = `${quoted(schema)}.${quoted(name)}`
    const step: Step = {
      about: `dropped partition ${name}`,
      isDone: async () => !(await exists(client, partition)),
      run: async () => {
        await client.query(`DROP TABLE ${partition}`)
        return ''
      },
    }
    said.push(...(await take(client, round, step)))
  }
  return said
}
