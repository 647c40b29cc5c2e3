// Runs a TypeScript entry of this repository: `node bin/run.mjs src/sensors/programs/start.ts ...`. What is missing is installed first,
// so that every npm script is one command on a fresh clone.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(
    `weir needs Node 20.12 or newer, and this is ${process.versions.node}: install Node 20 and run the command again.`,
  )
  process.exit(1)
}

/** Installs exactly the lock file's packages when they are absent or another lock file's. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.weir-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write('weir: installing packages (npm install) ...\n')
  const done = spawnSync('npm', ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) {
    console.error('weir: npm install failed, see above; nothing was started.')
    process.exit(1)
  }
  // By another name first: a copy of the folder by hard links has a stamp of its own.
  writeFileSync(`${stamp}.new`, lock)
  renameSync(`${stamp}.new`, stamp)
}

install()
const [entry, ...args] = process.argv.slice(2)
const file = resolve(root, entry)
process.argv = [process.argv[0], file, ...args]
process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'
const require = createRequire(import.meta.url)
require('./typescript.cjs')
// Workers start while others wait for them.
if (entry === 'src/cli/programs/topology.ts') require('./code-cache.cjs').useCodeCache(entry)
require(file)
