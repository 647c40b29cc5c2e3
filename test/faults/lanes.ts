import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { FromLane, Order } from './lane'
import { type Cut, cutShort, type Outcome } from './outcome'

const root = join(__dirname, '../..')

/** MB of the youngest objects before they are looked through: worlds come and go, and with Node's 16 that takes 11 % of the time. */
const execArgv = ['--max-semi-space-size=64']

/** By the real clock: a seed takes a second or two; one in which everything stands still, a minute. */
const MOST_SEED_MS = 120_000

interface Waiting {
  readonly order: Order
  resolve(outcome: Outcome): void
}

interface Lane {
  readonly child: ChildProcess
  /** Whether its process has everything that a seed needs. */
  isLoaded: boolean
  /** The seed that it runs, and what ends that when it takes too long. */
  running: (Waiting & { readonly timer: NodeJS.Timeout }) | undefined
}

interface LanesOptions {
  /** What is planted into the engine in these lanes. */
  readonly env?: Readonly<Record<string, string>>
  /** Of the module that a process runs; absolute. */
  readonly entry?: string
  /** How long a seed may take by the real clock, loading its process included, ms. */
  readonly mostSeedMs?: number
}

/** Processes that run seeds, each one seed at a time. One that ends, crashes or takes too long fails its seed, and another takes its place. */
export class Lanes {
  private readonly all = new Set<Lane>()
  private readonly waiting: Waiting[] = []
  /** Why no process could ever load; what waits has no need to try. */
  private unloadable: string | undefined
  private hasLoaded = false

  constructor(
    private readonly count: number,
    private readonly options: LanesOptions = {},
  ) {}

  /** Never rejects: what goes wrong is a violation of the seed's. */
  run(order: Order): Promise<Outcome> {
    return new Promise(resolve => {
      this.waiting.push({ order, resolve })
      this.next()
    })
  }

  close(): void {
    this.waiting.length = 0
    for (const lane of this.all) this.drop(lane)
  }

  private next(): void {
    const { unloadable } = this
    if (unloadable !== undefined)
      for (const { order, resolve } of this.waiting.splice(0))
        resolve(cutShort(order.seed, 'load', `it does not load: ${unloadable}`))
    while (this.waiting.length > 0) {
      const lane =
        [...this.all].find(({ running }) => running === undefined) ??
        (this.all.size < this.count ? this.add() : undefined)
      if (lane === undefined) return
      const next = this.waiting.shift()
      if (next !== undefined) this.start(lane, next)
    }
  }

  private add(): Lane {
    const { env, entry = join(__dirname, 'lane.ts') } = this.options
    const child = fork(join(root, 'bin/run.mjs'), [entry], {
      ...{ env: { ...process.env, LOG_LEVEL: 'fatal', ...env }, cwd: root, execArgv },
    })
    const lane: Lane = { child, isLoaded: false, running: undefined }
    this.all.add(lane)
    child.on('message', (message: FromLane) => this.hear(lane, message))
    child.on('error', error => this.fail(lane, 'exit', `its process failed: ${error.message}`))
    child.on('exit', (code, signal) => this.fail(lane, 'exit', `it ended its process (${signal ?? code})`))
    return lane
  }

  private start(lane: Lane, next: Waiting): void {
    const ms = this.options.mostSeedMs ?? MOST_SEED_MS
    const timer = setTimeout(() => this.fail(lane, 'late', `it took longer than ${ms / 1000} s`), ms)
    lane.running = { ...next, timer }
    // Where it can't be sent the process is about to end, which is heard of by itself.
    lane.child.send(next.order, () => {})
  }

  private hear(lane: Lane, message: FromLane): void {
    // What a process says once it was given up.
    if (!this.all.has(lane)) return
    if (message === 'loaded') {
      lane.isLoaded = true
      this.hasLoaded = true
    } else if ('crashed' in message) this.fail(lane, 'crash', `it crashed: ${message.crashed}`)
    else {
      const { running } = lane
      lane.running = undefined
      clearTimeout(running?.timer)
      // What a world that has thrown leaves behind is not the next seed's.
      if (message.cut !== undefined) this.drop(lane)
      running?.resolve(message)
      this.next()
    }
  }

  private fail(lane: Lane, cut: Cut, why: string): void {
    if (!this.all.has(lane)) return
    const { running, isLoaded } = lane
    this.drop(lane)
    if (running !== undefined) {
      const { seed } = running.order
      running.resolve(isLoaded ? cutShort(seed, cut, why) : cutShort(seed, 'load', `it does not load: ${why}`))
    }
    if (!isLoaded && !this.hasLoaded) this.unloadable = why
    this.next()
  }

  private drop(lane: Lane): void {
    this.all.delete(lane)
    clearTimeout(lane.running?.timer)
    // One that is busy in a loop hears nothing else.
    lane.child.kill('SIGKILL')
  }
}
