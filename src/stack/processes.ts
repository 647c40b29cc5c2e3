import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StackError } from './stack-error'

/** A process, told from a later one with the same pid by the time it started at. */
export interface ProcessId {
  readonly pid: number
  readonly born: string
}

/** How to run a program. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
  /** Asks the program to end; SIGTERM unless said otherwise. */
  readonly stopSignal?: NodeJS.Signals
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that dies with this process, whatever ends it, until it is released. */
export interface Kept {
  readonly id: ProcessId
  /** Settles when the program ends, or when it is released. */
  readonly exited: Promise<Exit>
  /** Lets the program run on without this process. */
  release(): Promise<void>
  /** This process may end while the program runs, which then ends too. */
  unref(): void
  /** This process waits again for the program to end. */
  ref(): void
}

const graceMs = 15_000

/** A value that was read from a file, where it is a process's identity. */
export function asProcessId(value: unknown): ProcessId | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value && 'born' in value)) return undefined
  const { pid, born } = value
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1 || typeof born !== 'string') return undefined
  return { pid, born }
}

function bornLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field, the program's name in parentheses, may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
}

function bornElsewhere(pid: number): string | undefined {
  const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  return line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
}

/** The process with this pid, or undefined when there is none, or only its remains. */
export function identify(pid: number): ProcessId | undefined {
  try {
    const born = process.platform === 'linux' ? bornLinux(pid) : bornElsewhere(pid)
    return born ? { pid, born } : undefined
  } catch {
    return undefined
  }
}

/** The command line of a process, or an empty text. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

export const isAlive = (id: ProcessId): boolean => identify(id.pid)?.born === id.born

/** Sends a signal to exactly this process; nothing happens when it is gone. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(id)) return
  try {
    process.kill(id.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function waitGone(id: ProcessId, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs
  while (isAlive(id)) {
    if (Date.now() > end) return false
    await sleep(25)
  }
  return true
}

/** Asks a process to end and waits; after 15 s it is killed. */
export async function terminate(id: ProcessId, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  signalProcess(id, signal)
  if (await waitGone(id, graceMs)) return
  signalProcess(id, 'SIGKILL')
  if (!(await waitGone(id, graceMs))) throw new StackError(`process ${id.pid} does not end, not even by SIGKILL`)
}

type Report = { pid: number } | { error: string } | Exit

/**
 * Starts a program below a keeper: a small process that holds a channel to this one and ends the program when the channel
 * closes. The keeper has a session of its own, so a terminal's Ctrl-C reaches neither it nor the program.
 * @param output file descriptor for what the program prints
 * @throws StackError when the program can't be run
 */
export function keep(
  launch: Launch,
  output: number | 'ignore' | 'pipe',
): Promise<Kept & { readonly keeper: ChildProcess }> {
  const { env, ...rest } = launch
  const keeper = fork(join(__dirname, 'keeper.mjs'), [JSON.stringify({ ...rest, graceMs })], {
    detached: true,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', output, output, 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let exit: Exit | undefined
    let settle: (exit: Exit) => void = () => {}
    const exited = new Promise<Exit>(done => {
      settle = done
    })
    const gone = new Promise<void>(done => keeper.once('exit', () => done()))
    keeper.on('error', error => reject(new StackError(`${launch.command} can't be run: ${error.message}`)))
    keeper.on('message', (report: Report) => {
      if ('error' in report) reject(new StackError(`${launch.command} can't be run: ${report.error}`))
      else if ('pid' in report) {
        // A program that ended at once has no birth to compare with: an empty one equals nothing.
        const id = identify(report.pid) ?? { pid: report.pid, born: '' }
        const release = async (): Promise<void> => {
          if (keeper.connected) keeper.send('release')
          await gone
        }
        const unref = (): void => {
          keeper.unref()
          keeper.channel?.unref()
        }
        const ref = (): void => {
          keeper.ref()
          keeper.channel?.ref()
        }
        resolve({ id, exited, release, unref, ref, keeper })
      } else exit = report
    })
    keeper.once('exit', code => {
      settle(exit ?? { code, signal: null })
      reject(new StackError(`${launch.command} can't be run: its keeper ended with code ${code}`))
    })
  })
}

/**
 * Runs a program to its end.
 * @param onLine called with every line it prints, and every rewritten one (`\r`)
 * @throws StackError with the last lines when it fails, StartAborted's cause when the signal ends it
 */
export async function runToEnd(launch: Launch, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  signal.throwIfAborted()
  const kept = await keep(launch, 'pipe')
  const last: string[] = []
  const take = (line: string): void => {
    if (line.trim() === '') return
    last.push(line)
    if (last.length > 8) last.shift()
    onLine(line)
  }
  for (const stream of [kept.keeper.stdout, kept.keeper.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split(/[\r\n]+/)
      rest = lines.pop() ?? ''
      lines.forEach(take)
    })
  }
  const onAbort = (): void => signalProcess(kept.id, launch.stopSignal ?? 'SIGTERM')
  signal.addEventListener('abort', onAbort, { once: true })
  // The interruption may have come while the program was being started.
  if (signal.aborted) onAbort()
  try {
    const { code, signal: killedBy } = await kept.exited
    signal.throwIfAborted()
    if (code === 0) return
    const how = killedBy === null ? `code ${code}` : killedBy
    throw new StackError(`${launch.command} failed with ${how}:\n  ${last.join('\n  ')}`)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
