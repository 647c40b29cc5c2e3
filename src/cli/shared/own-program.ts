import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { resolve } from 'node:path'

/** A checkout starts TypeScript by its loader. */
const isCheckout = __filename.endsWith('.ts')

/** Starts a program of `cli/programs` in another process. */
export function forkProgram(name: string, args: readonly string[], options: ForkOptions = {}): ChildProcess {
  if (!isCheckout) return fork(resolve(__dirname, `../programs/${name}.js`), args, options)
  return fork(resolve(__dirname, '../../../bin/run.mjs'), [`src/cli/programs/${name}.ts`, ...args], options)
}
