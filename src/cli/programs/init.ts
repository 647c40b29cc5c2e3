import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { NotFoundError } from '../../ops/errors'
import { version } from '../../version'
import { exitCode } from '../shared/exit-code'
import { tellError } from '../shared/own-command'
import { projectCreator } from '../shared/own-packages'

/** `weir init [--template NAME]`: what `npm create weir .` does, which is fetched where it isn't installed. */
function init(line: readonly string[]): number {
  const creator = projectCreator()
  if (creator !== undefined) return creator.create(line, text => process.stdout.write(text))
  const args = ['exec', '--yes', `--package=${creatorFor(line)}`, '--', 'create-weir', ...line]
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', stdio: ['inherit', 'inherit', 'pipe'] })
  if (status !== 0 && /\b404\b.*\bcreate-weir\b/.test(stderr ?? ''))
    throw new NotFoundError(
      `npm has no create-weir ${version}, since weir's packages aren't published: name the folder that holds them as tarballs, which \`npm run pack\` makes in a clone: weir init --packages FOLDER`,
    )
  process.stderr.write(stderr ?? '')
  return status ?? 1
}

/** As npm is to fetch it: with `--packages FOLDER` from there. Throws NotFoundError. */
function creatorFor(line: readonly string[]): string {
  const at = line.findIndex(word => /^--packages(=|$)/.test(word))
  const folder = at < 0 ? undefined : (/=(.*)$/.exec(line[at] ?? '')?.[1] ?? line[at + 1])
  if (folder === undefined) return `create-weir@${version}`
  const tarball = resolve(folder, `create-weir-${version}.tgz`)
  if (existsSync(tarball)) return tarball
  throw new NotFoundError(
    `${folder} has no create-weir-${version}.tgz, which \`npm run pack\` makes in .weir/packages of a clone: nothing was written`,
  )
}

try {
  process.exitCode = init(['.', ...process.argv.slice(2)])
} catch (error) {
  tellError(error)
  // The package that creates projects has errors of its own.
  process.exitCode = { ConfigError: 2, NotFoundError: 3 }[Object(error).name as string] ?? exitCode(error)
}
