import { postgresTargetsOf } from '../../app/app'
import { readConfig } from '../../config'
import { migrate } from '../../connectors/postgres/migrate'
import { exitCode } from '../shared/exit-code'
import { defaultFile, topologyOf } from '../shared/load-topology'
import { tellError } from '../shared/own-command'
import { verb } from '../shared/verb'

async function migrateFiles(files: readonly string[]): Promise<string[]> {
  const topologies = await Promise.all(files.map(file => topologyOf(file)))
  return migrate(readConfig().databaseUrl, topologies.flatMap(postgresTargetsOf))
}

const upToDate = 'the database is up to date'

/** Brings the database of the configuration to what the topologies need; prints what it did and returns the exit code. */
export async function migrateCommand(argv: readonly string[]): Promise<number> {
  try {
    const said = await migrateFiles(argv.length > 0 ? argv : [defaultFile()])
    console.log(said.length > 0 ? said.join('\n') : upToDate)
    return 0
  } catch (error) {
    tellError(error)
    return exitCode(error)
  }
}

export default verb({
  arguments: [{ name: '[topology...]', about: `topologies (${defaultFile()})`, completes: 'topology' }],
  about:
    'Makes the tables of Postgres targets, adds columns that may be null, and makes the partitions of the next days.',
  examples: [
    ['migrate', 'the tables of the topology of this folder'],
    ['migrate topology/mine.ts', 'those of another topology'],
  ],
  async run({ args, out }) {
    const said = await migrateFiles(args.length > 0 ? args : [defaultFile()])
    out.things(
      said.map(what => ({ what })),
      ({ what }) => out.line(what),
    )
    if (said.length === 0) out.note(upToDate)
  },
})
