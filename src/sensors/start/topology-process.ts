import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EndTally } from '../../vitals/format'

const root = resolve(__dirname, '../../..')
/** The topology drains and commits within 5 s; then it is killed. */
const stopLimitMs = 10_000
const restartMs = 1000
/** A process that ended sooner than this had no good start. */
const goodStartMs = 15_000
const mostBadStarts = 3
const warnLevel = 40

export interface TopologyProcessOptions {
  readonly file: string
  readonly environment: NodeJS.ProcessEnv
  /** Stores whose former state doesn't fit an edited topology begin anew. */
  readonly acceptNewState?: boolean
  /** What it says goes there. */
  readonly logFile: string
  /** Warnings of its own, and what befalls it. */
  readonly onWarning: (line: string) => void
  /** What it tells of itself, each time all of it; nothing once it has ended. */
  readonly onTold: (told: Told) => void
}

/** What the process tells. */
export interface Told {
  readonly running?: boolean
  /** How far a long restore has come. */
  readonly restoring?: string
  readonly ends?: readonly EndTally[]
}

/** The topology in a process group of its own, so that a terminal's Ctrl-C is this one's to handle. Started again when it is killed. */
export class TopologyProcess {
  /** How often it had to be started again. */
  restarts = 0
  /** Warnings so far: something failed on the way. */
  warnings = 0
  /** Rejects when it can't be kept running. */
  readonly failed: Promise<never>
  /** Resolves when records are being processed. */
  readonly running: Promise<void>
  private readonly log: WriteStream
  private child: ChildProcess | undefined
  private ended: Promise<void> = Promise.resolve()
  private stopping = false
  private badStarts = 0
  private lastLine = ''
  private fail: (error: Error) => void = () => {}
  private onRunning: () => void = () => {}

  constructor(private readonly options: TopologyProcessOptions) {
    this.failed = new Promise((_, reject) => {
      this.fail = reject
    })
    this.failed.catch(() => undefined)
    this.running = new Promise(resolve => {
      this.onRunning = resolve
    })
    mkdirSync(dirname(options.logFile), { recursive: true })
    this.log = createWriteStream(options.logFile, { flags: 'w' })
    this.start()
  }

  /** Drains, commits, leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true
    this.child?.kill('SIGTERM')
    const late = setTimeout(() => this.child?.kill('SIGKILL'), stopLimitMs)
    await this.ended
    clearTimeout(late)
    this.log.end()
  }

  private start(): void {
    const { file, environment, acceptNewState = false } = this.options
    const args = ['src/cli/programs/topology.ts', file, ...(acceptNewState ? ['--accept-new-state'] : [])]
    const child = fork(resolve(root, 'bin/run.mjs'), args, {
      cwd: root,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.child = child
    child.on('message', (told: Told) => {
      this.options.onTold(told)
      if (told.running) this.onRunning()
    })
    const started = performance.now()
    for (const input of [child.stdout, child.stderr])
      if (input !== null) createInterface({ input }).on('line', line => this.line(line))
    this.ended = new Promise(resolve => {
      child.once('error', error => this.fail(new Error(`the topology can't be started: ${error.message}`)))
      child.once('close', (code, signal) => {
        resolve()
        this.options.onTold({})
        if (!this.stopping) void this.again(code, signal, performance.now() - started)
      })
    })
  }

  private async again(code: number | null, signal: NodeJS.Signals | null, livedMs: number): Promise<void> {
    const how = signal ?? `exit code ${code}`
    this.badStarts = livedMs < goodStartMs ? this.badStarts + 1 : 0
    // Code 2 is the author's or the configuration's fault: another try would end alike.
    if (code === 2 || (signal === null && this.badStarts >= mostBadStarts)) {
      return this.fail(new Error(`the topology ended (${how}): ${this.lastLine}; see ${this.options.logFile}`))
    }
    this.options.onWarning(`the topology ended (${how}), starting it again`)
    this.restarts++
    await sleep(restartMs)
    if (!this.stopping) this.start()
  }

  private line(line: string): void {
    this.log.write(`${line}\n`)
    this.lastLine = line
    try {
      const { level, msg } = JSON.parse(line) as { level: number; msg: string }
      this.lastLine = msg
      if (level < warnLevel) return
      this.warnings++
      this.options.onWarning(`topology: ${msg}`)
    } catch {
      this.options.onWarning(line)
    }
  }
}
