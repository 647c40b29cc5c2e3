import { DatabaseError } from './pg'
import { onceInTransaction } from './postgres-client'
import { postgresError } from './postgres-errors'
import { sql } from './sql-files'

const deletePositions = sql('delete-positions')
/** No table of positions: nothing was ever written. */
const undefinedTable = '42P01'

/** Forgets what an application has written, so that it can write it again; says how many positions there were. */
export async function forgetPositions(databaseUrl: string, application: string, clusterId: string): Promise<number> {
  const options = { databaseUrl, name: `weir ${application} reset`, statementTimeoutMs: 30_000, lockTimeoutMs: 10_000 }
  try {
    return await onceInTransaction(options, async client => {
      const { rowCount } = await client.query(deletePositions, [application, clusterId])
      return rowCount ?? 0
    })
  } catch (error) {
    if (error instanceof DatabaseError && error.code === undefinedTable) return 0
    throw postgresError(error, databaseUrl)
  }
}
