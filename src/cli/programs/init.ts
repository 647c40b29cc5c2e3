import { spawnSync } from 'node:child_process'
import { version } from '../../version'
import { exitCode } from '../shared/exit-code'
import { tellError } from '../shared/own-command'
import { projectCreator } from '../shared/own-packages'

/** `weir init [--template NAME]`: what `npm create weir .` does, which is fetched where it isn't installed. */
function init(line: readonly string[]): number {
  const creator = projectCreator()
  if (creator !== undefined) return creator.create(line, text => process.stdout.write(text))
  const args = ['exec', '--yes', `--package=create-weir@${version}`, '--', 'create-weir', ...line]
  return spawnSync('npm', args, { stdio: 'inherit' }).status ?? 1
}

try {
  process.exitCode = init(['.', ...process.argv.slice(2)])
} catch (error) {
  tellError(error)
  // The package that creates projects has errors of its own.
  process.exitCode = Object(error).name === 'ConfigError' ? 2 : exitCode(error)
}
