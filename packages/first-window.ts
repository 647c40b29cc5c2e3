import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { version } from '../src/version'
import { build, out } from './build'
import { tarball } from './tarball'

/** How long it may take from the first command to the first closed window, ms; cold: nothing of it has ever been downloaded. */
const limits = { warm: 90_000, cold: 240_000 }
/** How long the end may take after a Ctrl-C, ms. */
const endMs = 30_000

/** What `npm run dev` prints of the first window that a template closes. */
const windows: Readonly<Record<string, RegExp>> = {
  sensors: /^\S+ {2}rollups {2}.*"count":/,
  rides: /^\S+ {2}cities {2}.*"rides":/,
  clicks: /^\S+ {2}visits {2}.*"clicks":/,
}

interface Choice {
  readonly template: string
  readonly cold: boolean
  readonly light: boolean
}

function chosen(): Choice {
  const { values } = parseArgs({
    options: {
      template: { type: 'string', default: 'sensors' },
      cold: { type: 'boolean' },
      light: { type: 'boolean' },
    },
  })
  const { template, cold = false, light = false } = values
  if (!Object.hasOwn(windows, template))
    throw new Error(`--template ${template}: give one of ${Object.keys(windows).join(', ')}`)
  return { template, cold, light }
}

/** What a person's shell has: nothing of the npm that runs this, any free ports, and with `cold` no downloads of before. */
function environment(scratch: string, cold: boolean): NodeJS.ProcessEnv {
  const known = Object.entries(process.env).filter(([name]) => !/^npm_|^(INIT_CWD|WEIR_HOME|NO_COLOR)$/.test(name))
  return {
    ...Object.fromEntries(known),
    WEIR_STACK_PORTS: 'kafka=0,registry=0,postgres=0,mqtt=0,ws=0',
    ...(cold && { npm_config_cache: join(scratch, 'npm'), WEIR_CACHE: join(scratch, 'cache') }),
  }
}

/**
 * Types the three commands into a shell. @returns how long the first closed window took, ms
 *
 * Rejects where none came within the limit, or the end took too long.
 */
async function firstWindow(scratch: string, { template, cold, light }: Choice): Promise<number> {
  const limitMs = cold ? limits.cold : limits.warm
  const folder = join(scratch, 'work')
  mkdirSync(folder)
  const create = `npm exec --yes --package=${join(out, `create-weir-${version}.tgz`)} -- create-weir my-app --template ${template} --packages ${out}`
  const commands = [create, 'cd my-app', `npm run dev${light ? ' -- --light' : ''}`]
  const shell = spawn('sh', { cwd: folder, env: environment(scratch, cold), detached: true })
  const ended = once(shell, 'close')
  const startedMs = performance.now()
  const seen = new Promise<number>(found => {
    for (const input of [shell.stdout, shell.stderr])
      createInterface({ input }).on('line', line => {
        console.log(`  ${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)}  ${line}`)
        if (windows[template]?.test(line)) found(performance.now() - startedMs)
      })
  })
  for (const command of commands) console.log(`$ ${command.replaceAll(`${out}/`, '').replaceAll(out, '.')}`)
  shell.stdin.end(`${commands.join(' && \\\n')}\n`)
  try {
    const tookMs = await Promise.race([
      seen,
      sleep(limitMs).then(() => Promise.reject(new Error(`no window closed within ${limitMs / 1000} s`))),
      ended.then(([code]) => Promise.reject(new Error(`the commands ended with exit code ${code}`))),
    ])
    process.kill(-(shell.pid ?? 0), 'SIGINT')
    const late = sleep(endMs).then(() => Promise.reject(new Error(`it still ran ${endMs / 1000} s after Ctrl-C`)))
    await Promise.race([ended, late])
    return tookMs
  } finally {
    if (shell.exitCode === null && shell.signalCode === null) process.kill(-(shell.pid ?? 0), 'SIGKILL')
  }
}

/**
 * `npm run first-window [-- --template NAME] [--light] [--cold]`: packs weir, types the three commands of the README into a shell, and times
 * them until the first closed window is on the screen. Exit code 1 where it takes longer than 90 s, with `--cold` (nothing in any cache) 4 min.
 */
async function main(): Promise<void> {
  const choice = chosen()
  for (const folder of await build()) await tarball(folder)
  const scratch = mkdtempSync(join(tmpdir(), 'weir-first-window-'))
  // Postgres runs as another user when root runs this: it must be able to enter.
  chmodSync(scratch, 0o755)
  try {
    const tookMs = await firstWindow(scratch, choice)
    console.log(`first-window: ${choice.template}, ${choice.cold ? 'cold' : 'warm'}: ${(tookMs / 1000).toFixed(1)} s`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

main().then(
  () => process.exit(),
  (error: Error) => {
    console.error(`first-window: ${error.message}`)
    process.exit(1)
  },
)
