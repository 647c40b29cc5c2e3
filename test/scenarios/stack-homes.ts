import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { resetStack } from '../../src/stack/stack'

export const root = resolve(__dirname, '../..')
const anyPorts = 'kafka=0,registry=0,postgres=0,mqtt=0,ws=0'
const homes: string[] = []

/** A folder for a stack of its own. */
export function newHome(): string {
  const home = join(mkdtempSync(join(tmpdir(), 'weir-stack-')), 'home')
  // Postgres runs as another user when root runs this: it must be able to enter.
  spawnSync('chmod', ['755', dirname(home)])
  homes.push(home)
  return home
}

/** Stops whatever still runs in these folders, and deletes them. */
export async function removeHomes(): Promise<void> {
  for (const home of homes) {
    await resetStack(home)
    rmSync(dirname(home), { recursive: true, force: true })
  }
}

/** Whether nothing listens there but on 127.0.0.1: other addresses of loopback are as good as any other of the machine. */
export const isPrivate = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.2')
    socket
      .on('error', () => resolve(true))
      .on('connect', () => {
        socket.destroy()
        resolve(false)
      })
  })

export const environment = (home: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  WEIR_HOME: home,
  WEIR_STACK_PORTS: anyPorts,
  ...extra,
})
export const command = (...args: string[]): string[] => [
  join(root, 'bin/run.mjs'),
  'src/cli/programs/stack.ts',
  ...args,
]
export const cli = (home: string, args: string[], extra?: NodeJS.ProcessEnv) =>
  spawnSync(process.execPath, command(...args), { cwd: root, encoding: 'utf8', env: environment(home, extra) })
