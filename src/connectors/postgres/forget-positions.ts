import { connectClient } from './postgres-client'
import { openError } from './postgres-errors'
import { sql } from './sql-files'

const deletePositions = sql('delete-positions')
/** No table of positions: nothing was ever written. */
const undefinedTable = '42P01'

/** Forgets what an application has written, so that it can write it again; says how many positions there were. */
export async function forgetPositions(databaseUrl: string, application: string, clusterId: string): Promise<number> {
  const options = { databaseUrl, name: `weir ${application} reset`, statementTimeoutMs: 30_000, lockTimeoutMs: 10_000 }
  try {
    const client = await connectClient(options, () => undefined)
    try {
      return (await client.query(deletePositions, [application, clusterId])).rowCount ?? 0
    } finally {
      await client.end()
    }
  } catch (error) {
    if ((error as { code?: string }).code === undefinedTable) return 0
    throw openError(error, databaseUrl)
  }
}
