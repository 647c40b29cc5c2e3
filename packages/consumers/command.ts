import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long a command may take, ms. */
const limitMs = 300_000

/** Where a program runs. */
export interface Place {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** A program that runs, and what it has said so far. */
export function spawned(
  program: string,
  args: readonly string[],
  place: Place,
): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(program, args, place)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
  return { child, said: () => said }
}

/** Runs a program to its end. @returns what it said. Rejects with an Error that shows it, unless its exit code is 0. */
export async function command(program: string, args: readonly string[], place: Place, input = ''): Promise<string> {
  const { child, said } = spawned(program, args, place)
  child.stdin?.end(input)
  const late = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [code, signal] = await once(child, 'close')
  clearTimeout(late)
  if (code === 0) return said()
  throw new Error(`${[program, ...args].join(' ')}: ${signal ?? `exit code ${code}`}\n${said()}`)
}
