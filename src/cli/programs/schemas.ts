import { subjects } from '../../../schemas/subjects'
import { writeTypes } from '../../codecs/schema-files'
import { ConfluentRegistry } from '../../codecs/schema-registry'
import { readConfig } from '../../config'
import { ConfigError, StreamError } from '../../errors'
import { type CheckedSchema, checkSchemas, registerSchemas } from '../../ops/schemas'
import { ownCommand, tellError } from '../shared/own-command'

interface Options {
  readonly check?: boolean
  readonly types?: boolean
  readonly url?: string
}

function line({ subject, state, id, faults }: CheckedSchema): string {
  const detail = state === 'same' ? `id ${id}` : faults.join('; ')
  return `${subject.padEnd(24)} ${state.padEnd(12)} ${detail}`.trimEnd()
}

async function check(registry: ConfluentRegistry): Promise<void> {
  const checked = await checkSchemas(registry, subjects)
  for (const each of checked) console.log(line(each))
  if (checked.every(({ state }) => state !== 'incompatible')) return
  console.error('weir: what was written with the latest schemas could not be read; give new fields a default.')
  process.exitCode = 1
}

async function register(registry: ConfluentRegistry): Promise<void> {
  for (const { subject, id, added } of await registerSchemas(registry, subjects)) {
    console.log(`${subject.padEnd(24)} ${added ? 'registered' : 'unchanged'}   id ${id}`)
  }
}

async function run(options: Options): Promise<void> {
  if (options.types) return console.log(`wrote ${writeTypes()}`)
  const url = options.url ?? readConfig().registryUrl
  const registry = new ConfluentRegistry({ url })
  await (options.check ? check(registry) : register(registry))
}

function fail(error: unknown): void {
  if (error instanceof StreamError) tellError(error)
  else console.error(error)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}

ownCommand('schemas')
  .description("register the project's schemas with the registry, backward compatible")
  .option('--check', 'compare without writing; exit 1 on an incompatible change')
  .option('--types', 'write schemas/types.ts from the .avsc files instead')
  .option('--url <url>', 'the registry (SCHEMA_REGISTRY_URL, else the local stack)')
  .action(run)
  .parseAsync()
  .catch(fail)
