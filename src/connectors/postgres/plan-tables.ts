import { onceInTransaction } from './postgres-client'
import { postgresError } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { changesFor } from './table-ddl'

/** What `weir migrate` would do with the table of a target. */
export interface PlannedTable {
  readonly table: string
  readonly action: 'keep' | 'create' | 'change'
  /** In the words of `weir migrate`; empty for `keep`. */
  readonly changes: readonly string[]
}

/** Compares the tables that targets need with those of the database; changes nothing. Throws ConfigError where one can't be made to fit. */
export async function planTables(databaseUrl: string, targets: readonly PostgresTarget[]): Promise<PlannedTable[]> {
  if (targets.length === 0) return []
  const options = { databaseUrl, name: 'weir plan', statementTimeoutMs: 30_000, lockTimeoutMs: 10_000 }
  try {
    return await onceInTransaction(options, async client => {
      const planned: PlannedTable[] = []
      for (const target of targets) {
        const changes = (await changesFor(client, target)).map(({ about }) => about)
        const isNew = changes.includes(`created table ${target.table}`)
        planned.push({
          table: target.table,
          action: isNew ? 'create' : changes.length > 0 ? 'change' : 'keep',
          changes,
        })
      }
      return planned
    })
  } catch (error) {
    throw postgresError(error, databaseUrl)
  }
}
