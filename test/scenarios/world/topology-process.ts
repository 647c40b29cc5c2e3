import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { patientMs, until } from '../kafka-stack'

const root = resolve(__dirname, '../../..')

/** One `npm run topology`, in a process of its own. */
export class TopologyProcess {
  /** What it logged, whole lines. */
  readonly lines: string[] = []
  /** Resolves when it has ended and all that it has logged is here. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  private readonly child: ChildProcess
  private hasEnded = false

  /** `program`: what is run in its place. */
  constructor(environment: NodeJS.ProcessEnv, args: readonly string[] = [], program = 'src/cli/programs/topology.ts') {
    this.child = spawn(process.execPath, ['bin/run.mjs', program, ...args], {
      cwd: root,
      env: { ...process.env, ...environment },
      // By the channel it hears of this process's end, and ends too.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const input of [this.child.stdout!, this.child.stderr!])
      createInterface({ input }).on('line', line => this.lines.push(line))
    this.exited = new Promise(resolve =>
      this.child.once('close', (code, signal) => {
        this.hasEnded = true
        resolve({ code, signal })
      }),
    )
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Where it serves its metrics, when it was told to. */
  get metricsUrl(): string {
    const found = /metrics: (http:\S+)\/metrics/.exec(this.lines.join('\n'))
    if (found === null) throw new Error('the topology serves no metrics: start it with METRICS_PORT')
    return found[1]!
  }

  /** The values of one metric, with their tasks. */
  async metric(name: string): Promise<(readonly [task: string, value: number])[]> {
    const lines = (await (await fetch(`${this.metricsUrl}/metrics`)).text()).split('\n')
    return lines.flatMap(line => {
      const [, task, value] = new RegExp(`^${name}{task="([^"]+)".*} (\\S+)$`).exec(line) ?? []
      return task === undefined ? [] : [[task, Number(value)] as const]
    })
  }

  get running(): boolean {
    return !this.hasEnded
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Resolves when it processes its tasks for the `nth` time: once a generation. */
  async working(nth = 1, limitMs = patientMs): Promise<void> {
    await this.logged(/restored \d+ records/, nth, limitMs)
  }

  /** Resolves when it has logged something that matches, `nth` times. */
  async logged(pattern: RegExp, nth = 1, limitMs = patientMs): Promise<void> {
    await until(
      () => {
        if (this.lines.filter(line => pattern.test(line)).length >= nth) return true
        if (!this.running)
          throw new Error(`the topology has ended without logging ${pattern}:\n${this.lines.join('\n')}`)
        return false
      },
      () => `the topology to log ${pattern}; it has logged\n${this.lines.join('\n')}\n`,
      limitMs,
    )
  }

  /** SIGTERM; resolves with how it ended. */
  stop(): TopologyProcess['exited'] {
    this.kill('SIGTERM')
    return this.exited
  }
}
