import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

const root = resolve(__dirname, '../..')

export type Parser = (
  file: string,
  environment?: NodeJS.ProcessEnv,
) => { status: number | null; stdout: string; stderr: string }
const runs = (command: string, args: string[]): boolean => spawnSync(command, args).status === 0

/** Compose's own parsers, the first that is installed; compose-go is the library that Docker Compose is made of. */
export function findParser(): Parser | undefined {
  const run =
    (command: string, args: string[], cwd = root): Parser =>
    (file, environment = {}) =>
      spawnSync(
        command,
        args.map(arg => (arg === 'FILE' ? file : arg)),
        { cwd, encoding: 'utf8', env: { ...process.env, ...environment } },
      )
  if (runs('docker', ['compose', 'version'])) return run('docker', ['compose', '-f', 'FILE', 'config'])
  if (runs('docker-compose', ['version'])) return run('docker-compose', ['-f', 'FILE', 'config'])
  if (runs('go', ['version'])) return run('go', ['run', '.', 'FILE'], join(__dirname, 'compose'))
  return undefined
}
