import { Session } from '../dev/session'
import { exitCode } from '../shared/exit-code'
import { defaultFile } from '../shared/load-topology'
import { onInterrupt } from '../shared/on-interrupt'
import { ownCommand, tellError } from '../shared/own-command'
import { whole } from '../shared/parse'

interface Options {
  readonly feed?: string
  readonly partitions: number
  readonly acceptNewState?: boolean
  readonly light?: boolean
  readonly dashboard: boolean
}

async function run(file: string, options: Options): Promise<void> {
  const session = new Session({ file, ...options, out: process.stdout })
  onInterrupt(
    () => session.stop(),
    () => process.exit(1),
  )
  await session.run()
}

ownCommand('weir dev')
  .description(
    'Runs a topology while you write it, on local services with the topics, schemas and tables that it needs. What it writes to topics is ' +
      'shown, and it starts anew when a file is saved. Services that the environment or .env names are used as they are.',
  )
  .argument('[file]', 'the topology', defaultFile())
  .option(
    '--feed <file>',
    'a module whose default export is an async generator of { topic, key, value }: data to try it with',
  )
  .option('--partitions <n>', 'of source topics that are made', whole('partitions', 1), 4)
  .option('--light', 'Kafka and the registry on Node alone; so it is where this machine has no Java')
  .option('--accept-new-state', "begin stores anew whose former state doesn't fit an edit")
  .option('--no-dashboard', 'serve no page')
  .action(run)
  .parseAsync()
  .then(() => process.exit())
  .catch((error: unknown) => {
    tellError(error)
    process.exit(exitCode(error))
  })
