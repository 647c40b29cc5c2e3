import { spawnSync } from 'node:child_process'

export interface Told {
  readonly status: number | null
  /** Both of its outputs. */
  readonly text: string
}

/** Runs Prometheus' own checker in a folder. */
export function promtool(args: readonly string[], { cwd, input }: { cwd?: string; input?: string } = {}): Told {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', cwd, input })
  return { status, text: `${stdout}${stderr}` }
}

/** Whether it is installed (Debian's package `prometheus`). Says loudly what isn't checked without it. */
export function hasPromtool(what: string): boolean {
  const isThere = spawnSync('promtool', ['--version']).status === 0
  if (!isThere) console.warn(`${what} NOT checked: promtool (Debian's package prometheus) is not here`)
  return isThere
}
