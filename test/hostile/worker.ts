import { postgresTargetsOf, startApp } from '../../src/app/app'
import { readConfig } from '../../src/config'
import { migrate } from '../../src/connectors/postgres/migrate'
import { log } from '../../src/log'
import { cases } from './cases'
import { namesOf } from './names'

/** One worker of one case's topology, in a process of its own: `worker.ts CASE RUN`. */
async function main(): Promise<void> {
  const [id, run] = process.argv.slice(2) as [string, string]
  const found = cases.find(each => each.id === id)
  if (found === undefined) throw new Error(`there is no case ${id}`)
  const config = readConfig()
  const topology = found.topology(namesOf(run))
  const tables = postgresTargetsOf(topology)
  if (tables.length > 0) await migrate(config.databaseUrl, tables)
  const app = await startApp(topology, { config, log, signal: new AbortController().signal })
  const end = () => void app.stop().finally(() => process.exit(0))
  process.on('SIGTERM', end)
  process.on('disconnect', () => process.exit(0))
  await app.worker.failed
}

main().catch((error: Error) => {
  process.stderr.write(`hostile worker: ${error.message}\n`)
  process.exit(1)
})
