import { Folder } from '../world/folder'
import { takeFolder } from './take-folder'

export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Says why, and ends the process: what could not be kept is not answered. */
function end(error: unknown): never {
  say(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

/** Runs a light service `<port> <folder>` until the process is told to end, or its folder can't be written. */
export function run(start: (port: number, folder: Folder) => Promise<string>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
  const [, , port, path] = process.argv
  if (path === undefined) end(`give a port and a folder: ${process.argv[1]} 9092 DIR`)
  const main = async () => {
    takeFolder(path)
    const what = await start(Number(port), new Folder(path, end))
    say(`${what}: kept in ${path} and forced to no disk, in one copy`)
  }
  main().catch(end)
}
