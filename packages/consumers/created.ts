import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { templates } from '../../src/create/templates'
import { command, type Place } from './command'

/** Projects that `npm create weir` makes, by the names that they are checked under. */
export const created: ReadonlyMap<string, string> = new Map(
  Object.keys(templates).map(template => [`create-${template}`, template]),
)

export interface CreatedOptions {
  readonly template: string
  /** Where it is made. */
  readonly folder: string
  /** Tarballs by package name, all in one folder. */
  readonly tarballs: Readonly<Record<string, string>>
  readonly environment: NodeJS.ProcessEnv
}

/** Makes a project, compiles it, and runs its own test. Rejects with an Error that shows what failed. */
export async function checkCreated({ template, folder, tarballs, environment }: CreatedOptions): Promise<void> {
  const { 'create-weir': tarball = '' } = tarballs
  mkdirSync(folder)
  const line = ['app', '--template', template, '--packages', dirname(tarball)]
  await command('npm', ['exec', '--yes', `--package=${tarball}`, '--', 'create-weir', ...line], {
    ...{ cwd: folder, env: environment },
  })
  const place: Place = { cwd: join(folder, 'app'), env: environment }
  for (const script of ['typecheck', 'test']) await command('npm', ['run', script], place)
  await command('npx', ['weir', 'schemas', 'types', 'schemas', '--check'], place)
}
