import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '../scenarios/kafka-stack'

const root = resolve(__dirname, '../..')

/** One `weir dashboard`, in a process of its own, on a free port. */
export class DashboardProcess {
  /** What it printed, whole lines. */
  readonly lines: string[] = []
  private readonly child: ChildProcess
  private readonly exited: Promise<unknown>

  constructor(environment: NodeJS.ProcessEnv, args: readonly string[] = []) {
    this.child = spawn(process.execPath, ['bin/weir.mjs', 'dashboard', '--port', '0', ...args], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const input of [this.child.stdout, this.child.stderr])
      if (input !== null) createInterface({ input }).on('line', line => this.lines.push(line))
    this.exited = new Promise(resolve => this.child.once('close', resolve))
  }

  get pid(): number {
    return this.child.pid ?? -1
  }

  /** How long its threads have had the processor, ms. */
  get processorMs(): number {
    // Its name in brackets may hold spaces. Ticks are hundredths of a second wherever Linux runs today.
    const [, rest = ''] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')
    const [user = 0, system = 0] = rest.split(' ').slice(11, 13).map(Number)
    return (user + system) * 10
  }

  /** The page's address, once it is served. */
  url(): Promise<string> {
    return until(
      () => {
        const all = this.lines.join('\n')
        if (this.child.exitCode !== null) throw new Error(`the dashboard has ended:\n${all}`)
        // A line of its own: what is away is told with its address too.
        return /^http:\/\/127\.0\.0\.1:\d+/m.exec(all)?.[0]
      },
      () => `the dashboard's address; it has printed\n${this.lines.join('\n')}\n`,
      120_000,
    )
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    await this.exited
  }
}
