import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { templates } from '../../src/create/templates'
import { command, type Place } from './command'

/** What somebody's project consists of before weir comes to it: its own code goes on running. */
type Former = Readonly<Record<string, string>>

/** Without a `type`, so that its modules are CommonJS. */
const commonJs: Former = {
  'package.json': JSON.stringify({ name: 'shop', private: true, scripts: { own: 'node own.js' } }),
  'own.js': "module.exports = require('node:path').sep\n",
}

export interface Created {
  readonly template: string
  readonly former?: Former
}

/** Projects that `npm create weir` makes, or adds to, by the names that they are checked under. */
export const created: ReadonlyMap<string, Created> = new Map<string, Created>([
  ...Object.keys(templates).map((template): [string, Created] => [`create-${template}`, { template }]),
  ['added-rides', { template: 'rides', former: commonJs }],
])

export interface CreatedOptions extends Created {
  /** Where it is made. */
  readonly folder: string
  /** Tarballs by package name, all in one folder. */
  readonly tarballs: Readonly<Record<string, string>>
  readonly environment: NodeJS.ProcessEnv
}

/** Makes a project, compiles it, and runs its own test. Rejects with an Error that shows what failed. */
export async function checkCreated(options: CreatedOptions): Promise<void> {
  const { template, former = {}, folder, tarballs, environment } = options
  const { 'create-weir': tarball = '' } = tarballs
  mkdirSync(join(folder, 'app'), { recursive: true })
  for (const [file, text] of Object.entries(former)) writeFileSync(join(folder, 'app', file), text)
  const line = ['app', '--template', template, '--packages', dirname(tarball)]
  await command('npm', ['exec', '--yes', `--package=${tarball}`, '--', 'create-weir', ...line], {
    ...{ cwd: folder, env: environment },
  })
  const place: Place = { cwd: join(folder, 'app'), env: environment }
  const scripts = 'package.json' in former ? ['typecheck', 'test', 'own'] : ['typecheck', 'test']
  for (const script of scripts) await command('npm', ['run', script], place)
  await command('npx', ['weir', 'schemas', 'types', 'schemas', '--check'], place)
}
